//! What to call the people of an ICP: titles in the plural, their companies, how to target them.

use serde_json::{Map, Value};

use super::text::{clean, listed};

/// The plural of a title, as in the middle of a sentence: "heads of product", "CTOs", "senior engineers".
pub(crate) fn plural_title(title: &str) -> String {
    let lower = lowered(title);
    for joint in [" of ", " for ", " in ", " at ", ", ", " (", " / "] {
        if let Some((head, rest)) = lower.split_once(joint) {
            return format!("{}{joint}{rest}", plural(head));
        }
    }
    plural(&lower)
}

/// Each word in lower case, except those with more than one capital ("CTO", "DevOps").
fn lowered(title: &str) -> String {
    let word = |word: &str| {
        let capitals = word.chars().filter(|c| c.is_uppercase()).count();
        let keep = capitals > 1 || word.chars().count() == 1;
        if keep { word.to_owned() } else { word.to_lowercase() }
    };
    title.split(' ').map(word).collect::<Vec<_>>().join(" ")
}

fn plural(noun: &str) -> String {
    let ends = |ends: &[&str]| ends.iter().any(|end| noun.ends_with(end));
    let before_y = noun.chars().rev().nth(1).unwrap_or('a');
    if let Some(stem) = noun.strip_suffix("man") {
        return format!("{stem}men");
    }
    if ends(&["people", "staff", "personnel"]) {
        return noun.to_owned();
    }
    if noun.ends_with('y') && !"aeiou".contains(before_y) {
        return format!("{}ies", &noun[..noun.len() - 1]);
    }
    match noun {
        _ if ends(&["ss", "x", "ch", "sh"]) => format!("{noun}es"),
        _ if ends(&["s"]) || !noun.ends_with(|c: char| c.is_ascii_alphabetic()) => noun.to_owned(),
        _ => format!("{noun}s"),
    }
}

/// "at private companies with 15-500 employees", from what the context says about their companies.
pub(crate) fn companies(firmographics: &Map<String, Value>) -> Option<String> {
    let fact = |keys: &[&str]| keys.iter().find_map(|key| firmographics.get(*key)).and_then(plain);
    let kind = fact(&["company_type", "type", "kind"]).filter(|kind| kind.split(' ').count() <= 3);
    let employees = fact(&["employees", "company_size", "size", "headcount"]);
    let place = fact(&["region", "location", "country", "geography", "city"]);
    let with = employees.map(|size| match size.contains(char::is_alphabetic) {
        true => format!(" ({size})"),
        false => format!(" with {size} employees"),
    });
    if kind.is_none() && with.is_none() && place.is_none() {
        return None;
    }
    let kind = kind.map(|kind| format!("{kind} ")).unwrap_or_default();
    let place = place.map(|place| format!(" in {place}")).unwrap_or_default();
    Some(format!("at {kind}companies{}{place}", with.unwrap_or_default()))
}

fn plain(value: &Value) -> Option<String> {
    let text = match value {
        Value::String(text) => text.clone(),
        Value::Number(number) => number.to_string(),
        Value::Array(values) => listed(&values.iter().filter_map(plain).collect::<Vec<_>>()),
        _ => return None,
    };
    clean(&text).filter(|text| text.chars().count() <= 60)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn titles_become_plural_where_their_head_is() {
        for (title, many) in [
            ("Senior Engineer", "senior engineers"),
            ("Head of Product", "heads of product"),
            ("CTO", "CTOs"),
            ("VP of Marketing", "VPs of marketing"),
            ("DevOps Lead", "DevOps leads"),
            ("Café owner", "café owners"),
            ("Secretary", "secretaries"),
            ("Founders", "founders"),
            ("店長", "店長"),
        ] {
            assert_eq!(plural_title(title), many);
        }
    }

    #[test]
    fn companies_are_described_by_what_is_known() {
        let of = |value: Value| companies(value.as_object().unwrap());
        assert_eq!(
            of(json!({"employees": "15-500", "company_type": "private"})).unwrap(),
            "at private companies with 15-500 employees"
        );
        assert_eq!(of(json!({"employees": 12})).unwrap(), "at companies with 12 employees");
        assert_eq!(of(json!({"revenue_usd": "1m"})), None);
    }
}
