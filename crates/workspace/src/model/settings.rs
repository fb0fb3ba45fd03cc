//! Preferences that clients keep in a workspace.

use kernel::{Violation, field::holds_nul};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// A JSON object of at most [`Settings::MAX_BYTES`]. The backend keeps it and obeys nothing in it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Value", into = "Value")]
pub struct Settings(Value);

impl Settings {
    /// How long the object may be as compact JSON.
    pub const MAX_BYTES: usize = 16 * 1024;

    /// Takes a JSON object.
    ///
    /// # Errors
    /// `not_an_object`, `too_long` or `forbidden_character` (U+0000, which PostgreSQL can't keep).
    pub fn parse(value: Value) -> Result<Self, Violation> {
        if !value.is_object() {
            return Err(Violation::new("not_an_object", "must be a JSON object"));
        }
        if holds_nul(&value) {
            return Err(Violation::new("forbidden_character", "must not contain the character U+0000"));
        }
        if value.to_string().len() > Self::MAX_BYTES {
            return Err(Violation::new(
                "too_long",
                format!("must have at most {} bytes as JSON", Self::MAX_BYTES),
            ));
        }
        Ok(Self(value))
    }

    /// The object.
    #[must_use]
    pub const fn as_value(&self) -> &Value {
        &self.0
    }
}

impl Default for Settings {
    fn default() -> Self {
        Self(Value::Object(serde_json::Map::new()))
    }
}

impl TryFrom<Value> for Settings {
    type Error = Violation;

    fn try_from(value: Value) -> Result<Self, Violation> {
        Self::parse(value)
    }
}

impl From<Settings> for Value {
    fn from(settings: Settings) -> Self {
        settings.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn settings_are_a_bounded_object_without_nul() {
        let code = |value| Settings::parse(value).unwrap_err().code;
        assert_eq!(code(json!([])), "not_an_object");
        assert_eq!(code(json!(null)), "not_an_object");
        assert_eq!(code(json!({"a": "\u{0}"})), "forbidden_character");
        assert_eq!(code(json!({"a": "x".repeat(Settings::MAX_BYTES)})), "too_long");
        let fine = json!({"theme": "dark", "columns": [1, 2]});
        assert_eq!(Settings::parse(fine.clone()).unwrap().as_value(), &fine);
    }
}
