//! The channel vocabulary: which marketing channels exist, what kind each is, which words mean it and what a text
//! on it may be as long as.
//!
//! The list is the data file `data/channels.toml`. A [`ChannelSlug`] is a name out of that list, so whoever holds
//! one need not check it again; text that people write ("Hacker News", "G2 and other review sites") becomes a
//! channel through [`Vocabulary::resolve`].
//!
//! To add a channel: add it to the data file. Slugs are stored in campaigns and moves, so they are never renamed.

use std::{collections::HashMap, fmt, str::FromStr, sync::LazyLock};

use serde::{Deserialize, Serialize};

/// A text that is no slug of the vocabulary.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a channel of the vocabulary")]
pub struct UnknownChannel(pub String);

/// The slug of a channel that exists in the [standard vocabulary](Vocabulary::standard), for example `reddit_ads`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ChannelSlug(String);

impl ChannelSlug {
    /// Takes the exact, lower-case slug.
    ///
    /// # Errors
    /// [`UnknownChannel`] when the vocabulary has no such slug; names and aliases are for [`Vocabulary::resolve`].
    pub fn parse(slug: &str) -> Result<Self, UnknownChannel> {
        match Vocabulary::standard().find(slug) {
            Some(channel) => Ok(channel.slug.clone()),
            None => Err(UnknownChannel(slug.to_owned())),
        }
    }

    /// The slug as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ChannelSlug {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for ChannelSlug {
    type Err = UnknownChannel;

    fn from_str(slug: &str) -> Result<Self, UnknownChannel> {
        Self::parse(slug)
    }
}

impl TryFrom<String> for ChannelSlug {
    type Error = UnknownChannel;

    fn try_from(slug: String) -> Result<Self, UnknownChannel> {
        Self::parse(&slug)
    }
}

impl From<ChannelSlug> for String {
    fn from(slug: ChannelSlug) -> Self {
        slug.0
    }
}

/// Who controls the channel and what using it takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ChannelKind {
    /// The business publishes there as it likes: blog, documentation, newsletter.
    Owned,
    /// Others decide whether the business appears: search results, reviews, press.
    Earned,
    /// Each appearance costs money.
    Paid,
    /// The business's account on a network of others.
    Social,
    /// Places of discussion with rules of their own, where the business is one voice among many.
    Community,
    /// One person addresses another: e-mail, events, partners.
    Direct,
}

/// How long texts on a channel may be, in characters (Unicode scalar values). `None` means no limit worth stating.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ChannelLimits {
    /// The whole text of a post.
    pub max_draft_chars: Option<usize>,
    /// A headline, title or subject line.
    pub max_headline_chars: Option<usize>,
    /// The text under an ad's headline.
    pub max_body_chars: Option<usize>,
}

/// A channel of the vocabulary.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Channel {
    /// Its stable name in campaigns and moves.
    pub slug: ChannelSlug,
    /// Its name for people.
    pub name: String,
    /// Who controls it.
    pub kind: ChannelKind,
    /// Other words for it, lower-case.
    pub aliases: Vec<String>,
    /// Channels whose audience also meets this one.
    pub reaches: Vec<ChannelSlug>,
    /// The paid counterpart of a social or community channel.
    pub paid: Option<ChannelSlug>,
    /// Lengths of its texts.
    pub limits: ChannelLimits,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    slug: String,
    name: String,
    kind: ChannelKind,
    #[serde(default)]
    aliases: Vec<String>,
    #[serde(default)]
    reaches: Vec<String>,
    paid: Option<String>,
    #[serde(default)]
    limits: ChannelLimits,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct DataFile {
    channel: Vec<Entry>,
}

impl From<Entry> for Channel {
    /// Slugs of the data file are trusted here; a test checks that each one it mentions is declared.
    fn from(entry: Entry) -> Self {
        Self {
            slug: ChannelSlug(entry.slug),
            name: entry.name,
            kind: entry.kind,
            aliases: entry.aliases,
            reaches: entry.reaches.into_iter().map(ChannelSlug).collect(),
            paid: entry.paid.map(ChannelSlug),
            limits: entry.limits,
        }
    }
}

/// All channels, with what is needed to recognise them in text.
#[derive(Debug)]
pub struct Vocabulary {
    channels: Vec<Channel>,
    by_slug: HashMap<String, usize>,
    /// What a slug, name or alias says, by its first word.
    phrases: HashMap<String, Vec<Phrase>>,
}

/// What a slug, name or alias says.
#[derive(Debug)]
struct Phrase {
    words: Vec<String>,
    letters: usize,
    /// The channel that is meant.
    index: usize,
}

impl Phrase {
    fn of(text: &str, index: usize) -> Self {
        let words = words(text);
        let letters = words.iter().map(|word| word.chars().count()).sum();
        Self { words, letters, index }
    }
}

static STANDARD: LazyLock<Vocabulary> = LazyLock::new(|| {
    #[expect(clippy::expect_used, reason = "the file is part of the program; a test parses it")]
    let file: DataFile =
        toml::from_str(include_str!("../data/channels.toml")).expect("channels.toml is valid");
    Vocabulary::new(file.channel.into_iter().map(Channel::from).collect())
});

/// Words that turn a network into its paid counterpart: "sponsored posts on LinkedIn".
const PAID_WORDS: [&str; 7] =
    ["ad", "advert", "advertising", "advertisement", "paid", "sponsored", "promoted"];

impl Vocabulary {
    /// The vocabulary that comes with the program.
    #[must_use]
    pub fn standard() -> &'static Self {
        &STANDARD
    }

    fn new(channels: Vec<Channel>) -> Self {
        let by_slug = channels.iter().enumerate().map(|(i, c)| (c.slug.0.clone(), i)).collect();
        let mut phrases: HashMap<String, Vec<Phrase>> = HashMap::new();
        for (index, channel) in channels.iter().enumerate() {
            let names = [&channel.slug.0, &channel.name];
            for phrase in names.into_iter().chain(&channel.aliases).map(|text| Phrase::of(text, index)) {
                if let Some(first) = phrase.words.first() {
                    phrases.entry(first.clone()).or_default().push(phrase);
                }
            }
        }
        Self { channels, by_slug, phrases }
    }

    /// All channels in the order of the data file.
    pub fn iter(&self) -> impl Iterator<Item = &Channel> {
        self.channels.iter()
    }

    /// The channel with exactly this slug.
    #[must_use]
    pub fn find(&self, slug: &str) -> Option<&Channel> {
        self.by_slug.get(slug).map(|&index| &self.channels[index])
    }

    /// The channel of a slug; `None` cannot happen for a slug of this vocabulary.
    #[must_use]
    pub fn channel(&self, slug: &ChannelSlug) -> Option<&Channel> {
        self.find(slug.as_str())
    }

    /// The channel that free text means, if any: "Google search", "G2 and other review sites", "ads on LinkedIn".
    ///
    /// Case, punctuation and plural s do not matter. The longest slug, name or alias that occurs as whole words
    /// wins, the earlier in the text on a tie; an alias of one letter ("X") must be the whole text.
    #[must_use]
    pub fn resolve(&self, text: &str) -> Option<&Channel> {
        let text = words(text);
        let found = self.best_phrase(&text)?;
        let paid_meant = text.iter().any(|word| PAID_WORDS.contains(&word.as_str()));
        match &found.paid {
            Some(paid) if paid_meant => self.channel(paid),
            _ => Some(found),
        }
    }

    fn best_phrase(&self, text: &[String]) -> Option<&Channel> {
        let mut best: Option<(usize, usize, usize, usize)> = None;
        for (at, first) in text.iter().enumerate() {
            for Phrase { words, letters, index } in self.phrases.get(first).into_iter().flatten() {
                let is_there = if *letters == 1 { text == words } else { text[at..].starts_with(words) };
                if is_there {
                    // Compared as "more words, more letters, earlier in the text, earlier in the file".
                    best = best.max(Some((words.len(), *letters, usize::MAX - at, usize::MAX - index)));
                }
            }
        }
        best.map(|(.., index)| &self.channels[usize::MAX - index])
    }
}

/// Lower-case words without punctuation and plural s; "e-mail" and "email" are one word.
fn words(text: &str) -> Vec<String> {
    text.to_lowercase()
        .replace("e-mail", "email")
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(|word| match word.strip_suffix('s') {
            Some(stem) if stem.len() > 1 && !stem.ends_with('s') => stem.to_owned(),
            _ => word.to_owned(),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    fn slug_of(text: &str) -> Option<&'static str> {
        Vocabulary::standard().resolve(text).map(|channel| channel.slug.as_str())
    }

    #[test]
    fn the_data_file_declares_each_slug_once_and_mentions_no_other() {
        let vocabulary = Vocabulary::standard();
        let slugs: HashSet<_> = vocabulary.iter().map(|c| &c.slug).collect();
        assert_eq!(slugs.len(), vocabulary.iter().count(), "a slug is declared twice");
        for channel in vocabulary.iter() {
            assert!(channel.slug.0.chars().all(|c| c.is_ascii_lowercase() || c == '_'), "{}", channel.slug);
            for other in channel.reaches.iter().chain(&channel.paid) {
                assert!(slugs.contains(other), "{} mentions unknown {other}", channel.slug);
            }
            if let Some(paid) = &channel.paid {
                assert_eq!(vocabulary.channel(paid).unwrap().kind, ChannelKind::Paid);
            }
        }
    }

    #[test]
    fn an_alias_means_one_channel_only() {
        let mut seen: HashMap<Vec<String>, &ChannelSlug> = HashMap::new();
        for phrase in Vocabulary::standard().phrases.values().flatten() {
            let slug = &Vocabulary::standard().channels[phrase.index].slug;
            if let Some(other) = seen.insert(phrase.words.clone(), slug) {
                assert_eq!(other, slug, "{:?} means two channels", phrase.words);
            }
        }
    }

    #[test]
    fn every_slug_and_name_resolves_to_its_own_channel() {
        for channel in Vocabulary::standard().iter() {
            assert_eq!(slug_of(channel.slug.as_str()), Some(channel.slug.as_str()));
            assert_eq!(slug_of(&channel.name), Some(channel.slug.as_str()), "{}", channel.name);
        }
    }

    #[test]
    fn what_people_write_resolves() {
        for (text, slug) in [
            ("Google search", "search"),
            ("Hacker News", "hacker_news"),
            ("Twitter", "twitter"),
            ("X", "twitter"),
            ("G2 and other review sites", "review_sites"),
            ("recommendations from colleagues", "word_of_mouth"),
            ("reddit_ads", "reddit_ads"),
            ("Reddit", "reddit"),
            ("developer communities", "developer_communities"),
            ("LinkedIn", "linkedin"),
            ("linkedin_ads", "linkedin_ads"),
            ("sponsored posts on LinkedIn", "linkedin_ads"),
            ("documentation", "documentation"),
            ("content", "content"),
            ("our blog", "content"),
            ("Product Hunt", "product_hunt"),
            ("  NEWSLETTER!! ", "newsletter"),
            ("cold e-mail to acquire customers", "cold_email"),
            ("Instagram ads", "meta_ads"),
        ] {
            assert_eq!(slug_of(text), Some(slug), "{text}");
        }
    }

    #[test]
    fn text_that_names_no_channel_resolves_to_nothing() {
        for text in ["", "   ", "—", "carrier pigeons", "x marks the spot", "日本語", "{{ 7 * 7 }}"] {
            assert_eq!(slug_of(text), None, "{text}");
        }
    }

    #[test]
    fn a_slug_is_parsed_exactly_and_travels_as_a_plain_string() {
        let slug = ChannelSlug::parse("reddit_ads").unwrap();
        assert_eq!(serde_json::to_string(&slug).unwrap(), r#""reddit_ads""#);
        assert_eq!(serde_json::from_str::<ChannelSlug>(r#""reddit_ads""#).unwrap(), slug);
        assert_eq!(ChannelSlug::parse("Reddit"), Err(UnknownChannel("Reddit".to_owned())));
        assert!(serde_json::from_str::<ChannelSlug>(r#""carrier_pigeon""#).is_err());
    }
}
