use super::race::Race;
use crate::ports::{BcmTx, BcmUow, OnboardingReader};
use crate::{Error, OnboardingSession, Result, StepKey, events};
use kernel::{Area, CallContext, Environment, OnboardingId, StoreError, WorkspaceScope};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::sync::Arc;

/// Walking through the onboarding steps.
#[derive(Clone)]
pub struct OnboardingService {
    uow: Arc<BcmUow>,
    sessions: Arc<dyn OnboardingReader>,
    env: Environment,
}

/// What starting gave.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Started {
    /// The open session.
    pub session: OnboardingSession,
    /// Whether it was made by this call.
    pub new: bool,
}

/// How far a workspace is with its onboarding.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Progress {
    /// The open session, else the latest; `None` before the first.
    pub session_id: Option<OnboardingId>,
    /// Steps that are done, in percent.
    pub percent: u8,
    /// The first step that is not done; the last one when all are.
    pub current_step: StepKey,
    /// Steps that are done.
    pub completed: Vec<StepKey>,
    /// Steps that are not.
    pub remaining: Vec<StepKey>,
    /// Whether the foundation was built of it.
    pub finalised: bool,
}

impl OnboardingService {
    /// Connects the use cases to a store.
    pub fn new(uow: Arc<BcmUow>, sessions: Arc<dyn OnboardingReader>, env: Environment) -> Self {
        Self { uow, sessions, env }
    }

    /// Answers the workspace's open session, or starts one.
    ///
    /// # Errors
    /// The role's and the store's.
    pub async fn start(&self, ctx: &CallContext, scope: &WorkspaceScope) -> Result<Started> {
        scope.require(Area::Onboarding.write())?;
        let mut race = Race::default();
        loop {
            let outcome = self.find_or_start(ctx, scope).await;
            if !race.lost(&outcome) {
                return outcome;
            }
        }
    }

    async fn find_or_start(&self, ctx: &CallContext, scope: &WorkspaceScope) -> Result<Started> {
        let fresh = OnboardingSession::start(self.env.id(), scope.workspace(), self.env.now());
        let started = events::started(&self.env, ctx, &fresh);
        self.uow
            .run_once(scope, ctx, self.env.now(), async |tx| {
                if let Some(session) = tx.onboarding().find_open().await? {
                    return Ok(Started { session, new: false });
                }
                tx.onboarding().insert(&fresh).await?;
                tx.events().append(started).await?;
                Ok(Started { session: fresh, new: true })
            })
            .await
    }

    /// One session.
    ///
    /// # Errors
    /// [`Error::NotFound`].
    pub async fn get(&self, scope: &WorkspaceScope, id: OnboardingId) -> Result<OnboardingSession> {
        scope.require(Area::Onboarding.read())?;
        self.sessions.find(scope, id).await?.ok_or(Error::NotFound)
    }

    /// How far the workspace is; also before it has started.
    ///
    /// # Errors
    /// The store's.
    pub async fn progress(&self, scope: &WorkspaceScope) -> Result<Progress> {
        scope.require(Area::Onboarding.read())?;
        let session = self.sessions.find_latest(scope).await?;
        let done = |step: &StepKey| session.as_ref().is_some_and(|session| session.completed.contains(step));
        let (completed, remaining) = StepKey::ALL.into_iter().partition(done);
        Ok(Progress {
            session_id: session.as_ref().map(|session| session.id),
            percent: session.as_ref().map_or(0, OnboardingSession::progress),
            current_step: session.as_ref().map_or(StepKey::Company, |session| session.current_step),
            completed,
            remaining,
            finalised: session.is_some_and(|session| session.finalised_at.is_some()),
        })
    }

    /// Keeps the answers of a step in place of those before; required fields may still be missing. `expected` is the
    /// version that the caller has seen, when it named one.
    ///
    /// # Errors
    /// [`Error::NotFound`], [`Error::Finalised`], [`Error::Invalid`] with every wrong field, `Stale` for another
    /// version.
    pub async fn save_answers(
        &self,
        ctx: &CallContext,
        scope: &WorkspaceScope,
        id: OnboardingId,
        step: StepKey,
        answers: &Value,
        expected: Option<i32>,
    ) -> Result<OnboardingSession> {
        let change = Change { id, step, answers: Some(answers), expected };
        self.change(ctx, scope, &change).await
    }

    /// Notes that a step is done.
    ///
    /// # Errors
    /// [`Error::NotFound`], [`Error::Finalised`], [`Error::Invalid`] with every field that is missing, `Stale` for
    /// another version.
    pub async fn complete(
        &self,
        ctx: &CallContext,
        scope: &WorkspaceScope,
        id: OnboardingId,
        step: StepKey,
        expected: Option<i32>,
    ) -> Result<OnboardingSession> {
        let change = Change { id, step, answers: None, expected };
        self.change(ctx, scope, &change).await
    }

    async fn change(
        &self,
        ctx: &CallContext,
        scope: &WorkspaceScope,
        change: &Change<'_>,
    ) -> Result<OnboardingSession> {
        scope.require(Area::Onboarding.write())?;
        let mut race = Race::default();
        loop {
            let outcome = self.uow.run(scope, async |tx| self.apply(ctx, tx, change).await).await;
            if change.expected.is_some() || !race.lost(&outcome) {
                return outcome;
            }
        }
    }

    async fn apply(
        &self,
        ctx: &CallContext,
        tx: &mut dyn BcmTx,
        change: &Change<'_>,
    ) -> Result<OnboardingSession> {
        let mut session = tx.onboarding().find(change.id).await?.ok_or(Error::NotFound)?;
        let before = session.version;
        if change.expected.is_some_and(|expected| expected != before) {
            return Err(StoreError::Stale.into());
        }
        let told = match change.answers {
            Some(answers) => {
                session.save_answers(change.step, answers, self.env.now())?;
                events::step_saved(&self.env, ctx, &session, change.step)
            }
            None => {
                session.complete(change.step, self.env.now())?;
                events::step_completed(&self.env, ctx, &session, change.step)
            }
        };
        tx.onboarding().save(&session, before).await?;
        tx.events().append(told).await?;
        Ok(session)
    }
}

/// What is to be done with a step: keep answers, or, without any, note that it is done.
struct Change<'a> {
    id: OnboardingId,
    step: StepKey,
    answers: Option<&'a Value>,
    expected: Option<i32>,
}
