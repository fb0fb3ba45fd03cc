//! One tracked execution of an agent.

use super::{Lord, RunInput, RunStatus};
use crate::Result;
use kernel::{Actor, AgentId, CampaignId, CorrelationId, Failure, PicoUsd, RunId, Timestamp, WorkspaceId};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use uuid::Uuid;

/// Which work a run does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RunKind {
    /// Plans a campaign's moves.
    Strategy,
}

impl RunKind {
    /// Every kind.
    pub const ALL: [Self; 1] = [Self::Strategy];

    /// The stable name, as stored and on the wire.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Strategy => "strategy",
        }
    }

    /// The kind of a stored name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }

    /// The lord that does it.
    #[must_use]
    pub const fn lord(self) -> Lord {
        match self {
            Self::Strategy => Lord::Strategos,
        }
    }

    /// What such a run is about, as in events and stored runs.
    #[must_use]
    pub const fn subject_kind(self) -> &'static str {
        match self {
            Self::Strategy => "campaign",
        }
    }
}

/// Who thought of a result: never one passed off as the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Origin {
    /// A language model.
    Model,
    /// The rule-based baseline.
    Baseline,
}

impl Origin {
    /// Every origin.
    pub const ALL: [Self; 2] = [Self::Model, Self::Baseline];

    /// The stable name, as stored and on the wire.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Model => "model",
            Self::Baseline => "baseline",
        }
    }

    /// The origin of a stored name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|origin| origin.name() == name)
    }
}

/// Why a run failed, as its owner may read it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunError {
    /// The stable code of the failure.
    pub code: String,
    /// A sentence for people. What broke inside is in the logs, under the run's correlation id.
    pub message: String,
}

impl RunError {
    /// What of a failure may be shown: a rule's own words, and only the code's meaning for what is ours to mend.
    #[must_use]
    pub fn of(failure: &dyn Failure) -> Self {
        use kernel::ErrorKind as K;
        let code = failure.code();
        let message = match code.kind {
            K::Internal | K::Unavailable | K::Stale => code.meaning.to_owned(),
            _ => failure.to_string(),
        };
        Self { code: code.name.to_owned(), message }
    }
}

/// One tracked execution of an agent.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct AgentRun {
    /// Its id.
    pub id: RunId,
    /// The tenant.
    pub workspace_id: WorkspaceId,
    /// The agent at work; `None` when it was queued before the council was seated.
    pub agent_id: Option<AgentId>,
    /// That agent's seat.
    pub lord: Lord,
    /// Which work it does.
    pub kind: RunKind,
    /// Where it is in its life.
    pub status: RunStatus,
    /// Who thought of the output; `None` until there is one.
    pub origin: Option<Origin>,
    /// Why the baseline answered, such as `provider_not_configured`.
    pub origin_reason: Option<String>,
    /// What it is about, of the kind that [`RunKind::subject_kind`] names.
    pub subject_id: Uuid,
    /// What was asked for.
    pub input: Value,
    /// A summary of what came of it.
    pub output: Option<Value>,
    /// What the models cost.
    #[serde(with = "pico")]
    pub cost: PicoUsd,
    /// Why it failed.
    pub error: Option<RunError>,
    /// Who wanted it.
    pub created_by: Actor,
    /// The call that wanted it.
    pub correlation_id: CorrelationId,
    /// Counts the changes, from 1.
    pub version: i32,
    /// When it was queued.
    pub created_at: Timestamp,
    /// When it was changed; a worker that takes it, or takes it over, changes it.
    pub updated_at: Timestamp,
    /// When a worker first took it.
    pub started_at: Option<Timestamp>,
    /// When it ended.
    pub finished_at: Option<Timestamp>,
}

impl AgentRun {
    /// A run that will plan this campaign.
    #[must_use]
    pub fn for_campaign(
        campaign: CampaignId,
        id: RunId,
        workspace_id: WorkspaceId,
        call: (Actor, CorrelationId),
        now: Timestamp,
    ) -> Self {
        let kind = RunKind::Strategy;
        Self {
            id,
            workspace_id,
            agent_id: None,
            lord: kind.lord(),
            kind,
            status: RunStatus::Queued,
            origin: None,
            origin_reason: None,
            subject_id: campaign.uuid(),
            input: serde_json::json!({ "campaign_id": campaign }),
            output: None,
            cost: PicoUsd::ZERO,
            error: None,
            created_by: call.0,
            correlation_id: call.1,
            version: 1,
            created_at: now,
            updated_at: now,
            started_at: None,
            finished_at: None,
        }
    }

    /// The key that a workspace has at most once: `strategy:<campaign>` while the run is live, then nothing. Stores
    /// keep it in a column under a unique index.
    #[must_use]
    pub fn live_key(&self) -> Option<String> {
        self.status.is_live().then(|| Self::live_key_of(self.kind, self.subject_id))
    }

    /// The live key of runs of this kind about this subject.
    #[must_use]
    pub fn live_key_of(kind: RunKind, subject: Uuid) -> String {
        format!("{}:{subject}", kind.name())
    }

    /// Moves on in the state machine and stamps the times.
    ///
    /// # Errors
    /// [`RunState`](crate::Error::RunState).
    pub fn advance(&mut self, input: RunInput, now: Timestamp) -> Result<()> {
        self.status = self.status.transition(input)?;
        self.version += 1;
        self.updated_at = now;
        if self.status == RunStatus::Running {
            self.started_at.get_or_insert(now);
        }
        if !self.status.is_live() {
            self.finished_at = Some(now);
        }
        Ok(())
    }

    /// Ends the run without a result.
    ///
    /// # Errors
    /// [`RunState`](crate::Error::RunState) when it has ended already.
    pub fn fail(&mut self, error: RunError, now: Timestamp) -> Result<()> {
        self.advance(RunInput::Fail, now)?;
        self.error = Some(error);
        Ok(())
    }
}

/// Stored answers of repeated requests read a cost back, which the kernel's decimal of dollars is not made for.
mod pico {
    use kernel::PicoUsd;
    use serde::{Deserialize, Deserializer, Serializer};

    pub(super) fn serialize<S: Serializer>(cost: &PicoUsd, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_i64(cost.pico())
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<PicoUsd, D::Error> {
        i64::deserialize(deserializer).map(PicoUsd::new)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use kernel::StoreError;

    fn run() -> AgentRun {
        let id = Uuid::from_u128(7);
        let call = (Actor::System, CorrelationId::mint(id));
        AgentRun::for_campaign(id.into(), id.into(), id.into(), call, Timestamp::from_micros(5))
    }

    #[test]
    fn a_run_holds_its_key_while_it_is_live_and_stamps_its_times() {
        let mut run = run();
        let key = Some("strategy:00000000-0000-0000-0000-000000000007".to_owned());
        assert_eq!(run.live_key(), key);
        run.advance(RunInput::Start, Timestamp::from_micros(6)).unwrap();
        run.advance(RunInput::Start, Timestamp::from_micros(7)).unwrap();
        assert_eq!((run.live_key(), run.version), (key, 3));
        assert_eq!(run.started_at, Some(Timestamp::from_micros(6)), "a take-over is no new start");
        run.advance(RunInput::Complete, Timestamp::from_micros(8)).unwrap();
        assert_eq!((run.live_key(), run.finished_at), (None, Some(Timestamp::from_micros(8))));
    }

    #[test]
    fn a_run_comes_back_from_json_with_its_cost() {
        let run = AgentRun { cost: PicoUsd::new(125_000_000), ..run() };
        let json = serde_json::to_value(&run).unwrap();
        assert_eq!(serde_json::from_value::<AgentRun>(json).unwrap(), run);
    }

    #[test]
    fn what_broke_inside_is_not_shown() {
        let shown = RunError::of(&StoreError::Internal("password of the database".to_owned()));
        assert_eq!(shown.code, "internal");
        assert!(!shown.message.contains("password"));
        assert_eq!(RunError::of(&crate::Error::ContextMissing).code, "context_missing");
    }
}
