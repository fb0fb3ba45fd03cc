use super::*;
use crate::model::{ModelAlias, dispatch::PriceFile};

fn shipped() -> CatalogueFile {
    CatalogueFile::shipped().unwrap()
}

fn at(day: &str) -> Timestamp {
    format!("{day}T12:00:00Z").parse().unwrap()
}

fn targets(wanted: &str, day: &str) -> Vec<String> {
    shipped().targets(&Wanted::of(wanted), at(day)).iter().map(ToString::to_string).collect()
}

#[test]
fn an_alias_stands_for_its_family_first_and_then_for_the_documented_order() {
    let of = |alias: &str| targets(alias, "2026-11-26");
    assert_eq!(of("fast")[0], "vertex:gemini-3.8-flash");
    assert_eq!(of("standard")[..2], ["vertex:gemini-4-argon", "vertex:gemini-3.1-pro-preview"]);
    assert_eq!(of("heavy")[0], "vertex:claude-sonnet-5-5");
    for alias in ModelAlias::ALL {
        let own = of(alias.name());
        let place = |provider: &str| own.iter().position(|target| target.starts_with(provider)).unwrap();
        assert!(place("openai:") < place("anthropic:") && place("anthropic:") < place("mistral:"), "{own:?}");
        assert!(place("vertex:") < place("openai:"), "{own:?}");
    }
}

#[test]
fn a_model_is_asked_of_whoever_serves_it() {
    assert_eq!(
        targets("gemini-3.8-flash", "2026-11-26"),
        ["vertex:gemini-3.8-flash", "gemini:gemini-3.8-flash"]
    );
    assert_eq!(
        targets("claude-sonnet-5-5", "2026-11-26"),
        ["vertex:claude-sonnet-5-5", "anthropic:claude-sonnet-5-5"]
    );
    assert!(targets("gpt-9", "2026-11-26").is_empty());
}

#[test]
fn a_retired_model_is_none_any_more() {
    assert_eq!(targets("gemini-3.5-flash", "2027-05-18").len(), 2);
    assert!(targets("gemini-3.5-flash", "2027-05-19").is_empty());
}

#[test]
fn every_model_of_the_shipped_catalogue_has_a_price_and_every_price_a_model() {
    let (catalogue, prices) = (shipped(), PriceFile::shipped().unwrap());
    for day in ["2026-11-26", "2026-12-02", "2027-01-02"] {
        for model in catalogue.all(at(day)) {
            let price =
                prices.find(&model.id, at(day)).unwrap_or_else(|| panic!("{} costs nothing", model.id));
            assert_eq!(price.rates.output.is_some(), model.kind == ModelKind::Chat, "{}", model.id);
        }
        for price in prices.rows() {
            assert!(catalogue.find(&price.model, at(day)).is_some(), "{} is no model", price.model);
        }
    }
}

#[test]
fn a_catalogue_with_a_mistake_is_refused_whole() {
    let aliases = "[alias]\nfast = [\"openai:m\"]\nstandard = [\"openai:m\"]\nheavy = [\"openai:m\"]\n";
    let model = "[[model]]\nid = \"m\"\npublisher = \"other\"\nkind = \"chat\"\nserved_as = { openai = \"m\" }\n\
        input_tokens = 10\noutput_tokens = 10\nusual_output_tokens = 5\n";
    let parse = |text: &str| CatalogueFile::parse(text);
    assert!(parse(&format!("{model}{aliases}")).is_ok());
    let twice = format!("{model}{model}{aliases}");
    assert_eq!(parse(&twice), Err(CatalogueFileError::Twice("m".to_owned())));
    let long = format!("{}{aliases}", model.replace("usual_output_tokens = 5", "usual_output_tokens = 11"));
    assert_eq!(parse(&long), Err(CatalogueFileError::Limits("m".to_owned())));
    let nowhere = format!("{}{aliases}", model.replace("{ openai = \"m\" }", "{}"));
    assert_eq!(parse(&nowhere), Err(CatalogueFileError::Limits("m".to_owned())));
    for (old, new) in [("\"openai:m\"", ""), ("openai:m", "openai:n"), ("openai:m", "mistral:m")] {
        let unserved = format!("{model}{}", aliases.replacen(old, new, 1));
        assert!(matches!(parse(&unserved), Err(CatalogueFileError::Alias { alias: "fast", .. })), "{new}");
    }
    for (old, new) in [("openai:m", "m"), ("openai:m", "acme:m"), ("heavy", "heaviest")] {
        let text = format!("{model}{}", aliases.replacen(old, new, 1));
        assert!(matches!(parse(&text), Err(CatalogueFileError::Form(_))), "{new}");
    }
}
