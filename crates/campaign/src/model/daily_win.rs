use crate::{Error, Result};
use kernel::{DailyWinId, Date, MoveId, Timestamp, WorkspaceId};
use serde::{Deserialize, Serialize};

/// Why a win was chosen; in order of urgency.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WinKind {
    /// A move whose day has passed.
    Overdue,
    /// A move whose day is today.
    DueToday,
    /// A move that somebody is at.
    InProgress,
    /// A first step of a move of the coming days.
    Prepare,
}

impl WinKind {
    /// Every kind.
    pub const ALL: [Self; 4] = [Self::Overdue, Self::DueToday, Self::InProgress, Self::Prepare];

    /// The stable name, as stored and on the wire.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Overdue => "overdue",
            Self::DueToday => "due_today",
            Self::InProgress => "in_progress",
            Self::Prepare => "prepare",
        }
    }

    /// The kind of a stored name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }
}

/// Where a win is in its life.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WinStatus {
    /// To be decided.
    Open,
    /// Done.
    Done,
    /// Not today.
    Dismissed,
}

/// What a person decides about a win.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names are the actions")]
pub enum WinInput {
    Complete,
    Dismiss,
}

impl WinStatus {
    /// Every status.
    pub const ALL: [Self; 3] = [Self::Open, Self::Done, Self::Dismissed];

    /// The stable name, as stored and on the wire.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Done => "done",
            Self::Dismissed => "dismissed",
        }
    }

    /// The status of a stored name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.name() == name)
    }

    /// The next status.
    ///
    /// # Errors
    /// [`Error::DailyWinState`] for a win that has been decided.
    pub const fn transition(self, input: WinInput) -> Result<Self> {
        match (self, input) {
            (Self::Open, WinInput::Complete) => Ok(Self::Done),
            (Self::Open, WinInput::Dismiss) => Ok(Self::Dismissed),
            _ => Err(Error::DailyWinState(self.name())),
        }
    }
}

/// A small action for one day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DailyWin {
    /// Its id.
    pub id: DailyWinId,
    /// The tenant.
    pub workspace_id: WorkspaceId,
    /// The day, in the workspace's time zone.
    pub date: Date,
    /// Why it was chosen.
    pub kind: WinKind,
    /// What it was chosen from: at most one win a day has the same source.
    pub source: String,
    /// What to do.
    pub text: String,
    /// The move it serves.
    pub move_id: Option<MoveId>,
    /// Where it is in its life.
    pub status: WinStatus,
    /// Counts the changes, from 1.
    pub version: i32,
    /// When it was chosen.
    pub created_at: Timestamp,
    /// When it was decided.
    pub updated_at: Timestamp,
}

impl DailyWin {
    /// Decides about it.
    ///
    /// # Errors
    /// [`Error::DailyWinState`].
    pub fn decide(&mut self, input: WinInput, now: Timestamp) -> Result<()> {
        self.status = self.status.transition(input)?;
        self.version += 1;
        self.updated_at = now;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_win_is_decided_once() {
        for status in WinStatus::ALL {
            let expected = (status == WinStatus::Open).then_some((WinStatus::Done, WinStatus::Dismissed));
            let both =
                status.transition(WinInput::Complete).ok().zip(status.transition(WinInput::Dismiss).ok());
            assert_eq!(both, expected);
            assert_eq!(WinStatus::from_name(status.name()), Some(status));
        }
        for kind in WinKind::ALL {
            assert_eq!(WinKind::from_name(kind.name()), Some(kind));
        }
    }
}
