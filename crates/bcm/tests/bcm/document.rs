//! From answers to the document.

use crate::tea_shop::{answered_session, answers, at, brief, new_session, workspace};
use bcm::{ContextDocument, Icp, OnboardingSession, StepKey};
use serde_json::{Value, json};

fn icps(session: &OnboardingSession) -> Vec<Icp> {
    let profiles = session.profiles().unwrap().into_iter();
    profiles
        .zip(10..)
        .map(|(p, id)| Icp::new(uuid::Uuid::from_u128(id).into(), workspace(), p, at(3)))
        .collect()
}

fn document(session: &OnboardingSession) -> ContextDocument {
    ContextDocument::compile(&session.foundation().unwrap(), &icps(session))
}

#[test]
fn every_answer_reaches_the_document_in_its_shape() {
    let document = serde_json::to_value(document(&answered_session())).unwrap();
    let mut expected = brief();
    let members = expected.as_object_mut().unwrap();
    let audience = members.remove("audience").unwrap();
    let mut icps: Vec<Value> = audience.as_array().unwrap().clone();
    for (icp, id) in icps.iter_mut().zip(10..) {
        icp["id"] = json!(uuid::Uuid::from_u128(id));
    }
    members.insert("icps".to_owned(), Value::from(icps));
    members.insert("schema".to_owned(), json!(1));
    members.insert("gaps".to_owned(), json!([]));
    let budget = json!({"amount": 120_000, "currency": "USD"});
    members.insert("constraints".to_owned(), json!({"forbidden": ["cold calls"], "monthly_budget": budget}));
    assert_eq!(document, expected);
}

#[test]
fn a_full_brief_is_complete() {
    let document = document(&answered_session());
    assert_eq!((document.completeness(), document.gaps.len()), (100, 0));
}

#[test]
fn what_was_not_answered_is_a_gap() {
    let mut session = new_session();
    for step in [StepKey::Company, StepKey::Offer, StepKey::Audience] {
        session.save_answers(step, &answers(step), at(1)).unwrap();
        session.complete(step, at(1)).unwrap();
    }
    let document = document(&session);
    let gaps = [
        "positioning.statement",
        "positioning.competitors",
        "positioning.pillars",
        "channels",
        "goals.objective",
        "goals.measures",
        "voice.traits",
        "constraints.forbidden",
        "constraints.monthly_budget",
    ];
    assert_eq!(document.gaps, gaps);
    assert_eq!(document.completeness(), 64);
    let json = serde_json::to_value(document).unwrap();
    assert_eq!(json["goals"], json!({"objective": "", "measures": [], "horizon_days": null}));
    assert_eq!(json["constraints"]["monthly_budget"], json!(null));
}

#[test]
fn answers_that_were_never_completed_count_when_they_would_pass() {
    let mut session = new_session();
    session.save_answers(StepKey::Voice, &json!({"traits": ["warm"]}), at(1)).unwrap();
    session.save_answers(StepKey::Goals, &json!({"horizon_days": 30}), at(1)).unwrap();
    let foundation = session.foundation().unwrap();
    assert_eq!(foundation.voice.traits, ["warm"]);
    assert_eq!(foundation.goals.horizon_days, None, "the objective is missing");
}

#[test]
fn profiles_without_a_priority_get_their_place() {
    let mut session = new_session();
    let audience = json!([{"name": "A"}, {"name": "B", "priority": 9}, {"name": "C"}]);
    session.save_answers(StepKey::Audience, &audience, at(1)).unwrap();
    let priorities: Vec<i32> = session.profiles().unwrap().iter().map(|profile| profile.priority).collect();
    assert_eq!(priorities, [1, 9, 3]);
}

#[test]
fn the_order_of_the_profiles_does_not_matter() {
    let session = answered_session();
    let foundation = session.foundation().unwrap();
    let mut profiles = icps(&session);
    let document = ContextDocument::compile(&foundation, &profiles);
    profiles.reverse();
    assert_eq!(ContextDocument::compile(&foundation, &profiles), document);
    let canonical = document.canonical().unwrap();
    assert_eq!(serde_json::from_str::<ContextDocument>(&canonical).unwrap(), document);
}
