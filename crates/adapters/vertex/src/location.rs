use std::{fmt, str::FromStr};

/// Where a model is asked: `global`, one of the two multi-regions `us` and `eu`, or a region such as `us-central1`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Location(String);

/// The text is no location.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no location such as `global`, `eu` or `us-central1`")]
pub struct NotALocation(String);

impl Location {
    /// Wherever there is room.
    #[must_use]
    pub fn global() -> Self {
        Self("global".to_owned())
    }

    /// The base of its URLs, without a slash at the end.
    #[must_use]
    pub fn base(&self) -> String {
        match self.0.as_str() {
            "global" => "https://aiplatform.googleapis.com".to_owned(),
            multi @ ("us" | "eu") => format!("https://aiplatform.{multi}.rep.googleapis.com"),
            region => format!("https://{region}-aiplatform.googleapis.com"),
        }
    }

    /// Whether what costs more in a region costs more here.
    #[must_use]
    pub fn is_regional(&self) -> bool {
        self.0 != "global"
    }

    /// Its name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for Location {
    type Err = NotALocation;

    /// It becomes part of a host's name, so it is taken letter by letter.
    fn from_str(text: &str) -> Result<Self, NotALocation> {
        let is_word = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        let is_name = (2..=40).contains(&text.len()) && text.bytes().all(is_word);
        let is_name = is_name && text.starts_with(|c: char| c.is_ascii_lowercase()) && !text.ends_with('-');
        if is_name { Ok(Self(text.to_owned())) } else { Err(NotALocation(text.to_owned())) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_form_of_a_location_has_its_host() {
        for (name, base, is_regional) in [
            ("global", "https://aiplatform.googleapis.com", false),
            ("us", "https://aiplatform.us.rep.googleapis.com", true),
            ("eu", "https://aiplatform.eu.rep.googleapis.com", true),
            ("us-central1", "https://us-central1-aiplatform.googleapis.com", true),
        ] {
            let location: Location = name.parse().unwrap();
            assert_eq!((location.base().as_str(), location.is_regional()), (base, is_regional));
        }
    }

    #[test]
    fn what_would_lead_elsewhere_is_no_location() {
        for odd in ["", "x", "evil.example/", "us central1", "US", "-us", "us-", "a@b", &"x".repeat(41)] {
            assert!(odd.parse::<Location>().is_err(), "{odd}");
        }
    }
}
