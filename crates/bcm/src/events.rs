//! The facts that this domain tells.

use crate::model::{ContextVersion, FoundationContent, OnboardingSession, StepKey};
use kernel::{CallContext, Environment, NewEvent};
use serde_json::json;

/// A workspace began to describe itself.
pub const ONBOARDING_STARTED: &str = "onboarding.started";
/// Answers of a step were kept.
pub const ONBOARDING_STEP_SAVED: &str = "onboarding.step_saved";
/// A step is done.
pub const ONBOARDING_STEP_COMPLETED: &str = "onboarding.step_completed";
/// Foundation, profiles and a context version were built of a session.
pub const ONBOARDING_FINALIZED: &str = "onboarding.finalized";
/// The business context has a new version.
pub const CONTEXT_VERSION_CREATED: &str = "context.version_created";

/// Every event type of this domain.
pub const ALL: [&str; 5] = [
    ONBOARDING_STARTED,
    ONBOARDING_STEP_SAVED,
    ONBOARDING_STEP_COMPLETED,
    ONBOARDING_FINALIZED,
    CONTEXT_VERSION_CREATED,
];

const fn about(session: &OnboardingSession) -> (&'static str, uuid::Uuid) {
    ("onboarding_session", session.id.uuid())
}

/// `onboarding.started`: `{}`.
pub fn started(env: &Environment, ctx: &CallContext, session: &OnboardingSession) -> NewEvent {
    NewEvent::new(env, ctx, ONBOARDING_STARTED, about(session), json!({}))
}

/// `onboarding.step_saved`: `{step, completed}`; `completed` tells whether the step still is. The answers stay in
/// the session.
pub fn step_saved(
    env: &Environment,
    ctx: &CallContext,
    session: &OnboardingSession,
    step: StepKey,
) -> NewEvent {
    let payload = json!({"step": step, "completed": session.completed.contains(&step)});
    NewEvent::new(env, ctx, ONBOARDING_STEP_SAVED, about(session), payload)
}

/// `onboarding.step_completed`: `{step, progress}`, in percent.
pub fn step_completed(
    env: &Environment,
    ctx: &CallContext,
    session: &OnboardingSession,
    step: StepKey,
) -> NewEvent {
    let payload = json!({"step": step, "progress": session.progress()});
    NewEvent::new(env, ctx, ONBOARDING_STEP_COMPLETED, about(session), payload)
}

/// `onboarding.finalized`: `{workspace_name, time_zone, context_version}`, for those who name the workspace and set
/// its calendar. `time_zone` is null when it was not answered.
pub fn finalized(
    env: &Environment,
    ctx: &CallContext,
    session: &OnboardingSession,
    foundation: &FoundationContent,
    version: &ContextVersion,
) -> NewEvent {
    let company = &foundation.company;
    let time_zone = Some(&company.time_zone).filter(|zone| !zone.is_empty());
    let payload = json!({
        "workspace_name": company.name,
        "time_zone": time_zone,
        "context_version": version.number,
    });
    NewEvent::new(env, ctx, ONBOARDING_FINALIZED, about(session), payload)
}

/// `context.version_created`: `{number, hash, source, completeness}`.
pub fn version_created(env: &Environment, ctx: &CallContext, version: &ContextVersion) -> NewEvent {
    let payload = json!({
        "number": version.number,
        "hash": version.hash,
        "source": version.source,
        "completeness": version.completeness,
    });
    NewEvent::new(env, ctx, CONTEXT_VERSION_CREATED, ("context_version", version.id.uuid()), payload)
}
