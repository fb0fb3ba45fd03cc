//! A made-up tea shop that has answered every question.

use bcm::{OnboardingSession, StepKey, split_brief};
use kernel::{Timestamp, WorkspaceId};
use serde_json::Value;

pub(crate) fn brief() -> Value {
    serde_json::from_str(include_str!("tea_shop.json")).unwrap()
}

pub(crate) fn answers(step: StepKey) -> Value {
    brief()[step.name()].clone()
}

pub(crate) fn at(micros: i64) -> Timestamp {
    Timestamp::from_micros(micros)
}

pub(crate) fn workspace() -> WorkspaceId {
    uuid::Uuid::from_u128(1).into()
}

pub(crate) fn new_session() -> OnboardingSession {
    OnboardingSession::start(uuid::Uuid::from_u128(2).into(), workspace(), at(0))
}

/// A session in which every step is answered and completed.
pub(crate) fn answered_session() -> OnboardingSession {
    let mut session = new_session();
    for (step, answers) in split_brief(&brief()).unwrap().answers {
        session.save_answers(step, &answers, at(1)).unwrap();
        session.complete(step, at(2)).unwrap();
    }
    session
}
