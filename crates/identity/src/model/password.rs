//! Passwords: what may become one, what is tried as one, and what is stored of one.

use kernel::Violation;
use secrecy::{ExposeSecret, SecretString};
use std::{collections::HashSet, sync::LazyLock};

/// Passwords that everybody tries first, in lower case, one on a line.
static COMMON: LazyLock<HashSet<&'static str>> =
    LazyLock::new(|| include_str!("../../data/common-passwords.txt").lines().collect());

/// A password that may be set: 8 to 128 characters of any kind, none of the commonest.
///
/// Nothing is trimmed, folded or cut off; spaces and every script are welcome (OWASP ASVS 5.0, 6.2).
#[derive(Debug, Clone)]
pub struct Password(PasswordAttempt);

impl Password {
    /// Fewest characters.
    pub const MIN_CHARS: usize = 8;
    /// Most characters.
    pub const MAX_CHARS: usize = 128;

    /// Takes a password that somebody wants to set.
    ///
    /// # Errors
    /// `required`, `too_short`, `too_long`, `forbidden_character` or `too_common`.
    pub fn parse(text: &SecretString) -> Result<Self, Violation> {
        let attempt = PasswordAttempt::parse(text)?;
        let text = text.expose_secret();
        let chars = text.chars().count();
        if chars < Self::MIN_CHARS {
            return Err(Violation::new(
                "too_short",
                format!("must have at least {} characters", Self::MIN_CHARS),
            ));
        }
        if chars > Self::MAX_CHARS {
            return Err(Violation::new(
                "too_long",
                format!("must have at most {} characters", Self::MAX_CHARS),
            ));
        }
        if text.contains('\0') {
            return Err(Violation::new("forbidden_character", "must not contain the character U+0000"));
        }
        if COMMON.contains(text.to_lowercase().as_str()) {
            return Err(Violation::new("too_common", "is one of the commonest passwords; choose another"));
        }
        Ok(Self(attempt))
    }

    /// The password as what a hasher takes.
    #[must_use]
    pub const fn as_attempt(&self) -> &PasswordAttempt {
        &self.0
    }
}

/// What somebody gives as their password: short enough to be hashed, and otherwise anything, so that the rules for
/// new passwords may change.
#[derive(Debug, Clone)]
pub struct PasswordAttempt(SecretString);

impl PasswordAttempt {
    /// Longest text that is hashed, in bytes. Checked before any look-up.
    pub const MAX_BYTES: usize = 1_024;

    /// Takes what was given.
    ///
    /// # Errors
    /// `required` or `too_long`.
    pub fn parse(text: &SecretString) -> Result<Self, Violation> {
        match text.expose_secret().len() {
            0 => Err(Violation::new("required", "must not be empty")),
            1..=Self::MAX_BYTES => Ok(Self(text.clone())),
            _ => Err(Violation::new("too_long", format!("must have at most {} bytes", Self::MAX_BYTES))),
        }
    }

    /// The text, for a hasher.
    #[must_use]
    pub const fn secret(&self) -> &SecretString {
        &self.0
    }
}

/// What is stored of a password: a PHC string such as `$argon2id$v=19$m=19456,t=2,p=1$…`. Not printable, as it can be
/// attacked offline.
#[derive(Debug, Clone)]
pub struct PasswordHash(SecretString);

impl PasswordHash {
    /// Wraps what a hasher made or a store kept.
    #[must_use]
    pub fn new(phc: String) -> Self {
        Self(phc.into())
    }

    /// The PHC string, for hashers and stores.
    #[must_use]
    pub fn expose(&self) -> &str {
        self.0.expose_secret()
    }
}

/// Equal texts, for tests and for noticing that a hash was replaced; never a way to check a password.
impl PartialEq for PasswordHash {
    fn eq(&self, other: &Self) -> bool {
        self.expose() == other.expose()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn parse(text: &str) -> Result<Password, Violation> {
        Password::parse(&text.into())
    }

    #[test]
    fn any_text_of_eight_to_128_characters_may_be_a_password() {
        for good in [
            "correct horse battery",
            "  spaces stay  ",
            "пароль-для-входа",
            "🦖🦖🦖🦖🦖🦖🦖🦖",
            &"x".repeat(128),
        ] {
            assert_eq!(parse(good).unwrap().as_attempt().secret().expose_secret(), good);
        }
    }

    #[test]
    fn short_long_broken_and_common_passwords_are_refused() {
        let long = "x".repeat(129);
        let huge = "x".repeat(1_025);
        for (text, code) in [
            ("", "required"),
            ("7 chars", "too_short"),
            (long.as_str(), "too_long"),
            (huge.as_str(), "too_long"),
            ("nul\0inside", "forbidden_character"),
            ("password", "too_common"),
            ("PassWord123", "too_common"),
            ("qwertyuiop", "too_common"),
        ] {
            assert_eq!(parse(text).unwrap_err().code, code, "{text:?}");
        }
    }

    #[test]
    fn the_list_of_common_passwords_is_clean() {
        assert!(COMMON.len() >= 250, "{}", COMMON.len());
        assert_eq!(
            COMMON.len(),
            include_str!("../../data/common-passwords.txt").lines().count(),
            "a line twice"
        );
        for line in COMMON.iter() {
            assert!(line.len() >= Password::MIN_CHARS, "{line} is refused for its length already");
            assert_eq!(line.to_lowercase(), *line);
        }
    }

    #[test]
    fn nothing_of_a_password_is_printable() {
        let password = parse("a very secret text").unwrap();
        assert!(
            !format!("{password:?} {:?}", PasswordHash::new("$argon2id$x".into())).contains("secret text")
        );
        assert!(!format!("{:?}", PasswordHash::new("$argon2id$x".into())).contains("argon2id"));
    }

    proptest! {
        #[test]
        fn what_may_be_set_may_be_tried(text in "\\PC{0,140}") {
            if parse(&text).is_ok() {
                prop_assert!(PasswordAttempt::parse(&text.as_str().into()).is_ok());
            }
        }
    }
}
