use crate::{Error, Result};
use kernel::{
    CampaignId, Date, FieldErrors, Money, MoveId, Timestamp, Violation, WorkspaceId,
    channels::ChannelSlug,
    field::{self, Checker},
};
use serde::{Deserialize, Serialize};

/// Where a move is in its life; the crate's front page draws it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MoveStatus {
    /// Not begun.
    Planned,
    /// Somebody is at it.
    InProgress,
    /// Done.
    Done,
    /// Not going to happen.
    Skipped,
}

/// What happens to a move.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names are the actions")]
pub enum MoveInput {
    Start,
    Complete,
    Skip,
}

impl MoveStatus {
    /// Every status.
    pub const ALL: [Self; 4] = [Self::Planned, Self::InProgress, Self::Done, Self::Skipped];

    /// The stable name, as stored and on the wire.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Planned => "planned",
            Self::InProgress => "in_progress",
            Self::Done => "done",
            Self::Skipped => "skipped",
        }
    }

    /// The status of a stored name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.name() == name)
    }

    /// Whether work on it is still to come.
    #[must_use]
    pub const fn is_open(self) -> bool {
        matches!(self, Self::Planned | Self::InProgress)
    }

    /// The next status.
    ///
    /// # Errors
    /// [`Error::MoveState`] when the input has no business in this status.
    pub const fn transition(self, input: MoveInput) -> Result<Self> {
        match (self, input) {
            (Self::Planned, MoveInput::Start) => Ok(Self::InProgress),
            (Self::Planned | Self::InProgress, MoveInput::Complete) => Ok(Self::Done),
            (Self::Planned | Self::InProgress, MoveInput::Skip) => Ok(Self::Skipped),
            _ => Err(Error::MoveState(self.name())),
        }
    }
}

/// Who thought of it: never one passed off as the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Origin {
    /// A language model.
    Model,
    /// The rule-based baseline.
    Baseline,
    /// A person.
    Person,
}

impl Origin {
    /// The stable name, as stored and on the wire.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Model => "model",
            Self::Baseline => "baseline",
            Self::Person => "person",
        }
    }

    /// The origin of a stored name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Model, Self::Baseline, Self::Person].into_iter().find(|origin| origin.name() == name)
    }
}

/// One thing to do for a move.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Task {
    /// What.
    pub text: String,
    /// Whether it is done.
    pub done: bool,
}

/// What came of a move.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MoveResult {
    /// What happened, or why it was skipped; up to 2,000 characters.
    pub summary: Option<String>,
    /// The reading of the move's measure, in whole units (visits, sign-ups, cents).
    pub value: Option<i64>,
}

impl MoveResult {
    /// Checks the texts.
    ///
    /// # Errors
    /// Each field that breaks a rule.
    pub fn try_new(summary: Option<&str>, value: Option<i64>) -> Result<Self, FieldErrors> {
        let mut check = Checker::default();
        let summary = check.field("/summary", summary.map(|text| field::text(text, 1, 2_000)).transpose());
        check.rule("/value", value.is_none_or(|v| v >= 0), "not_in_range", "must not be negative");
        let summary = check.finish_with(summary)?;
        Ok(Self { summary, value })
    }

    /// The reason of a skip, which must be given.
    ///
    /// # Errors
    /// The field that breaks a rule.
    pub fn reason(reason: &str) -> Result<Self, FieldErrors> {
        let summary =
            field::text(reason, 1, 2_000).map_err(|broken: Violation| FieldErrors::one("/reason", broken))?;
        Ok(Self { summary: Some(summary), value: None })
    }
}

/// One concrete marketing action.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Move {
    /// Its id.
    pub id: MoveId,
    /// The tenant.
    pub workspace_id: WorkspaceId,
    /// The campaign it carries out; `None` for one that stands alone.
    pub campaign_id: Option<CampaignId>,
    /// A line.
    pub title: String,
    /// Where it happens.
    pub channel: ChannelSlug,
    /// The stage of the funnel it works on, such as `awareness`.
    pub stage: String,
    /// For whom, by the ICP's name.
    pub audience: String,
    /// What it is to achieve.
    pub objective: String,
    /// How.
    pub brief: String,
    /// Steps, in order.
    pub tasks: Vec<Task>,
    /// Text to start from.
    pub draft: Option<String>,
    /// How one sees that it worked.
    pub measure: String,
    /// Its share of the campaign's budget.
    pub budget: Option<Money>,
    /// The day it should be out.
    pub due_on: Date,
    /// Where it is in its life.
    pub status: MoveStatus,
    /// Who thought of it.
    pub origin: Origin,
    /// What came of it.
    pub result: Option<MoveResult>,
    /// Counts the changes, from 1.
    pub version: i32,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was changed.
    pub updated_at: Timestamp,
}

/// A move as a plan has it, before it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "each field is `Move`'s of the same name")]
pub struct PlannedMove {
    pub title: String,
    pub channel: ChannelSlug,
    pub stage: String,
    pub audience: String,
    pub objective: String,
    pub brief: String,
    pub tasks: Vec<String>,
    pub draft: Option<String>,
    pub measure: String,
    pub budget: Option<Money>,
    pub due_on: Date,
}

impl PlannedMove {
    /// The move of a campaign that this plan asks for.
    #[must_use]
    pub fn into_move(
        self,
        id: MoveId,
        workspace_id: WorkspaceId,
        campaign: CampaignId,
        origin: Origin,
        now: Timestamp,
    ) -> Move {
        Move {
            id,
            workspace_id,
            campaign_id: Some(campaign),
            title: self.title,
            channel: self.channel,
            stage: self.stage,
            audience: self.audience,
            objective: self.objective,
            brief: self.brief,
            tasks: self.tasks.into_iter().map(|text| Task { text, done: false }).collect(),
            draft: self.draft,
            measure: self.measure,
            budget: self.budget,
            due_on: self.due_on,
            status: MoveStatus::Planned,
            origin,
            result: None,
            version: 1,
            created_at: now,
            updated_at: now,
        }
    }
}

impl Move {
    /// Moves on in the state machine; completing ticks every task off.
    ///
    /// # Errors
    /// [`Error::MoveState`].
    pub fn advance(&mut self, input: MoveInput, result: Option<MoveResult>, now: Timestamp) -> Result<()> {
        self.status = self.status.transition(input)?;
        if input == MoveInput::Complete {
            self.tasks.iter_mut().for_each(|task| task.done = true);
        }
        self.result = result.or(self.result.take());
        self.version += 1;
        self.updated_at = now;
        Ok(())
    }

    /// The first task that is not done.
    #[must_use]
    pub fn next_task(&self) -> Option<&str> {
        self.tasks.iter().find(|task| !task.done).map(|task| task.text.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_pair_of_status_and_input_is_decided() {
        use MoveInput as I;
        use MoveStatus as S;
        let allowed = [
            (S::Planned, I::Start, S::InProgress),
            (S::Planned, I::Complete, S::Done),
            (S::InProgress, I::Complete, S::Done),
            (S::Planned, I::Skip, S::Skipped),
            (S::InProgress, I::Skip, S::Skipped),
        ];
        for status in S::ALL {
            for input in [I::Start, I::Complete, I::Skip] {
                let expected = allowed.iter().find(|(s, i, _)| (*s, *i) == (status, input)).map(|row| row.2);
                assert_eq!(status.transition(input).ok(), expected, "{status:?} {input:?}");
            }
            assert_eq!(S::from_name(status.name()), Some(status));
        }
    }

    #[test]
    fn a_result_needs_sane_fields_and_a_skip_a_reason() {
        let errors = MoveResult::try_new(Some(" "), Some(-1)).unwrap_err();
        assert_eq!(
            errors.as_slice().iter().map(|e| e.pointer.as_str()).collect::<Vec<_>>(),
            ["/summary", "/value"]
        );
        assert_eq!(MoveResult::reason("").unwrap_err().as_slice()[0].pointer, "/reason");
    }
}
