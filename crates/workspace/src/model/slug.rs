//! The label of a workspace in addresses.

use kernel::{Violation, WorkspaceId};
use serde::{Deserialize, Serialize};
use std::fmt;

/// 3 to 48 characters of `a-z`, `0-9` and single hyphens between them; no reserved word.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Slug(String);

/// Words that clients use for paths of their own.
const RESERVED: [&str; 20] = [
    "admin",
    "api",
    "app",
    "auth",
    "console",
    "docs",
    "health",
    "help",
    "login",
    "logout",
    "metrics",
    "new",
    "openapi",
    "raptorflow",
    "settings",
    "signup",
    "static",
    "support",
    "system",
    "www",
];

impl Slug {
    /// Fewest characters.
    pub const MIN: usize = 3;
    /// Most characters.
    pub const MAX: usize = 48;

    /// Takes a slug that somebody chose.
    ///
    /// # Errors
    /// `too_short`, `too_long`, `malformed` or `reserved`.
    pub fn parse(text: &str) -> Result<Self, Violation> {
        let length = text.chars().count();
        if length < Self::MIN {
            return Err(Violation::new("too_short", format!("must have at least {} characters", Self::MIN)));
        }
        if length > Self::MAX {
            return Err(Violation::new("too_long", format!("must have at most {} characters", Self::MAX)));
        }
        if !is_well_formed(text) {
            return Err(Violation::new("malformed", "use a-z, 0-9 and single hyphens between them"));
        }
        if RESERVED.contains(&text) {
            return Err(Violation::new("reserved", "this word is reserved"));
        }
        Ok(Self(text.to_owned()))
    }

    /// Makes a slug of a workspace's name: Latin letters lose their marks, other scripts are left out, everything
    /// else parts words. A name that leaves too little, or a reserved word, gets a word more; the end of the id
    /// stands in for a name that leaves nothing.
    #[must_use]
    pub fn derive(name: &str, id: WorkspaceId) -> Self {
        let plain = cut(&plain(name), Self::MAX);
        if plain.is_empty() {
            let id = id.uuid().simple().to_string();
            return Self(format!("workspace-{}", &id[id.len() - 8..]));
        }
        Self::parse(&plain).unwrap_or_else(|_| Self(format!("{plain}-workspace")))
    }

    /// The slug with a number behind it, cut so that it fits: `acme`, `acme-2`.
    #[must_use]
    pub fn numbered(&self, number: u32) -> Self {
        let number = number.to_string();
        Self(format!("{}-{number}", cut(&self.0, Self::MAX - number.len() - 1)))
    }

    /// The first of the slug, `-2`, `-3` … that none of `taken` is.
    #[must_use]
    pub fn first_free(self, taken: &[Self]) -> Self {
        let free = |slug: &Self| !taken.contains(slug);
        if free(&self) {
            return self;
        }
        // One number more than there are taken slugs, so one of them is free.
        let last = u32::try_from(taken.len()).unwrap_or(u32::MAX).saturating_add(2);
        (2..=last).map(|number| self.numbered(number)).find(free).unwrap_or(self)
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

fn is_well_formed(text: &str) -> bool {
    text.split('-').all(|word| {
        !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
    })
}

/// At most `max` bytes of plain ASCII, without a hyphen at the cut.
fn cut(plain: &str, max: usize) -> String {
    plain.get(..max).unwrap_or(plain).trim_end_matches('-').to_owned()
}

fn plain(name: &str) -> String {
    let mut slug = String::new();
    for c in name.chars().flat_map(char::to_lowercase) {
        if c.is_ascii_alphanumeric() {
            slug.push(c);
        } else if let Some(letters) = without_marks(c) {
            slug.push_str(letters);
        } else if parts_words(c) && !slug.is_empty() && !slug.ends_with('-') {
            slug.push('-');
        }
    }
    slug.trim_end_matches('-').to_owned()
}

/// Apostrophes stand inside words ("Joe's"), letters of other scripts and combining marks leave no gap.
fn parts_words(c: char) -> bool {
    !c.is_alphanumeric() && !matches!(c, '\'' | '’' | '`' | '´' | '\u{300}'..='\u{36f}')
}

/// The plain letters of a lower-case Latin letter with marks (blocks Latin-1 Supplement and Latin Extended-A).
fn without_marks(c: char) -> Option<&'static str> {
    Some(match c {
        'à'..='å' | 'ā' | 'ă' | 'ą' => "a",
        'æ' => "ae",
        'ç' | 'ć' | 'ĉ' | 'ċ' | 'č' => "c",
        'ď' | 'đ' | 'ð' => "d",
        'è'..='ë' | 'ē' | 'ĕ' | 'ė' | 'ę' | 'ě' => "e",
        'ĝ' | 'ğ' | 'ġ' | 'ģ' => "g",
        'ĥ' | 'ħ' => "h",
        'ì'..='ï' | 'ĩ' | 'ī' | 'ĭ' | 'į' | 'ı' => "i",
        'ĵ' => "j",
        'ķ' => "k",
        'ĺ' | 'ļ' | 'ľ' | 'ŀ' | 'ł' => "l",
        'ñ' | 'ń' | 'ņ' | 'ň' => "n",
        'ò'..='ö' | 'ø' | 'ō' | 'ŏ' | 'ő' => "o",
        'œ' => "oe",
        'ŕ' | 'ŗ' | 'ř' => "r",
        'ś' | 'ŝ' | 'ş' | 'š' => "s",
        'ß' => "ss",
        'ţ' | 'ť' | 'ŧ' => "t",
        'þ' => "th",
        'ù'..='ü' | 'ũ' | 'ū' | 'ŭ' | 'ů' | 'ű' | 'ų' => "u",
        'ŵ' => "w",
        'ý' | 'ÿ' | 'ŷ' => "y",
        'ź' | 'ż' | 'ž' => "z",
        _ => return None,
    })
}

impl fmt::Display for Slug {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl TryFrom<String> for Slug {
    type Error = Violation;

    fn try_from(text: String) -> Result<Self, Violation> {
        Self::parse(&text)
    }
}

impl From<Slug> for String {
    fn from(slug: Slug) -> Self {
        slug.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn id() -> WorkspaceId {
        WorkspaceId::from_uuid(uuid::Uuid::from_u128(0x0197_6f6e_0000_7000_8000_0000_dead_beef))
    }

    fn derived(name: &str) -> String {
        Slug::derive(name, id()).into()
    }

    #[test]
    fn a_chosen_slug_is_plain_and_not_reserved() {
        for good in ["abc", "acme-2", "a-b-c", "2026", &"x".repeat(48)] {
            assert_eq!(Slug::parse(good).unwrap().as_str(), good);
        }
        for (bad, code) in [
            ("ab", "too_short"),
            ("", "too_short"),
            (&*"x".repeat(49), "too_long"),
            ("-ab", "malformed"),
            ("ab-", "malformed"),
            ("a--b", "malformed"),
            ("Acme", "malformed"),
            ("caf\u{e9}", "malformed"),
            ("a_b", "malformed"),
            ("admin", "reserved"),
        ] {
            assert_eq!(Slug::parse(bad).unwrap_err().code, code, "{bad:?}");
        }
    }

    #[test]
    fn a_slug_is_made_of_the_name() {
        for (name, slug) in [
            ("Acme Corp", "acme-corp"),
            ("  Café Zürich & Søn  ", "cafe-zurich-son"),
            ("Joe's Straße", "joes-strasse"),
            ("Admin", "admin-workspace"),
            ("A", "a-workspace"),
            ("日本 Tools", "tools"),
            ("日本", "workspace-deadbeef"),
            ("!!!", "workspace-deadbeef"),
            ("Cafe\u{301} Noir", "cafe-noir"),
        ] {
            assert_eq!(derived(name), slug, "{name:?}");
        }
    }

    #[test]
    fn a_taken_slug_is_numbered_and_stays_short_enough() {
        let slug = |text: &str| Slug::parse(text).unwrap();
        let taken = [slug("acme"), slug("acme-2")];
        assert_eq!(slug("acme").first_free(&taken).as_str(), "acme-3");
        assert_eq!(slug("other").first_free(&taken).as_str(), "other");
        let long = slug(&"x".repeat(48));
        assert_eq!(long.numbered(12).as_str(), format!("{}-12", "x".repeat(45)));
    }

    #[test]
    fn every_reserved_word_would_else_be_a_slug() {
        for word in RESERVED {
            assert_eq!(Slug::parse(word).unwrap_err().code, "reserved");
        }
    }

    proptest! {
        #[test]
        fn whatever_the_name_the_slug_is_one(name in ".{0,130}", number in 2_u32..) {
            let slug = Slug::derive(&name, id());
            prop_assert_eq!(Slug::parse(slug.as_str()), Ok(slug.clone()));
            let numbered = slug.numbered(number);
            prop_assert_eq!(Slug::parse(numbered.as_str()), Ok(numbered));
        }
    }
}
