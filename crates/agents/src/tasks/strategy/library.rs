//! The tactics, and the cadence of channels, from the data files.
//!
//! To add a tactic: add it to a file under `data/strategy/tactics`. Tests check that its slots exist, that it suits at
//! least one channel and that it keeps the limits of each.

use std::{collections::BTreeMap, sync::LazyLock};

use kernel::channels::{Channel, ChannelKind};
use serde::Deserialize;

use super::plan::FunnelStage;

/// What a tactic is about: it can be used once for each such item.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum About {
    Pain,
    Goal,
    Objection,
    Trigger,
    Pillar,
    Support,
    Proof,
    Competitor,
    /// The headline of an article that an earlier move of the plan publishes.
    Published,
    Nothing,
}

/// How a tactic spends money.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Spend {
    /// A test with a budget of its own.
    Experiment,
    /// Puts what is left behind the test that worked.
    Scale,
}

/// Which limit of the channel a part of a draft must keep.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum PartLimit {
    Headline,
    Body,
}

/// A part of a draft.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Part {
    pub(crate) label: Option<String>,
    pub(crate) limit: Option<PartLimit>,
    /// Versions from long to short; the first that can be filled and fits is used.
    pub(crate) text: Vec<String>,
}

/// A kind of move, with templates for its texts.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Tactic {
    pub(crate) id: String,
    /// Channels it suits; with `kinds` empty as well, it suits all.
    #[serde(default)]
    pub(crate) channels: Vec<String>,
    #[serde(default)]
    pub(crate) kinds: Vec<ChannelKind>,
    pub(crate) stage: FunnelStage,
    pub(crate) about: About,
    /// Tags that a constraint may forbid.
    #[serde(default)]
    pub(crate) tags: Vec<String>,
    /// A trait of the voice without which the tactic is not used.
    pub(crate) voice: Option<String>,
    /// Reads best with something that people do ("driving adoption").
    #[serde(default)]
    pub(crate) prefers_activity: bool,
    pub(crate) spend: Option<Spend>,
    /// 0 to 5; among equals the higher is used first. 0 is a last resort.
    pub(crate) weight: i64,
    /// Title of what it publishes, for later moves that carry it further.
    pub(crate) headline: Option<String>,
    pub(crate) title: String,
    pub(crate) objective: String,
    pub(crate) brief: String,
    pub(crate) tasks: Vec<String>,
    #[serde(default)]
    pub(crate) draft: Vec<Part>,
    pub(crate) measure: String,
}

impl Tactic {
    pub(crate) fn is_general(&self) -> bool {
        self.channels.is_empty() && self.kinds.is_empty()
    }

    pub(crate) fn suits(&self, channel: &Channel) -> bool {
        self.is_general()
            || self.kinds.contains(&channel.kind)
            || self.channels.iter().any(|slug| slug == channel.slug.as_str())
    }
}

/// How often a channel is used and how long its first move takes.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Pace {
    pub(crate) per_four_weeks: usize,
    /// Working days before the first move can be done.
    pub(crate) lead_days: usize,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct TacticsFile {
    tactic: Vec<Tactic>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CadenceFile {
    kinds: BTreeMap<ChannelKind, Pace>,
    channels: BTreeMap<String, Pace>,
    in_text: BTreeMap<String, String>,
    label: BTreeMap<String, String>,
    targeting: BTreeMap<String, String>,
}

static TACTICS: LazyLock<Vec<Tactic>> = LazyLock::new(|| {
    let files = [
        include_str!("../../../data/strategy/tactics/content.toml"),
        include_str!("../../../data/strategy/tactics/social.toml"),
        include_str!("../../../data/strategy/tactics/paid.toml"),
        include_str!("../../../data/strategy/tactics/community.toml"),
        include_str!("../../../data/strategy/tactics/direct.toml"),
        include_str!("../../../data/strategy/tactics/places.toml"),
    ];
    #[expect(clippy::expect_used, reason = "the files are part of the program; a test parses them")]
    let parse = |file: &str| toml::from_str::<TacticsFile>(file).expect("the tactics are valid").tactic;
    files.into_iter().flat_map(parse).collect()
});

static CADENCE: LazyLock<CadenceFile> = LazyLock::new(|| {
    #[expect(clippy::expect_used, reason = "the file is part of the program; a test parses it")]
    toml::from_str(include_str!("../../../data/strategy/cadence.toml")).expect("cadence.toml is valid")
});

/// All tactics in the order of the files.
pub(crate) fn tactics() -> &'static [Tactic] {
    &TACTICS
}

/// Whether there is a way to put more money behind what worked on the channel.
pub(crate) fn can_scale(channel: &Channel) -> bool {
    tactics().iter().any(|tactic| tactic.spend == Some(Spend::Scale) && tactic.suits(channel))
}

/// The cadence of a channel: its own, or that of its kind.
pub(crate) fn pace(channel: &Channel) -> Pace {
    let own = CADENCE.channels.get(channel.slug.as_str());
    let pace = own.or_else(|| CADENCE.kinds.get(&channel.kind));
    pace.copied().unwrap_or(Pace { per_four_weeks: 2, lead_days: 1 })
}

/// What a title calls one use of the channel.
pub(crate) fn label(channel: &Channel) -> String {
    CADENCE.label.get(channel.slug.as_str()).unwrap_or(&channel.name).clone()
}

/// Template for how the channel finds an audience.
pub(crate) fn targeting(channel: &Channel) -> Option<&'static String> {
    CADENCE.targeting.get(channel.slug.as_str()).or_else(|| CADENCE.targeting.get("default"))
}

/// The channel's name in the middle of a sentence.
pub(crate) fn name_in_text(channel: &Channel) -> String {
    CADENCE.in_text.get(channel.slug.as_str()).unwrap_or(&channel.name).clone()
}
