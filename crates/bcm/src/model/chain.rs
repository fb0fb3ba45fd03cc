//! Checking a whole chain of versions, batch by batch.
//!
//! The hashes are no signature: who can write the table can forge the newest version together with its hash. Every
//! other change shows, as the versions after it carry the old hash.

use super::ContextVersion;
use serde::{Deserialize, Serialize};

/// What checking the chain found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Integrity {
    /// Whether every version is as it was written, in its place, and none is missing.
    pub ok: bool,
    /// How many versions were looked at.
    pub checked_versions: u32,
    /// The lowest number that is changed, in another's place, or missing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub first_broken_version: Option<i32>,
}

/// Walks a chain from its first version.
#[derive(Debug, Default)]
pub struct ChainCheck {
    last_number: i32,
    last_hash: Option<String>,
    checked: u32,
    broken: Option<i32>,
}

impl ChainCheck {
    /// Looks at the next version in order of the numbers.
    pub fn look_at(&mut self, version: &ContextVersion) {
        let expected = self.last_number.saturating_add(1);
        let in_place = version.number == expected && version.previous_hash == self.last_hash;
        if !(in_place && version.is_intact()) {
            self.note(expected.min(version.number));
        }
        self.checked += 1;
        self.last_number = version.number;
        self.last_hash = Some(version.hash.clone());
    }

    /// The number of the last version looked at; 0 before the first.
    #[must_use]
    pub const fn last_number(&self) -> i32 {
        self.last_number
    }

    /// Ends the walk. `current` is the number of the version that the workspace calls its current one: the chain
    /// must reach it.
    #[must_use]
    pub fn finish(mut self, current: Option<i32>) -> Integrity {
        if current.is_some_and(|current| current > self.last_number) {
            self.note(self.last_number.saturating_add(1));
        }
        Integrity {
            ok: self.broken.is_none(),
            checked_versions: self.checked,
            first_broken_version: self.broken,
        }
    }

    fn note(&mut self, number: i32) {
        self.broken = Some(self.broken.map_or(number, |broken| broken.min(number)));
    }
}
