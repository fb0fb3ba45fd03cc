//! What the business forbids: read once, then held against every tactic and every text.

use std::sync::LazyLock;

use kernel::channels::{ChannelKind, ChannelSlug, Vocabulary};
use serde::{Deserialize, Serialize};

use super::lexicon::{lexicon, occurs, stems};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct DataFile {
    tag: Vec<Tag>,
}

/// A kind of tactic that people forbid, from `data/strategy/constraints.toml`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Tag {
    pub(crate) id: String,
    pub(crate) name: String,
    triggers: Vec<String>,
    #[serde(default)]
    channels: Vec<String>,
    #[serde(default)]
    kinds: Vec<ChannelKind>,
    mentions: Vec<String>,
}

static TAGS: LazyLock<Vec<Tag>> = LazyLock::new(|| {
    #[expect(clippy::expect_used, reason = "the file is part of the program; a test parses it")]
    let file: DataFile = toml::from_str(include_str!("../../../data/strategy/constraints.toml"))
        .expect("constraints.toml is valid");
    file.tag
});

/// All tags that a constraint can mean.
pub(crate) fn tags() -> &'static [Tag] {
    &TAGS
}

/// A constraint, and what follows from it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConstraintReading {
    /// The constraint as the business wrote it.
    pub rule: String,
    /// Tags of tactics that it forbids.
    pub tags: Vec<String>,
    /// Channels that it rules out.
    pub channels: Vec<ChannelSlug>,
    /// Wordings that no text of a move may contain.
    pub mentions: Vec<Mention>,
}

/// A forbidden wording, as word stems.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mention {
    /// The stems.
    pub words: Vec<String>,
    /// Whether they must be neighbours; otherwise one sentence that has them all is enough.
    pub adjacent: bool,
}

/// Reads every constraint.
pub(crate) fn read(forbidden: &[String]) -> Vec<ConstraintReading> {
    forbidden
        .iter()
        .filter(|rule| rule.chars().any(char::is_alphanumeric))
        .map(|rule| read_one(rule))
        .collect()
}

fn read_one(rule: &str) -> ConstraintReading {
    let mut reading =
        ConstraintReading { rule: rule.trim().to_owned(), tags: vec![], channels: vec![], mentions: vec![] };
    let whole = rule.replace(" and ", ",").replace(" or ", ",").replace(" nor ", ",");
    for part in whole.split([',', ';', '/', '\n']) {
        read_part(part, &mut reading);
    }
    reading
}

fn read_part(part: &str, reading: &mut ConstraintReading) {
    let content = lexicon().content_sequence(part);
    if content.is_empty() {
        return;
    }
    let found = triggered(&stems(part));
    for tag in &found {
        reading.tags.push(tag.id.clone());
        reading.mentions.extend(tag.mentions.iter().map(|m| Mention { words: stems(m), adjacent: true }));
        let of_kind = Vocabulary::standard().iter().filter(|channel| tag.kinds.contains(&channel.kind));
        reading.channels.extend(of_kind.map(|channel| channel.slug.clone()));
        reading.channels.extend(tag.channels.iter().filter_map(|slug| ChannelSlug::parse(slug).ok()));
    }
    let named = channel_named(&content, part);
    let known = !found.is_empty() || named.is_some();
    reading.channels.extend(named);
    reading.mentions.push(Mention { words: content, adjacent: known });
    reading.tags.sort();
    reading.tags.dedup();
    reading.channels.sort();
    reading.channels.dedup();
}

/// Tags whose trigger occurs, unless it lies within a longer trigger: "cold e-mail" is not about e-mail as such.
fn triggered(text: &[String]) -> Vec<&'static Tag> {
    let mut hits: Vec<(usize, usize, &'static Tag)> = Vec::new();
    for tag in tags() {
        for trigger in &tag.triggers {
            let trigger = stems(trigger);
            let at = text.windows(trigger.len()).position(|window| window == trigger);
            hits.extend(at.map(|at| (at, at + trigger.len(), tag)));
        }
    }
    let within = |inner: &(usize, usize, &Tag)| {
        hits.iter().any(|(from, to, tag)| {
            *from <= inner.0 && *to >= inner.1 && to - from > inner.1 - inner.0 && tag.id != inner.2.id
        })
    };
    let mut found: Vec<&'static Tag> = hits.iter().filter(|hit| !within(hit)).map(|hit| hit.2).collect();
    found.sort_by(|a, b| a.id.cmp(&b.id));
    found.dedup_by(|a, b| a.id == b.id);
    found
}

/// The channel, when the constraint says nothing but its name ("TikTok", "no Facebook ads").
fn channel_named(content: &[String], part: &str) -> Option<ChannelSlug> {
    let channel = Vocabulary::standard().resolve(part)?;
    let mut names = channel.aliases.iter().chain([&channel.name]);
    let exact = stems(channel.slug.as_str()) == content || names.any(|name| stems(name) == content);
    exact.then(|| channel.slug.clone())
}

/// The first constraint that the text breaks by mentioning what is forbidden.
pub(crate) fn broken_by<'a>(readings: &'a [ConstraintReading], text: &str) -> Option<&'a ConstraintReading> {
    if readings.is_empty() {
        return None;
    }
    let (all, content) = (stems(text), lexicon().content_sequence(text));
    // Only a text that has all the words somewhere can have them in one sentence.
    let has_all = |words: &[String]| words.iter().all(|word| content.contains(word));
    let in_sentence = |words: &[String]| {
        let mut sentences = text.split(['.', '!', '?', '\n']).map(|part| lexicon().content_sequence(part));
        sentences.any(|sentence| words.iter().all(|word| sentence.contains(word)))
    };
    let says = |mention: &Mention| match mention.adjacent {
        true => occurs(&all, &mention.words) || occurs(&content, &mention.words),
        false => has_all(&mention.words) && in_sentence(&mention.words),
    };
    readings.iter().find(|reading| reading.mentions.iter().any(says))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tags_of(rule: &str) -> Vec<String> {
        read(&[rule.to_owned()]).remove(0).tags
    }

    #[test]
    fn usual_constraints_are_understood() {
        for (rule, tag) in [
            ("cold e-mail to acquire customers", "cold_outreach"),
            ("third-party trackers", "third_party_tracking"),
            ("No retargeting!", "third_party_tracking"),
            ("pop-ups and dark patterns", "interruption"),
            ("incentivised campaigns", "incentives"),
            ("give-aways", "incentives"),
            ("large coordinated campaigns", "coordinated_launch"),
            ("press outreach", "press"),
            ("never pay influencers", "influencers"),
            ("paid advertising of any kind", "paid_advertising"),
        ] {
            assert_eq!(tags_of(rule), [tag], "{rule}");
        }
    }

    #[test]
    fn cold_email_does_not_forbid_email() {
        let reading = read(&["cold e-mail to acquire customers".to_owned()]).remove(0);
        assert!(reading.channels.iter().any(|channel| channel.as_str() == "cold_email"));
        assert!(!reading.channels.iter().any(|channel| channel.as_str() == "email"));
    }

    #[test]
    fn a_channel_named_alone_is_ruled_out_but_not_one_named_in_passing() {
        let channels = |rule: &str| read(&[rule.to_owned()]).remove(0).channels;
        assert_eq!(channels("no TikTok")[0].as_str(), "tiktok");
        assert_eq!(channels("content that makes fun of growers"), []);
    }

    #[test]
    fn an_unknown_constraint_is_held_against_the_words_of_a_text() {
        let readings = read(&["no health claims".to_owned(), "stock photos".to_owned()]);
        assert!(broken_by(&readings, "Our coffee: a claim about your health.").is_some());
        assert!(broken_by(&readings, "Claims are checked. Health is a word elsewhere.").is_none());
        assert_eq!(broken_by(&readings, "Use photos from stock").unwrap().rule, "stock photos");
    }

    #[test]
    fn empty_constraints_forbid_nothing() {
        assert_eq!(read(&[String::new(), " - ".to_owned()]), []);
        let readings = read(&["the and of".to_owned()]);
        assert!(broken_by(&readings, "the and of anything").is_none());
    }
}
