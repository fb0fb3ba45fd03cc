//! A walk through the onboarding steps.

use super::steps::{Shape, StepDefinition, StepKey};
use super::{Demand, FoundationContent, IcpProfile, check_answers};
use crate::{Error, Result};
use kernel::{OnboardingId, Timestamp, WorkspaceId};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// Where a session stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SessionState {
    /// Takes answers.
    Open,
    /// The foundation was built of it.
    Finalised,
}

/// What can be asked of a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SessionInput {
    /// Keep answers of a step.
    Save,
    /// Note that a step is done.
    Complete,
    /// Build the foundation.
    Finalise,
}

/// The state machine: what follows on an input.
///
/// # Errors
/// [`Error::Finalised`] for answers that come after the end. Finalising again is no error: it answers what the
/// first time made.
pub const fn transition(state: SessionState, input: SessionInput) -> Result<SessionState> {
    match (state, input) {
        (SessionState::Open, SessionInput::Save | SessionInput::Complete) => Ok(SessionState::Open),
        (SessionState::Open | SessionState::Finalised, SessionInput::Finalise) => Ok(SessionState::Finalised),
        (SessionState::Finalised, SessionInput::Save | SessionInput::Complete) => Err(Error::Finalised),
    }
}

/// A walk through the onboarding steps; a workspace has at most one that is open.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct OnboardingSession {
    /// Its id.
    pub id: OnboardingId,
    /// The tenant.
    pub workspace_id: WorkspaceId,
    /// What was answered so far: checked, trimmed, perhaps incomplete.
    pub answers: BTreeMap<StepKey, Value>,
    /// Steps that are done; their answers are valid and complete.
    pub completed: BTreeSet<StepKey>,
    /// The first step that is not done; the last one when all are.
    pub current_step: StepKey,
    /// When the foundation was built of it.
    pub finalised_at: Option<Timestamp>,
    /// The context version that finalising made.
    pub context_number: Option<i32>,
    /// 1, and one more with every change.
    pub version: i32,
    /// When it was started.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
}

/// A step with what the session knows of it, for a form.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct StepView {
    /// What is asked.
    #[serde(flatten)]
    pub definition: &'static StepDefinition,
    /// Whether it is done.
    pub completed: bool,
    /// What was answered so far.
    pub answers: Option<Value>,
}

impl OnboardingSession {
    /// A session at its first step.
    #[must_use]
    pub const fn start(id: OnboardingId, workspace_id: WorkspaceId, now: Timestamp) -> Self {
        Self {
            id,
            workspace_id,
            answers: BTreeMap::new(),
            completed: BTreeSet::new(),
            current_step: StepKey::Company,
            finalised_at: None,
            context_number: None,
            version: 1,
            created_at: now,
            updated_at: now,
        }
    }

    /// Where it stands.
    #[must_use]
    pub const fn state(&self) -> SessionState {
        if self.finalised_at.is_some() { SessionState::Finalised } else { SessionState::Open }
    }

    /// How much is done, in percent of the steps, rounded down.
    #[must_use]
    pub fn progress(&self) -> u8 {
        let percent = self.completed.len() * 100 / StepKey::ALL.len();
        u8::try_from(percent).unwrap_or(100)
    }

    /// Every step in order, with what is known of it.
    #[must_use]
    pub fn steps(&self) -> Vec<StepView> {
        let view = |step: StepKey| StepView {
            definition: step.definition(),
            completed: self.completed.contains(&step),
            answers: self.answers.get(&step).cloned(),
        };
        StepKey::ALL.into_iter().map(view).collect()
    }

    /// Keeps the answers of a step in place of those before. A completed step stays so while nothing required is
    /// missing.
    ///
    /// # Errors
    /// [`Error::Finalised`]; [`Error::Invalid`] with every wrong field.
    pub fn save_answers(&mut self, step: StepKey, answers: &Value, now: Timestamp) -> Result<()> {
        transition(self.state(), SessionInput::Save)?;
        let answers = check_answers(step, answers, Demand::Draft)?;
        if check_answers(step, &answers, Demand::Complete).is_err() {
            self.completed.remove(&step);
        }
        self.answers.insert(step, answers);
        self.changed(now);
        Ok(())
    }

    /// Notes that a step is done. A step without required fields may be completed without an answer.
    ///
    /// # Errors
    /// [`Error::Finalised`]; [`Error::Invalid`] with every field that is missing.
    pub fn complete(&mut self, step: StepKey, now: Timestamp) -> Result<()> {
        transition(self.state(), SessionInput::Complete)?;
        check_answers(step, &self.answers_or_none(step), Demand::Complete)?;
        self.completed.insert(step);
        self.changed(now);
        Ok(())
    }

    /// Closes the session, of which the context version `context_number` was made.
    ///
    /// # Errors
    /// [`Error::Incomplete`] when a needed step is not done.
    pub fn finalise(&mut self, context_number: i32, now: Timestamp) -> Result<()> {
        transition(self.state(), SessionInput::Finalise)?;
        self.require_needed_steps()?;
        if self.finalised_at.is_none() {
            self.finalised_at = Some(now);
            self.context_number = Some(context_number);
            self.changed(now);
        }
        Ok(())
    }

    /// Lets a session pass whose needed steps are done.
    ///
    /// # Errors
    /// [`Error::Incomplete`] with those that are not.
    pub fn require_needed_steps(&self) -> Result<()> {
        let needed = StepKey::ALL.into_iter().filter(|step| step.definition().needed);
        let missing: Vec<StepKey> = needed.filter(|step| !self.completed.contains(step)).collect();
        if missing.is_empty() { Ok(()) } else { Err(Error::Incomplete(missing)) }
    }

    /// The foundation that the answers describe. Answers of a step that was never completed count when nothing
    /// required is missing in them; what is not there stays empty.
    ///
    /// # Errors
    /// A corrupt session only: answers are checked when they are saved.
    pub fn foundation(&self) -> Result<FoundationContent> {
        FoundationContent::from_answers(|step| self.usable_answers(step))
    }

    /// The ideal customers that the answers describe, in their order.
    ///
    /// # Errors
    /// A corrupt session only.
    pub fn profiles(&self) -> Result<Vec<IcpProfile>> {
        IcpProfile::from_answers(&self.usable_answers(StepKey::Audience).unwrap_or_else(|| json!([])))
    }

    fn usable_answers(&self, step: StepKey) -> Option<Value> {
        let answers = self.answers.get(&step)?;
        check_answers(step, answers, Demand::Complete).ok()
    }

    fn answers_or_none(&self, step: StepKey) -> Value {
        let none = || match step.definition().shape {
            Shape::Record => json!({}),
            Shape::Records { .. } => json!([]),
        };
        self.answers.get(&step).cloned().unwrap_or_else(none)
    }

    fn changed(&mut self, now: Timestamp) {
        let open = StepKey::ALL.into_iter().find(|step| !self.completed.contains(step));
        self.current_step = open.unwrap_or(StepKey::Constraints);
        self.version += 1;
        self.updated_at = now;
    }
}
