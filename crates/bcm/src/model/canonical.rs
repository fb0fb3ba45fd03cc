//! One text for one JSON value, so that equal documents have equal hashes.
//!
//! RFC 8785 with one difference: numbers are integers only and are written out in full, since the document has no
//! fractions and a 64-bit integer must not lose digits to a float.

use serde_json::Value;
use sha2::{Digest, Sha256};
use std::fmt::Write;

/// A value that has no canonical text here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotCanonical {
    /// A number with a fraction or an exponent.
    #[error("the number is not an integer")]
    Fraction,
    /// A value that serde can't write as JSON.
    #[error("the value can't be written as JSON")]
    NoJson,
}

/// The canonical text: no white space, members sorted by the UTF-16 code units of their names (RFC 8785, 3.2.3),
/// texts escaped as RFC 8785, 3.2.2.2 says, which is how serde_json writes them.
///
/// # Errors
/// [`NotCanonical`] for fractions.
pub fn canonical_json(value: &Value) -> Result<String, NotCanonical> {
    let mut out = String::new();
    write_value(value, &mut out)?;
    Ok(out)
}

fn write_value(value: &Value, out: &mut String) -> Result<(), NotCanonical> {
    match value {
        Value::Number(number) if !(number.is_i64() || number.is_u64()) => return Err(NotCanonical::Fraction),
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                out.push(if index == 0 { '[' } else { ',' });
                write_value(item, out)?;
            }
            out.push_str(if items.is_empty() { "[]" } else { "]" });
        }
        Value::Object(members) => {
            let mut sorted: Vec<(&String, &Value)> = members.iter().collect();
            sorted.sort_by(|(a, _), (b, _)| a.encode_utf16().cmp(b.encode_utf16()));
            for (index, (name, member)) in sorted.into_iter().enumerate() {
                out.push(if index == 0 { '{' } else { ',' });
                write_scalar(&Value::from(name.as_str()), out);
                out.push(':');
                write_value(member, out)?;
            }
            out.push_str(if members.is_empty() { "{}" } else { "}" });
        }
        scalar => write_scalar(scalar, out),
    }
    Ok(())
}

fn write_scalar(scalar: &Value, out: &mut String) {
    // Writing to a `String` can't fail.
    let _ = write!(out, "{scalar}");
}

/// SHA-256 of a text, as 64 lower-case hexadecimal digits.
#[must_use]
pub fn sha256_hex(text: &str) -> String {
    Sha256::digest(text.as_bytes()).iter().fold(String::with_capacity(64), |mut hex, byte| {
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    /// Any JSON without fractions.
    pub(crate) fn any_json() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            any::<u64>().prop_map(Value::from),
            ".{0,12}".prop_map(Value::from),
        ];
        leaf.prop_recursive(4, 40, 6, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
                prop::collection::vec((".{0,6}", inner), 0..5)
                    .prop_map(|members| Value::Object(members.into_iter().collect())),
            ]
        })
    }

    /// The same value, its members inserted in the opposite order.
    fn reversed(value: &Value) -> Value {
        match value {
            Value::Array(items) => items.iter().map(reversed).collect(),
            Value::Object(members) => {
                let members = members.iter().rev().map(|(name, member)| (name.clone(), reversed(member)));
                Value::Object(members.collect())
            }
            scalar => scalar.clone(),
        }
    }

    #[test]
    fn members_are_sorted_and_nothing_is_between_them() {
        let value = json!({"b": [1, {"z": null, "a": true}], "a": "é\n\"\u{1}", "é": {}, "c": []});
        let text = r#"{"a":"é\n\"\u0001","b":[1,{"a":true,"z":null}],"c":[],"é":{}}"#;
        assert_eq!(canonical_json(&value).unwrap(), text);
        assert_eq!(canonical_json(&json!([1.5])), Err(NotCanonical::Fraction));
    }

    #[test]
    fn names_sort_by_utf_16_as_rfc_8785_says() {
        let value = json!({"\u{fb33}": 1, "\u{1f600}": 2});
        assert_eq!(canonical_json(&value).unwrap(), "{\"\u{1f600}\":2,\"\u{fb33}\":1}");
    }

    #[test]
    fn the_hash_is_the_published_one_of_abc() {
        // FIPS 180-2, appendix B.1.
        let published = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert_eq!(sha256_hex("abc"), published);
    }

    proptest! {
        #[test]
        fn the_text_depends_on_the_value_only(value in any_json()) {
            let text = canonical_json(&value).unwrap();
            prop_assert_eq!(&canonical_json(&reversed(&value)).unwrap(), &text);
            let parsed: Value = serde_json::from_str(&text).unwrap();
            prop_assert_eq!(&parsed, &value);
            prop_assert_eq!(canonical_json(&parsed).unwrap(), text);
        }

        #[test]
        fn different_values_have_different_texts(a in any_json(), b in any_json()) {
            prop_assert_eq!(canonical_json(&a) == canonical_json(&b), a == b);
        }
    }
}
