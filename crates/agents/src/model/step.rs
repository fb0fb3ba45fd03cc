//! The journal of a run.

use super::Origin;
use kernel::{RunId, StepId, Timestamp, WorkspaceId};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// What a step does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StepName {
    /// Reads the campaign and the business context, and sees what matters in them.
    Perception,
    /// Lays out the plan.
    Planning,
    /// Looks for what is wrong with it.
    Critic,
    /// Mends it.
    Reflection,
    /// Makes it real in the domain that asked for it.
    Apply,
}

impl StepName {
    /// The steps of a strategy run, in order.
    pub const STRATEGY: [Self; 5] =
        [Self::Perception, Self::Planning, Self::Critic, Self::Reflection, Self::Apply];

    /// The stable name, as stored and on the wire.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Perception => "perception",
            Self::Planning => "planning",
            Self::Critic => "critic",
            Self::Reflection => "reflection",
            Self::Apply => "apply",
        }
    }

    /// The step of a stored name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::STRATEGY.into_iter().find(|step| step.name() == name)
    }
}

/// How a step ended. A step that is tried again is not in the journal until it ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StepStatus {
    /// Its output is there.
    Completed,
    /// The run ended with it.
    Failed,
}

impl StepStatus {
    /// Every status.
    pub const ALL: [Self; 2] = [Self::Completed, Self::Failed];

    /// The stable name, as stored and on the wire.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Completed => "completed",
            Self::Failed => "failed",
        }
    }

    /// The status of a stored name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.name() == name)
    }
}

/// A finished step. Written once, never changed; a run has each number once.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct AgentStep {
    /// Its id.
    pub id: StepId,
    /// The tenant.
    pub workspace_id: WorkspaceId,
    /// The run.
    pub run_id: RunId,
    /// Its place in the run, from 1 without gaps.
    pub number: i32,
    /// What it did.
    pub name: StepName,
    /// How it ended.
    pub status: StepStatus,
    /// Who thought of the output; `None` for a step that thinks of nothing.
    pub origin: Option<Origin>,
    /// What came from outside the run; the outputs of earlier steps are not repeated.
    pub input: Option<Value>,
    /// Its result; `code` and `message` for one that failed.
    pub output: Value,
    /// When the attempt that ended it began.
    pub started_at: Timestamp,
    /// When it ended.
    pub finished_at: Timestamp,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_come_back() {
        for step in StepName::STRATEGY {
            assert_eq!(StepName::from_name(step.name()), Some(step));
            assert_eq!(serde_json::to_value(step).unwrap(), step.name());
        }
        for status in StepStatus::ALL {
            assert_eq!(StepStatus::from_name(status.name()), Some(status));
        }
    }
}
