//! What others see of a person.

use kernel::{TimeZone, UserId, Violation, field};
use oxilangtag::LanguageTag;
use serde::{Deserialize, Serialize};
use url::Url;

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

    /// Longest job title, in characters.
    pub const MAX_TITLE: usize = 100;
    /// Longest language tag that is taken (BCP 47, 4.4.1), and longest name of a time zone.
    const MAX_TAG: usize = 64;
    /// Longest address of a picture.
    pub const MAX_URL: usize = 2_048;

    /// Takes a display name; an empty one is none.
    ///
    /// # Errors
    /// `too_long` or `forbidden_character`.
    pub fn parse_name(text: Option<&str>) -> Result<Option<String>, Violation> {
        one_line(text, Self::MAX_NAME)
    }

    /// Takes a job title; an empty one is none.
    ///
    /// # Errors
    /// `too_long` or `forbidden_character`.
    pub fn parse_job_title(text: Option<&str>) -> Result<Option<String>, Violation> {
        one_line(text, Self::MAX_TITLE)
    }

    /// Takes a time zone by its IANA name.
    ///
    /// # Errors
    /// `unknown_time_zone`.
    pub fn parse_time_zone(text: Option<&str>) -> Result<Option<String>, Violation> {
        let unknown = || Violation::new("unknown_time_zone", "must be an IANA name such as Asia/Kolkata");
        let zone = |text: &str| {
            let short = Some(text).filter(|text| text.len() <= Self::MAX_TAG).ok_or_else(unknown)?;
            TimeZone::parse(short).map(|zone| zone.name().to_owned()).map_err(|_| unknown())
        };
        text.map(zone).transpose()
    }

    /// Takes a language tag, in its usual cases: `EN-in` is `en-IN`.
    ///
    /// # Errors
    /// `invalid_format`.
    pub fn parse_locale(text: Option<&str>) -> Result<Option<String>, Violation> {
        let no_tag = || Violation::new("invalid_format", "must be a BCP 47 language tag such as en-IN");
        let tag = |text: &str| {
            let short = Some(text).filter(|text| text.len() <= Self::MAX_TAG).ok_or_else(no_tag)?;
            LanguageTag::parse_and_normalize(short).map(LanguageTag::into_inner).map_err(|_| no_tag())
        };
        text.map(tag).transpose()
    }

    /// Takes the address of a picture: https, without a password in it. Nothing here ever fetches it.
    ///
    /// # Errors
    /// `too_long`, or `invalid_format`.
    pub fn parse_avatar_url(text: Option<&str>) -> Result<Option<String>, Violation> {
        let picture = |text: &str| {
            let text = field::text(text, 1, Self::MAX_URL)?;
            let url = Url::parse(&text).ok().filter(is_plain_https);
            let url = url.map(String::from).filter(|url| url.len() <= Self::MAX_URL);
            url.ok_or_else(|| Violation::new("invalid_format", "must be an https URL without credentials"))
        };
        text.map(picture).transpose()
    }
}

fn one_line(text: Option<&str>, most: usize) -> Result<Option<String>, Violation> {
    let Some(text) = text else { return Ok(None) };
    let text = field::text(text, 0, most)?;
    if text.chars().any(char::is_control) {
        return Err(Violation::new("forbidden_character", "must be one line without control characters"));
    }
    Ok((!text.is_empty()).then_some(text))
}

fn is_plain_https(url: &Url) -> bool {
    url.scheme() == "https" && url.has_host() && url.username().is_empty() && url.password().is_none()
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
        assert_eq!(Profile::parse_job_title(Some(" Analyst ")), Ok(Some("Analyst".to_owned())));
    }

    #[test]
    fn a_zone_has_a_name_that_the_world_knows() {
        let zone = |text| Profile::parse_time_zone(Some(text)).map_err(|violation| violation.code);
        assert_eq!(zone("Asia/Kolkata"), Ok(Some("Asia/Kolkata".to_owned())));
        for unknown in ["", "Asia/Atlantis", "+05:30", &"x".repeat(5_000)] {
            assert_eq!(zone(unknown), Err("unknown_time_zone"), "{unknown}");
        }
        assert_eq!(Profile::parse_time_zone(None), Ok(None));
    }

    #[test]
    fn a_locale_is_a_language_tag_in_its_usual_cases() {
        let locale = |text| Profile::parse_locale(Some(text)).map_err(|violation| violation.code);
        for (given, kept) in [("EN-in", "en-IN"), ("zh-hant-tw", "zh-Hant-TW"), ("de", "de")] {
            assert_eq!(locale(given), Ok(Some(kept.to_owned())));
        }
        for bad in ["", "en_IN", "english please", "e", &"en-".repeat(40)] {
            assert_eq!(locale(bad), Err("invalid_format"), "{bad}");
        }
    }

    #[test]
    fn a_picture_is_found_by_https_and_nothing_else() {
        let picture = |text| Profile::parse_avatar_url(Some(text)).map_err(|violation| violation.code);
        let good = "https://cdn.example.com/ada.png?size=200";
        assert_eq!(picture(good), Ok(Some(good.to_owned())));
        for bad in [
            "http://cdn.example.com/ada.png",
            "https://",
            "https://ada:secret@example.com/",
            "javascript:alert(1)",
            "data:image/png;base64,xx",
            "//example.com/a.png",
            "ada.png",
        ] {
            assert_eq!(picture(bad), Err("invalid_format"), "{bad}");
        }
        assert_eq!(picture(""), Err("required"));
        assert_eq!(picture(&format!("https://example.com/{}", "x".repeat(2_050))), Err("too_long"));
    }
}
