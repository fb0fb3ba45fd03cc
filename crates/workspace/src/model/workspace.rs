//! The tenant.

use super::{Settings, Slug};
use kernel::{TimeZone, Timestamp, Violation, WorkspaceId, field};
use serde::{Deserialize, Serialize};

/// Whether a workspace is there for its members.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WorkspaceStatus {
    /// In use.
    Active,
    /// Gone for everybody; its rows wait to be purged.
    Deleted,
}

/// What happens to a workspace.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WorkspaceInput {
    /// Its owner gives it up.
    Delete,
}

impl WorkspaceStatus {
    /// Every state.
    pub const ALL: [Self; 2] = [Self::Active, Self::Deleted];

    /// The stable name, as stored and on the wire.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Deleted => "deleted",
        }
    }

    /// The state of a stored name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.name() == name)
    }

    /// The next state; `None` when the input has no business in this state.
    #[must_use]
    pub const fn transition(self, input: WorkspaceInput) -> Option<Self> {
        match (self, input) {
            (Self::Active, WorkspaceInput::Delete) => Some(Self::Deleted),
            (Self::Deleted, WorkspaceInput::Delete) => None,
        }
    }
}

/// A tenant.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Workspace {
    /// Addresses it.
    pub id: WorkspaceId,
    /// What people call it: 1 to 120 characters.
    pub name: String,
    /// A label for people; unique among the workspaces of whoever gave it, not over tenants.
    pub slug: Slug,
    /// Decides where a day begins: due dates, daily wins, working days.
    #[serde(with = "zone_name")]
    pub time_zone: TimeZone,
    /// Preferences of clients.
    pub settings: Settings,
    /// Whether it is there.
    pub status: WorkspaceStatus,
    /// 1 at first, one more with each save.
    pub version: i32,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was last saved.
    pub updated_at: Timestamp,
}

/// The name of a workspace: trimmed, 1 to 120 characters.
///
/// # Errors
/// `required`, `too_long` or `forbidden_character`.
pub(crate) fn name(text: &str) -> Result<String, Violation> {
    field::text(text, 1, 120)
}

/// An IANA time zone.
///
/// # Errors
/// `unknown_time_zone`.
pub(crate) fn time_zone(name: &str) -> Result<TimeZone, Violation> {
    TimeZone::parse(name).map_err(|error| Violation::new("unknown_time_zone", error.to_string()))
}

mod zone_name {
    use super::TimeZone;
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    pub(super) fn serialize<S: Serializer>(zone: &TimeZone, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(zone.name())
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<TimeZone, D::Error> {
        TimeZone::parse(&String::deserialize(deserializer)?).map_err(D::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_pair_of_state_and_input_is_decided() {
        use WorkspaceStatus as S;
        assert_eq!(S::Active.transition(WorkspaceInput::Delete), Some(S::Deleted));
        assert_eq!(S::Deleted.transition(WorkspaceInput::Delete), None);
        for status in S::ALL {
            assert_eq!(S::from_name(status.name()), Some(status));
        }
        assert_eq!(S::from_name("gone"), None);
    }

    #[test]
    fn names_and_zones_are_parsed() {
        assert_eq!(name("  Acme ").unwrap(), "Acme");
        assert_eq!(name("  ").unwrap_err().code, "required");
        assert_eq!(name(&"x".repeat(121)).unwrap_err().code, "too_long");
        assert_eq!(time_zone("Asia/Kolkata").unwrap().name(), "Asia/Kolkata");
        assert_eq!(time_zone("Mars/Olympus").unwrap_err().code, "unknown_time_zone");
    }
}
