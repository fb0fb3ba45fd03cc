//! The seven lords, as the data file describes them.

use serde::{Deserialize, Serialize};
use std::sync::LazyLock;

/// A seat in the council.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Lord {
    /// Systems, structure of plans.
    Architect,
    /// Research, knowledge.
    Cognition,
    /// Strategy, execution.
    Strategos,
    /// Brand quality, creative work.
    Aesthete,
    /// Trends, intelligence.
    Seer,
    /// Rules, compliance, conflicts.
    Arbiter,
    /// Communication, messages.
    Herald,
}

impl Lord {
    /// Every lord, in the council's order.
    pub const ALL: [Self; 7] = [
        Self::Architect,
        Self::Cognition,
        Self::Strategos,
        Self::Aesthete,
        Self::Seer,
        Self::Arbiter,
        Self::Herald,
    ];

    /// The stable name, as stored and on the wire.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Architect => "architect",
            Self::Cognition => "cognition",
            Self::Strategos => "strategos",
            Self::Aesthete => "aesthete",
            Self::Seer => "seer",
            Self::Arbiter => "arbiter",
            Self::Herald => "herald",
        }
    }

    /// The lord of a stored name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|lord| lord.name() == name)
    }

    /// What the data file says of this lord.
    #[must_use]
    pub fn charter(self) -> &'static Charter {
        &COUNCIL[self as usize]
    }
}

/// A class of language models, which a provider's data resolves to one model.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ModelAlias {
    /// Cheap and quick.
    Fast,
    /// The usual choice.
    Standard,
    /// For the hardest thinking.
    Heavy,
}

impl ModelAlias {
    /// Every alias.
    pub const ALL: [Self; 3] = [Self::Fast, Self::Standard, Self::Heavy];

    /// The stable name, as stored and on the wire.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Fast => "fast",
            Self::Standard => "standard",
            Self::Heavy => "heavy",
        }
    }

    /// The alias of a stored name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|alias| alias.name() == name)
    }
}

/// Names of the tools that a lord may be allowed.
pub const TOOLS: [&str; 6] =
    ["bus_publish", "context_read", "model_dispatch", "template", "web_scraper", "web_search"];

/// A lord as every new workspace gets it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Charter {
    /// Which seat.
    pub key: Lord,
    /// What it is called.
    pub name: String,
    /// What it is lord of.
    pub title: String,
    /// The class of models it uses.
    pub alias: ModelAlias,
    /// The tools it may call, of [`TOOLS`].
    pub tools: Vec<String>,
    /// Its mandate, in a paragraph.
    pub instructions: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct DataFile {
    lord: Vec<Charter>,
}

/// By [`Lord`]'s order.
static COUNCIL: LazyLock<Vec<Charter>> = LazyLock::new(|| {
    #[expect(clippy::expect_used, reason = "the file is part of the program; a test parses it")]
    let mut file: DataFile =
        toml::from_str(include_str!("../../data/council.toml")).expect("council.toml is valid");
    file.lord.sort_by_key(|charter| charter.key);
    file.lord
});

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn the_data_file_seats_each_lord_once() {
        let seated: Vec<_> = COUNCIL.iter().map(|charter| charter.key).collect();
        assert_eq!(seated, Lord::ALL);
        for lord in Lord::ALL {
            assert_eq!(lord.charter().key, lord);
            assert_eq!(Lord::from_name(lord.name()), Some(lord));
            assert_eq!(serde_json::to_value(lord).unwrap(), lord.name());
        }
    }

    #[test]
    fn every_lord_has_a_mandate_of_its_own_and_known_tools() {
        let mandates: BTreeSet<_> = COUNCIL.iter().map(|charter| &charter.instructions).collect();
        assert_eq!(mandates.len(), Lord::ALL.len());
        for charter in COUNCIL.iter() {
            assert!(charter.instructions.split_whitespace().count() >= 60, "{:?}", charter.key);
            assert!(!charter.name.is_empty() && charter.title.starts_with("Lord of "), "{:?}", charter.key);
            let distinct: BTreeSet<_> = charter.tools.iter().collect();
            assert_eq!(distinct.len(), charter.tools.len(), "{:?} repeats a tool", charter.key);
            for tool in &charter.tools {
                assert!(TOOLS.contains(&tool.as_str()), "{:?} has the unknown tool {tool}", charter.key);
            }
        }
    }

    #[test]
    fn aliases_come_back_from_their_names() {
        for alias in ModelAlias::ALL {
            assert_eq!(ModelAlias::from_name(alias.name()), Some(alias));
            assert_eq!(serde_json::to_value(alias).unwrap(), alias.name());
        }
    }
}
