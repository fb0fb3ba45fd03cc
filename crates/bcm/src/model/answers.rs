//! Checks answers against the definition of their step, and trims them.
//!
//! The walk follows the definition, never the input: however deep a value is nested, only as much of it is looked at
//! as the definition knows. Null and blank texts count as not answered and are left out of what comes back.

use super::steps::{Field, Format, Kind, Shape, StepKey};
use kernel::TimeZone;
use kernel::field::{Checker, FieldErrors, Violation, text};
use serde_json::{Map, Value};

/// The answers of one step are at most so many bytes of JSON.
pub const MAX_BYTES: usize = 64 * 1024;

/// After so many errors the rest is not listed: nobody reads it, and an answer of megabytes helps only an attacker.
const MAX_ERRORS: usize = 100;

/// The longest name in an open object.
const MAX_NAME: usize = 60;

/// How much is asked of the answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Demand {
    /// What is there must be right; required fields may be missing.
    Draft,
    /// Required fields must be there.
    Complete,
}

/// Answers `answers` trimmed, without what was not answered; checking the result again gives the same.
///
/// # Errors
/// Every wrong field (at most 100), with pointers under `/answers`: `required`, `wrong_type`, `unknown_field`, `too_long`,
/// `too_many`, `forbidden_character`, `not_in_range`, `not_a_time_zone`, `not_a_url`, `duplicate`.
pub fn check_answers(step: StepKey, answers: &Value, demand: Demand) -> Result<Value, FieldErrors> {
    let definition = step.definition();
    let mut walk = Walk { demand, check: Checker::default(), noted: 0 };
    let at = "/answers";
    let clean = match definition.shape {
        Shape::Record => walk.record(at, &definition.fields, answers),
        Shape::Records { max_items } => {
            let records =
                walk.list(at, max_items, answers, |walk, at, item| walk.record(at, &definition.fields, item));
            let empty = records.as_ref().is_some_and(is_empty);
            walk.rule(at, demand == Demand::Draft || !empty, "required", "must have at least one entry");
            records
        }
    };
    let size = clean.as_ref().map_or(0, |clean| clean.to_string().len());
    walk.rule(at, size <= MAX_BYTES, "too_long", format!("must be at most {MAX_BYTES} bytes of JSON"));
    walk.check.finish_with(clean)
}

/// An answer that says nothing.
fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Array(items) => items.is_empty(),
        Value::Object(members) => members.is_empty(),
        _ => false,
    }
}

struct Walk {
    demand: Demand,
    check: Checker,
    noted: usize,
}

impl Walk {
    fn note(&mut self, at: &str, violation: Violation) {
        if self.noted < MAX_ERRORS {
            self.noted += 1;
            let _: Option<()> = self.check.field(at, Err(violation));
        }
    }

    fn rule(&mut self, at: &str, holds: bool, code: &'static str, message: impl Into<String>) {
        if !holds {
            self.note(at, Violation::new(code, message));
        }
    }

    fn wrong_type(&mut self, at: &str, wanted: &str) -> Option<Value> {
        self.note(at, Violation::new("wrong_type", format!("must be {wanted}")));
        None
    }

    fn record(&mut self, at: &str, fields: &[Field], value: &Value) -> Option<Value> {
        let Value::Object(members) = value else { return self.wrong_type(at, "an object") };
        for name in members.keys().filter(|name| fields.iter().all(|field| field.key != **name)) {
            let at = pointer(at, name);
            self.note(&at, Violation::new("unknown_field", "is not asked for in this step"));
        }
        let mut clean = Map::new();
        for field in fields {
            let at = pointer(at, &field.key);
            let noted = self.noted;
            let answer = match members.get(&field.key) {
                None | Some(Value::Null) => None,
                Some(value) => self.answer(&at, &field.kind, value),
            };
            let missing = answer.as_ref().is_none_or(is_empty) && self.noted == noted;
            let demanded = field.required && self.demand == Demand::Complete;
            self.rule(&at, !(missing && demanded), "required", "must be answered");
            clean.extend(answer.map(|answer| (field.key.clone(), answer)));
        }
        Some(Value::Object(clean))
    }

    fn answer(&mut self, at: &str, kind: &Kind, value: &Value) -> Option<Value> {
        match kind {
            Kind::Text { max_length, format } => self.text(at, 0, *max_length, *format, value),
            Kind::TextList { max_items, max_length } => {
                self.list(at, *max_items, value, |walk, at, item| walk.text(at, 1, *max_length, None, item))
            }
            Kind::Integer { min, max } => self.integer(at, *min, *max, value),
            Kind::Record { fields } => self.record(at, fields, value),
            Kind::RecordList { max_items, fields } => {
                self.list(at, *max_items, value, |walk, at, item| walk.record(at, fields, item))
            }
            Kind::Open { max_items, max_length } => self.open(at, *max_items, *max_length, value),
        }
    }

    fn list(
        &mut self,
        at: &str,
        max_items: usize,
        value: &Value,
        mut item: impl FnMut(&mut Self, &str, &Value) -> Option<Value>,
    ) -> Option<Value> {
        let Value::Array(items) = value else { return self.wrong_type(at, "an array") };
        self.rule(at, items.len() <= max_items, "too_many", format!("must have at most {max_items} entries"));
        let each = items.iter().take(max_items).enumerate();
        let clean: Vec<Value> =
            each.filter_map(|(index, value)| item(self, &format!("{at}/{index}"), value)).collect();
        Some(Value::Array(clean))
    }

    fn text(
        &mut self,
        at: &str,
        min: usize,
        max: usize,
        format: Option<Format>,
        value: &Value,
    ) -> Option<Value> {
        let Value::String(value) = value else { return self.wrong_type(at, "a text") };
        let parsed = text(value, min, max).and_then(|text| match format {
            _ if text.is_empty() => Ok(None),
            Some(Format::Url) => web_address(text).map(Some),
            Some(Format::TimeZone) => time_zone(&text).map(Some),
            None => Ok(Some(text)),
        });
        parsed
            .unwrap_or_else(|violation| {
                self.note(at, violation);
                None
            })
            .map(Value::String)
    }

    fn integer(&mut self, at: &str, min: i64, max: i64, value: &Value) -> Option<Value> {
        let whole = value.is_i64() || value.is_u64();
        if !whole {
            return self.wrong_type(at, "a whole number");
        }
        let inside = value.as_i64().filter(|number| (min..=max).contains(number));
        self.rule(at, inside.is_some(), "not_in_range", format!("must be from {min} to {max}"));
        inside.map(Value::from)
    }

    fn open(&mut self, at: &str, max_items: usize, max_length: usize, value: &Value) -> Option<Value> {
        let Value::Object(members) = value else { return self.wrong_type(at, "an object of texts") };
        self.rule(
            at,
            members.len() <= max_items,
            "too_many",
            format!("must have at most {max_items} entries"),
        );
        let mut clean = Map::new();
        for (name, value) in members.iter().take(max_items).filter(|(_, value)| !value.is_null()) {
            let at = pointer(at, name);
            let answer = self.text(&at, 0, max_length, None, value);
            match text(name, 1, MAX_NAME) {
                Err(violation) => self.note(&at, violation),
                Ok(name) if clean.contains_key(&name) => {
                    self.note(&at, Violation::new("duplicate", "is there twice"));
                }
                Ok(name) => clean.extend(answer.map(|answer| (name, answer))),
            }
        }
        Some(Value::Object(clean))
    }
}

/// RFC 6901: `~` and `/` in a name are escaped. A name too long to be shown is cut.
fn pointer(at: &str, name: &str) -> String {
    let shown: String = name.chars().take(MAX_NAME).collect();
    format!("{at}/{}", shown.replace('~', "~0").replace('/', "~1"))
}

fn time_zone(name: &str) -> Result<String, Violation> {
    let zone = TimeZone::parse(name).map_err(|error| Violation::new("not_a_time_zone", error.to_string()))?;
    Ok(zone.name().to_owned())
}

/// An address of a public web page: scheme, host with a dot, no user name.
fn web_address(address: String) -> Result<String, Violation> {
    let split = address
        .split_once("://")
        .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("https") || scheme.eq_ignore_ascii_case("http"));
    let host = split.map_or("", |(_, rest)| rest.split(['/', '?', '#']).next().unwrap_or(""));
    let (name, port) = host.split_once(':').map_or((host, None), |(name, port)| (name, Some(port)));
    let plain = |label: &str| !label.is_empty() && label.chars().all(|c| c.is_alphanumeric() || c == '-');
    let whole = name.contains('.')
        && name.split('.').all(plain)
        && port.is_none_or(|port| port.parse::<u16>().is_ok())
        && !address.chars().any(|c| c.is_whitespace() || c.is_control());
    whole
        .then_some(address)
        .ok_or_else(|| Violation::new("not_a_url", "must be a full web address such as https://example.com"))
}
