//! Validation that reports every field at once.

/// One thing wrong with one field.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct FieldError {
    /// JSON Pointer (RFC 6901) into the request body; for a query parameter its name.
    pub pointer: String,
    /// Stable code, such as `too_long`.
    pub code: &'static str,
    /// A sentence for people.
    pub message: String,
}

/// Everything that is wrong with a request; never empty.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{} field(s) break a rule", .0.len())]
pub struct FieldErrors(Vec<FieldError>);

impl FieldErrors {
    /// A single wrong field.
    #[must_use]
    pub fn one(pointer: &str, violation: Violation) -> Self {
        Self(vec![violation.at(pointer)])
    }

    /// The errors, in order of the fields.
    #[must_use]
    pub fn as_slice(&self) -> &[FieldError] {
        &self.0
    }
}

/// A broken rule, before it is known which field broke it. What the parsers of newtypes answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct Violation {
    /// Stable code, such as `too_long`.
    pub code: &'static str,
    /// A sentence for people, without the offending value.
    pub message: String,
}

impl Violation {
    /// A broken rule.
    pub fn new(code: &'static str, message: impl Into<String>) -> Self {
        Self { code, message: message.into() }
    }

    fn at(self, pointer: &str) -> FieldError {
        FieldError { pointer: pointer.to_owned(), code: self.code, message: self.message }
    }
}

/// Collects what is wrong, then lets the request pass or refuses it whole.
///
/// ```
/// use kernel::field::{Checker, Violation};
/// let mut check = Checker::default();
/// let age = check.field("/age", "x".parse::<u8>().map_err(|_| Violation::new("not_a_number", "give a number")));
/// check.rule("/from", 3 <= 2, "after_end", "must not be after the end");
/// assert_eq!(age, None);
/// assert_eq!(check.finish().unwrap_err().as_slice().len(), 2);
/// ```
#[derive(Debug, Default)]
pub struct Checker(Vec<FieldError>);

impl Checker {
    /// Takes the value of a field, or notes what is wrong with it.
    pub fn field<T>(&mut self, pointer: &str, parsed: Result<T, Violation>) -> Option<T> {
        match parsed {
            Ok(value) => Some(value),
            Err(violation) => {
                self.0.push(violation.at(pointer));
                None
            }
        }
    }

    /// Notes a rule between fields when it does not hold.
    pub fn rule(&mut self, pointer: &str, holds: bool, code: &'static str, message: impl Into<String>) {
        if !holds {
            self.0.push(Violation::new(code, message).at(pointer));
        }
    }

    /// Takes over the errors of a nested check.
    pub fn merge<T>(&mut self, nested: Result<T, FieldErrors>) -> Option<T> {
        nested.map_err(|errors| self.0.extend(errors.0)).ok()
    }

    /// Lets the request pass when nothing was noted.
    ///
    /// # Errors
    /// All that was noted.
    pub fn finish(self) -> Result<(), FieldErrors> {
        if self.0.is_empty() { Ok(()) } else { Err(FieldErrors(self.0)) }
    }

    /// Like [`Self::finish`], giving the value that all fields made; `None` only when something was noted.
    ///
    /// # Errors
    /// All that was noted.
    pub fn finish_with<T>(self, value: Option<T>) -> Result<T, FieldErrors> {
        match value {
            Some(value) if self.0.is_empty() => Ok(value),
            _ if self.0.is_empty() => {
                Err(FieldErrors::one("", Violation::new("required", "a value is missing")))
            }
            _ => Err(FieldErrors(self.0)),
        }
    }
}

/// Text that both databases keep: trimmed, without NUL, and between `min` and `max` characters long.
///
/// PostgreSQL refuses U+0000 in text, SQLite and memory take it; so it is refused here, before any store sees it.
///
/// # Errors
/// `required`, `too_short`, `too_long` or `forbidden_character`.
pub fn text(value: &str, min: usize, max: usize) -> Result<String, Violation> {
    let value = value.trim();
    let length = value.chars().count();
    if value.contains('\0') {
        return Err(Violation::new("forbidden_character", "must not contain the character U+0000"));
    }
    if length == 0 && min > 0 {
        return Err(Violation::new("required", "must not be empty"));
    }
    if length < min {
        return Err(Violation::new("too_short", format!("must have at least {min} characters")));
    }
    if length > max {
        return Err(Violation::new("too_long", format!("must have at most {max} characters")));
    }
    Ok(value.to_owned())
}

/// Whether a JSON value holds a NUL in any text, at any depth. Such a value can't be stored on PostgreSQL.
#[must_use]
pub fn holds_nul(value: &serde_json::Value) -> bool {
    match value {
        serde_json::Value::String(text) => text.contains('\0'),
        serde_json::Value::Array(items) => items.iter().any(holds_nul),
        serde_json::Value::Object(members) => {
            members.iter().any(|(key, value)| key.contains('\0') || holds_nul(value))
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_trimmed_counted_in_characters_and_free_of_nul() {
        assert_eq!(text("  héllo ", 1, 5).unwrap(), "héllo");
        assert_eq!(text("   ", 1, 5).unwrap_err().code, "required");
        assert_eq!(text("ab", 3, 5).unwrap_err().code, "too_short");
        assert_eq!(text("abcdef", 1, 5).unwrap_err().code, "too_long");
        assert_eq!(text("a\0b", 1, 5).unwrap_err().code, "forbidden_character");
        assert_eq!(text("", 0, 5).unwrap(), "");
    }

    #[test]
    fn nul_is_seen_at_any_depth() {
        assert!(holds_nul(&serde_json::json!({"a": [{"b": "x\u{0}"}]})));
        assert!(holds_nul(&serde_json::json!({"a\u{0}": 1})));
        assert!(!holds_nul(&serde_json::json!({"a": ["x", 1, null]})));
    }
}
