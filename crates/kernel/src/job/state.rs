//! Where jobs are in their lives.

use serde::{Deserialize, Serialize};

/// Where a job is in its life.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum JobState {
    /// Waits for its time and a worker.
    Queued,
    /// A worker holds its lease.
    Running,
    /// Done.
    Succeeded,
    /// Given up: a dead letter.
    Failed,
    /// Called off.
    Cancelled,
}

/// What happens to a job.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum JobInput {
    /// A worker takes it, fresh or from a worker whose lease ran out.
    Claim,
    /// The handler ended well.
    Succeed,
    /// The handler failed and may be tried again.
    Retry,
    /// The handler failed for good, or no attempts are left.
    GiveUp,
    /// Somebody called it off.
    Cancel,
    /// Somebody wants what was given up or called off after all.
    Revive,
}

impl JobState {
    /// Every state.
    pub const ALL: [Self; 5] = [Self::Queued, Self::Running, Self::Succeeded, Self::Failed, Self::Cancelled];

    /// The stable name, as stored and on the wire.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Running => "running",
            Self::Succeeded => "succeeded",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
        }
    }

    /// The state of a stored name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.name() == name)
    }

    /// The next state; `None` when the input has no business in this state.
    #[must_use]
    pub const fn transition(self, input: JobInput) -> Option<Self> {
        use JobInput as I;
        match (self, input) {
            (Self::Queued | Self::Running, I::Claim) => Some(Self::Running),
            (Self::Running, I::Succeed) => Some(Self::Succeeded),
            (Self::Running, I::Retry) => Some(Self::Queued),
            (Self::Running, I::GiveUp) => Some(Self::Failed),
            (Self::Queued | Self::Running, I::Cancel) => Some(Self::Cancelled),
            (Self::Failed | Self::Cancelled, I::Revive) => Some(Self::Queued),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_pair_of_state_and_input_is_decided() {
        use JobInput as I;
        use JobState as S;
        let allowed = [
            (S::Queued, I::Claim, S::Running),
            (S::Running, I::Claim, S::Running),
            (S::Running, I::Succeed, S::Succeeded),
            (S::Running, I::Retry, S::Queued),
            (S::Running, I::GiveUp, S::Failed),
            (S::Queued, I::Cancel, S::Cancelled),
            (S::Running, I::Cancel, S::Cancelled),
            (S::Failed, I::Revive, S::Queued),
            (S::Cancelled, I::Revive, S::Queued),
        ];
        for state in S::ALL {
            for input in [I::Claim, I::Succeed, I::Retry, I::GiveUp, I::Cancel, I::Revive] {
                let expected = allowed.iter().find(|(s, i, _)| (*s, *i) == (state, input)).map(|row| row.2);
                assert_eq!(state.transition(input), expected, "{state:?} {input:?}");
            }
            assert_eq!(S::from_name(state.name()), Some(state));
        }
    }
}
