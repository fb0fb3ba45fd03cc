use super::*;
use crate::model::dispatch::Usage;
use kernel::PicoUsd;
use proptest::prelude::*;

fn shipped() -> PriceFile {
    PriceFile::shipped().unwrap()
}

fn at(day: &str) -> Timestamp {
    format!("{day}T12:00:00Z").parse().unwrap()
}

fn cost(model: &str, day: &str, usage: Usage, terms: Terms) -> i64 {
    shipped().find(model, at(day)).unwrap().cost(&usage, terms).unwrap().pico()
}

const LIST: Terms = Terms { tier: ServiceTier::Standard, is_regional: false };
const REGIONAL: Terms = Terms { is_regional: true, ..LIST };

fn tier(tier: ServiceTier) -> Terms {
    Terms { tier, ..LIST }
}

/// The sums that the providers' price lists and bills give.
#[test]
fn known_bills_come_out_to_the_pico_dollar() {
    let thoughtful = Usage { fresh: 53, output: 838, reasoning: 832, ..Usage::NONE };
    assert_eq!(cost("gemini-4-argon", "2026-11-20", thoughtful, LIST), 8_486_000_000);
    assert_eq!(cost("gemini-4-argon", "2026-12-01", thoughtful, LIST), 16_972_000_000);
    let small = Usage { fresh: 12, output: 18, ..Usage::NONE };
    assert_eq!(cost("gpt-4o-mini", "2026-11-20", small, LIST), 12_600_000);
    let cached = Usage { fresh: 600, cache_read: 400, output: 150, ..Usage::NONE };
    assert_eq!(cost("gemini-3.8-flash", "2026-11-20", cached, LIST), 1_042_500_000);
    assert_eq!(cost("gemini-3.8-flash", "2026-11-20", cached, tier(ServiceTier::Flex)), 521_250_000);
    assert_eq!(cost("gemini-3.8-flash", "2026-11-20", cached, tier(ServiceTier::Priority)), 1_876_500_000);
    let written = Usage { cache_write_5m: 200, cache_write_1h: 100, ..cached };
    assert_eq!(cost("claude-sonnet-5-5", "2026-11-20", written, LIST), 3_640_000_000);
    assert_eq!(cost("claude-sonnet-5-5", "2026-11-20", written, REGIONAL), 4_004_000_000);
    let cut_short = Usage { fresh: 1_000, output: 40, ..Usage::NONE };
    assert_eq!(cost("gemini-4-argon", "2026-11-20", cut_short, LIST), 2_400_000_000);
}

#[test]
fn a_long_request_costs_more_throughout_and_only_beyond_the_threshold() {
    let of = |fresh| Usage { fresh, output: 1_000, ..Usage::NONE };
    assert_eq!(cost("gemini-3.1-pro-preview", "2026-11-20", of(150_000), LIST), 312_000_000_000);
    assert_eq!(cost("gemini-3.1-pro-preview", "2026-11-20", of(200_000), LIST), 412_000_000_000);
    assert_eq!(cost("gemini-3.1-pro-preview", "2026-11-20", of(250_000), LIST), 1_018_000_000_000);
    assert_eq!(cost("gpt-6-sol", "2026-11-20", of(300_000), LIST), 1_215_000_000_000);
    assert_eq!(cost("gpt-6-sol", "2026-11-20", of(300_000), REGIONAL), 1_336_500_000_000);
}

#[test]
fn what_has_no_price_is_refused_and_never_free() {
    let prices = shipped();
    let now = at("2026-11-20");
    assert!(prices.find("gpt-9", now).is_none());
    assert!(prices.find("gemini-3.6-flash", now).is_none(), "retired, and its price is not known");
    let haiku = prices.find("claude-haiku-5-5", now).unwrap();
    let written = Usage { cache_write_5m: 1, ..Usage::NONE };
    assert_eq!(haiku.cost(&written, LIST), Err(Unpriced::Class("cache writes of 5 minutes")));
    assert_eq!(haiku.cost(&Usage::NONE, tier(ServiceTier::Flex)), Err(Unpriced::Tier("flex")));
    let endless = Usage { fresh: u64::MAX, ..Usage::NONE };
    assert_eq!(haiku.cost(&endless, LIST), Err(Unpriced::TooMuch));
    let all = Usage { cache_read: u64::MAX, output: u64::MAX, reasoning: u64::MAX, ..endless };
    assert_eq!(haiku.cost(&all, LIST), Err(Unpriced::TooMuch));
}

#[test]
fn a_row_holds_from_its_first_day_until_its_last_one() {
    let prices = shipped();
    let flash = |at: &str| prices.find("gemini-3.8-flash", at.parse().unwrap()).unwrap().name();
    assert_eq!(flash("2026-12-31T23:59:59.999999Z"), "gemini-3.8-flash");
    assert_eq!(flash("2027-01-01T00:00:00Z"), "gemini-3.8-flash@2027-01-01");
}

#[test]
fn a_list_with_a_mistake_is_refused_whole() {
    let row = |more: &str| format!("[[price]]\nmodel = \"m\"\nrates = {{ input = \"1\" }}\n{more}");
    assert!(PriceFile::parse(&row("")).is_ok());
    let twice = row("") + &row("");
    assert!(matches!(PriceFile::parse(&twice), Err(PriceFileError::Validity { .. })));
    let touching = row("valid_to = \"2026-01-02\"\n") + &row("valid_from = \"2026-01-02\"\n");
    assert!(PriceFile::parse(&touching).is_ok());
    let overlapping = row("valid_to = \"2026-01-03\"\n") + &row("valid_from = \"2026-01-02\"\n");
    assert!(matches!(PriceFile::parse(&overlapping), Err(PriceFileError::Validity { .. })));
    let backwards = row("valid_from = \"2026-01-02\"\nvalid_to = \"2026-01-02\"\n");
    assert!(matches!(PriceFile::parse(&backwards), Err(PriceFileError::Validity { .. })));
    let broken = row("factors = { flex = \"1/3\" }\n");
    assert!(matches!(PriceFile::parse(&broken), Err(PriceFileError::Fraction(_))));
    for form in [
        "factors = { flex = \"0.5\" }",
        "factors = { cheap = \"1/2\" }",
        "color = 1",
        "valid_from = \"soon\"",
    ] {
        assert!(matches!(PriceFile::parse(&row(form)), Err(PriceFileError::Form(_))), "{form}");
    }
    for rate in ["-1", "1e3", "", ".5", "0.0000001", "1,5", "1234567"] {
        let list = row("").replace("\"1\"", &format!("\"{rate}\""));
        assert!(matches!(PriceFile::parse(&list), Err(PriceFileError::Form(_))), "{rate}");
    }
}

proptest! {
    #[test]
    fn two_halves_cost_what_the_whole_does(tokens in 0_u64..100_000, more in 0_u64..100_000, output in 0_u64..50_000) {
        // Below every threshold.
        let of = |fresh, output| Usage { fresh, output, ..Usage::NONE };
        for price in shipped().rows().filter(|price| price.above.is_none() && price.rates.output.is_some()) {
            let cost = |usage| price.cost(&usage, LIST).unwrap().pico();
            prop_assert_eq!(cost(of(tokens, output)) + cost(of(more, 0)), cost(of(tokens + more, output)));
        }
    }

    #[test]
    fn a_rate_is_what_it_says(micro in 0_i64..1_000_000_000) {
        let text = format!("{}.{:06}", micro / 1_000_000, micro % 1_000_000);
        prop_assert_eq!(text.parse::<Rate>().unwrap(), Rate::new(micro));
        let usage = Usage { fresh: 1_000_000, ..Usage::NONE };
        let list = format!("[[price]]\nmodel = \"m\"\nrates = {{ input = \"{text}\" }}\n");
        let prices = PriceFile::parse(&list).unwrap();
        let cost = prices.find("m", at("2026-11-20")).unwrap().cost(&usage, LIST).unwrap();
        prop_assert_eq!(cost, text.parse::<PicoUsd>().unwrap());
    }
}
