//! Secrets of people's own: keys for the services of others.

use kernel::{Sealed, Timestamp, UserId, Violation};
use secrecy::{ExposeSecret, SecretSlice, SecretString};
use serde::{Deserialize, Serialize};

/// What a secret is called, such as `openai` or `my-search_key`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct SecretName(String);

impl SecretName {
    /// Most characters.
    pub const MAX_LENGTH: usize = 64;

    /// Takes 1 to 64 of `a-z 0-9 _ -`.
    ///
    /// # Errors
    /// `required`, `too_long` or `invalid_format`.
    pub fn parse(text: &str) -> Result<Self, Violation> {
        let plain = |c: u8| matches!(c, b'a'..=b'z' | b'0'..=b'9' | b'_' | b'-');
        match text.len() {
            0 => Err(Violation::new("required", "must not be empty")),
            length if length > Self::MAX_LENGTH => {
                Err(Violation::new("too_long", format!("must have at most {} characters", Self::MAX_LENGTH)))
            }
            _ if text.bytes().all(plain) => Ok(Self(text.to_owned())),
            _ => Err(Violation::new("invalid_format", "must consist of a-z, 0-9, _ and - only")),
        }
    }

    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Display for SecretName {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

/// What a secret is. Not printable.
#[derive(Debug, Clone)]
pub struct SecretValue(SecretSlice<u8>);

impl SecretValue {
    /// Longest value, in bytes.
    pub const MAX_BYTES: usize = 4_096;

    /// Takes 1 to 4,096 bytes of text.
    ///
    /// # Errors
    /// `required` or `too_long`.
    pub fn parse(text: &SecretString) -> Result<Self, Violation> {
        let text = text.expose_secret();
        match text.len() {
            0 => Err(Violation::new("required", "must not be empty")),
            1..=Self::MAX_BYTES => Ok(Self(text.as_bytes().to_vec().into())),
            _ => Err(Violation::new("too_long", format!("must have at most {} bytes", Self::MAX_BYTES))),
        }
    }

    /// What is sealed.
    #[must_use]
    pub const fn as_bytes(&self) -> &SecretSlice<u8> {
        &self.0
    }
}

/// A secret of somebody's own, as it is stored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UserSecret {
    /// Whose.
    pub user_id: UserId,
    /// What they call it; unique among theirs.
    pub name: SecretName,
    /// The value, sealed for [`Self::place`].
    pub sealed: Sealed,
    /// When it was first set.
    pub created_at: Timestamp,
    /// When it was last set.
    pub updated_at: Timestamp,
}

impl UserSecret {
    /// Most secrets of one person.
    pub const MOST: u32 = 50;

    /// Where a secret's value is kept, and opens.
    #[must_use]
    pub fn place(user: UserId, name: &SecretName) -> String {
        kernel::place(user.uuid(), "user_secrets", name.as_str(), "value")
    }
}

/// What the owner is shown of a secret: everything but the value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SecretEntry {
    /// What they call it.
    pub name: SecretName,
    /// When it was first set.
    pub created_at: Timestamp,
    /// When it was last set.
    pub updated_at: Timestamp,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_short_and_plain() {
        let longest = "x".repeat(64);
        for good in ["a", "open-ai_2", longest.as_str()] {
            assert_eq!(SecretName::parse(good).unwrap().as_str(), good);
        }
        let long = "x".repeat(65);
        for (bad, code) in [
            ("", "required"),
            (long.as_str(), "too_long"),
            ("OpenAI", "invalid_format"),
            ("open ai", "invalid_format"),
            ("a/b", "invalid_format"),
            ("é", "invalid_format"),
        ] {
            assert_eq!(SecretName::parse(bad).unwrap_err().code, code, "{bad:?}");
        }
    }

    #[test]
    fn a_value_has_a_length_and_does_not_show() {
        let value = |text: &str| SecretValue::parse(&text.into());
        assert_eq!(value("").unwrap_err().code, "required");
        assert_eq!(value(&"x".repeat(4_097)).unwrap_err().code, "too_long");
        assert!(value(&"x".repeat(4_096)).is_ok());
        let printed = format!("{:?}", value("sk-live").unwrap());
        assert!(!printed.contains("sk-live") && !printed.contains("115"), "{printed}");
    }
}
