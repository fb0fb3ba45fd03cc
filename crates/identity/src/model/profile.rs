//! What others see of a person.

use kernel::{UserId, Violation, field};
use serde::{Deserialize, Serialize};

/// What a person tells of themselves. One per user; every text is optional.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Profile {
    /// Whose.
    pub user_id: UserId,
    /// The name that colleagues see.
    pub display_name: Option<String>,
    /// IANA name of the person's time zone, such as `Asia/Kolkata`.
    pub time_zone: Option<String>,
    /// BCP 47 tag, such as `en-IN`.
    pub locale: Option<String>,
    /// What the person does in their company.
    pub job_title: Option<String>,
    /// Where their picture is.
    pub avatar_url: Option<String>,
}

impl Profile {
    /// Longest display name, in characters.
    pub const MAX_NAME: usize = 100;

    /// A profile that tells a name at most.
    #[must_use]
    pub const fn new(user_id: UserId, display_name: Option<String>) -> Self {
        Self { user_id, display_name, time_zone: None, locale: None, job_title: None, avatar_url: None }
    }

    /// Takes a display name; an empty one is none.
    ///
    /// # Errors
    /// `too_long` or `forbidden_character`.
    pub fn parse_name(text: Option<&str>) -> Result<Option<String>, Violation> {
        let Some(text) = text else { return Ok(None) };
        let name = field::text(text, 0, Self::MAX_NAME)?;
        if name.chars().any(char::is_control) {
            return Err(Violation::new("forbidden_character", "must be one line without control characters"));
        }
        Ok((!name.is_empty()).then_some(name))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_one_trimmed_line_or_nothing() {
        assert_eq!(Profile::parse_name(None), Ok(None));
        assert_eq!(Profile::parse_name(Some("  ")), Ok(None));
        assert_eq!(Profile::parse_name(Some(" Ada Lovelace ")), Ok(Some("Ada Lovelace".to_owned())));
        assert_eq!(Profile::parse_name(Some("Ada\nBcc: eve")).unwrap_err().code, "forbidden_character");
        assert_eq!(Profile::parse_name(Some("Ada\0")).unwrap_err().code, "forbidden_character");
        assert_eq!(Profile::parse_name(Some(&"x".repeat(101))).unwrap_err().code, "too_long");
    }
}
