//! The state machine of runs.

use crate::{Error, Result};
use serde::{Deserialize, Serialize};

/// Where a run is in its life; the crate's front page draws it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RunStatus {
    /// Waits for a worker.
    Queued,
    /// A worker is at it, or was when it died.
    Running,
    /// Waits for a person.
    WaitingApproval,
    /// Done.
    Completed,
    /// Ended without a result.
    Failed,
    /// Called off.
    Cancelled,
}

/// What happens to a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RunInput {
    /// A worker takes it, or takes it over.
    Start,
    /// A step needs a person's decision.
    Wait,
    /// The person has decided.
    Resume,
    /// The last step is done.
    Complete,
    /// It can't be finished.
    Fail,
    /// Somebody calls it off.
    Cancel,
}

impl RunStatus {
    /// Every status.
    pub const ALL: [Self; 6] =
        [Self::Queued, Self::Running, Self::WaitingApproval, Self::Completed, Self::Failed, Self::Cancelled];

    /// The stable name, as stored and on the wire.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Running => "running",
            Self::WaitingApproval => "waiting_approval",
            Self::Completed => "completed",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
        }
    }

    /// The status of a stored name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.name() == name)
    }

    /// Whether something is still to come.
    #[must_use]
    pub const fn is_live(self) -> bool {
        matches!(self, Self::Queued | Self::Running | Self::WaitingApproval)
    }

    /// The next status.
    ///
    /// # Errors
    /// [`Error::RunState`] when the input has no business in this status.
    pub const fn transition(self, input: RunInput) -> Result<Self> {
        use RunInput as I;
        match (self, input) {
            (Self::Queued | Self::Running, I::Start) | (Self::WaitingApproval, I::Resume) => {
                Ok(Self::Running)
            }
            (Self::Running, I::Wait) => Ok(Self::WaitingApproval),
            (Self::Running, I::Complete) => Ok(Self::Completed),
            (Self::Queued | Self::Running | Self::WaitingApproval, I::Fail) => Ok(Self::Failed),
            (Self::Queued | Self::Running | Self::WaitingApproval, I::Cancel) => Ok(Self::Cancelled),
            _ => Err(Error::RunState(self.name())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_pair_of_status_and_input_is_decided() {
        use RunInput as I;
        use RunStatus as S;
        let allowed = [
            (S::Queued, I::Start, S::Running),
            (S::Queued, I::Fail, S::Failed),
            (S::Queued, I::Cancel, S::Cancelled),
            (S::Running, I::Start, S::Running),
            (S::Running, I::Wait, S::WaitingApproval),
            (S::Running, I::Complete, S::Completed),
            (S::Running, I::Fail, S::Failed),
            (S::Running, I::Cancel, S::Cancelled),
            (S::WaitingApproval, I::Resume, S::Running),
            (S::WaitingApproval, I::Fail, S::Failed),
            (S::WaitingApproval, I::Cancel, S::Cancelled),
        ];
        for status in S::ALL {
            for input in [I::Start, I::Wait, I::Resume, I::Complete, I::Fail, I::Cancel] {
                let expected = allowed.iter().find(|(s, i, _)| (*s, *i) == (status, input)).map(|row| row.2);
                assert_eq!(status.transition(input).ok(), expected, "{status:?} {input:?}");
                assert!(expected.is_none() || status.is_live(), "an ended run goes on");
            }
            assert_eq!(S::from_name(status.name()), Some(status));
        }
    }
}
