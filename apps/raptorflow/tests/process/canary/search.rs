//! Finding a secret again, whatever it was turned into.

use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use base64::{Engine, engine::GeneralPurpose};
use std::fmt::Write;

/// A text that must be in no place but those where it is meant.
pub(super) struct Secret {
    pub(super) name: &'static str,
    pub(super) value: String,
    forms: Vec<(&'static str, String)>,
}

impl Secret {
    pub(super) fn new(name: &'static str, value: &str) -> Self {
        assert!(
            value.len() >= 16 && value.is_ascii(),
            "`{name}` could be found by chance, or not be searched"
        );
        Self { name, value: value.to_owned(), forms: forms(value) }
    }

    /// The form in which it is there.
    pub(super) fn form_in(&self, text: &str) -> Option<&'static str> {
        self.forms.iter().find(|(_, form)| text.contains(form)).map(|(name, _)| *name)
    }
}

/// Bytes as a text in which every ASCII text of theirs can be found.
pub(super) fn searchable(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

fn forms(value: &str) -> Vec<(&'static str, String)> {
    let json = serde_json::to_string(value).unwrap();
    let bytes = format!("{:?}", value.as_bytes());
    let mut forms = vec![
        ("plain", value.to_owned()),
        ("upper case", value.to_ascii_uppercase()),
        ("lower case", value.to_ascii_lowercase()),
        ("without dashes", value.replace('-', "")),
        ("JSON", json.trim_matches('"').to_owned()),
        ("JSON in JSON", json.trim_matches('"').replace('\\', r"\\").replace('"', "\\\"")),
        ("escaped bytes", value.as_bytes().escape_ascii().to_string()),
        ("list of bytes", bytes.trim_matches(['[', ']']).to_owned()),
        ("list of bytes in JSON", bytes.trim_matches(['[', ']']).replace(", ", ",")),
        ("percent-encoded", encoded(value, "%20", false)),
        ("percent-encoded in lower case", encoded(value, "%20", true)),
        ("form", encoded(value, "+", false)),
        ("hex", value.bytes().fold(String::new(), |text, byte| text + &format!("{byte:02x}"))),
        ("upper-case hex", value.bytes().fold(String::new(), |text, byte| text + &format!("{byte:02X}"))),
    ];
    for before in 0..3 {
        forms.push(("base64", inside(&STANDARD_NO_PAD, value, before)));
        forms.push(("base64 for URLs", inside(&URL_SAFE_NO_PAD, value, before)));
    }
    forms
}

fn encoded(value: &str, space: &str, is_lower: bool) -> String {
    let mut text = String::new();
    for byte in value.bytes() {
        match byte {
            b' ' => text += space,
            byte if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) => text.push(char::from(byte)),
            byte if is_lower => write!(text, "%{byte:02x}").unwrap(),
            byte => write!(text, "%{byte:02X}").unwrap(),
        }
    }
    text
}

/// What of the value's base64 depends on nothing around it, with so many bytes before it.
fn inside(engine: &GeneralPurpose, value: &str, before: usize) -> String {
    let encoded = engine.encode([&vec![0; before], value.as_bytes()].concat());
    let first = [0, 2, 3][before];
    let whole = (before + value.len()) * 8 / 6;
    encoded[first..whole].to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use base64::engine::general_purpose::{STANDARD, URL_SAFE};

    #[test]
    fn a_planted_secret_is_found_in_every_form_and_in_the_middle_of_anything() {
        let value = r#"canary "one"\+/e%"#.to_owned();
        let secret = Secret::new("planted", &value);
        let around = |text: &str| format!("x{text}y");
        let planted = [
            around(&value),
            around(&value.to_uppercase()),
            serde_json::json!({"a": [value]}).to_string(),
            serde_json::json!({"a": serde_json::json!([value]).to_string()}).to_string(),
            format!("{:?}", around(&value)),
            format!("{:?}", value.as_bytes()),
            serde_json::to_string(around(&value).as_bytes()).unwrap(),
            around("canary%20%22one%22%5C%2B%2Fe%25"),
            around("canary+%22one%22%5C%2B%2Fe%25"),
            value.bytes().map(|byte| format!("{byte:02x}")).collect(),
        ];
        for text in &planted {
            assert!(secret.form_in(text).is_some(), "{text}");
        }
        for before in 0..6 {
            let whole = format!("{}{value}!!", "u".repeat(before));
            for text in [STANDARD.encode(&whole), URL_SAFE.encode(&whole)] {
                assert!(secret.form_in(&text).is_some(), "{before}: {text}");
            }
        }
        let mut bytes = vec![0xff, 0x00, 0xc3];
        bytes.extend(value.bytes());
        bytes.push(0x80);
        assert!(secret.form_in(&searchable(&bytes)).is_some());
        assert!(secret.form_in(&value[1..]).is_none());
    }
}
