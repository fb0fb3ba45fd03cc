//! The walk through the steps.

use crate::tea_shop::{answered_session, answers, at, new_session};
use bcm::{Error, SessionInput, SessionState, StepKey, transition};
use serde_json::json;

#[test]
fn the_state_machine_over_every_pair() {
    use SessionInput::{Complete, Finalise, Save};
    use SessionState::{Finalised, Open};
    let table = [
        (Open, Save, Ok(Open)),
        (Open, Complete, Ok(Open)),
        (Open, Finalise, Ok(Finalised)),
        (Finalised, Save, Err(Error::Finalised)),
        (Finalised, Complete, Err(Error::Finalised)),
        (Finalised, Finalise, Ok(Finalised)),
    ];
    for (state, input, expected) in table {
        assert_eq!(transition(state, input), expected, "{state:?} {input:?}");
    }
}

#[test]
fn steps_are_answered_in_any_order_and_the_first_open_one_is_current() {
    let mut session = new_session();
    session.save_answers(StepKey::Offer, &answers(StepKey::Offer), at(1)).unwrap();
    session.complete(StepKey::Offer, at(2)).unwrap();
    assert_eq!((session.current_step, session.progress()), (StepKey::Company, 12));
    session.save_answers(StepKey::Company, &answers(StepKey::Company), at(3)).unwrap();
    assert_eq!(session.current_step, StepKey::Company, "saving is not completing");
    session.complete(StepKey::Company, at(4)).unwrap();
    assert_eq!((session.current_step, session.progress()), (StepKey::Audience, 25));
    assert_eq!((session.version, session.updated_at), (5, at(4)));
}

#[test]
fn a_step_with_a_required_answer_missing_is_not_completed() {
    let mut session = new_session();
    session.save_answers(StepKey::Company, &json!({"stage": "early"}), at(1)).unwrap();
    let refused = session.clone().complete(StepKey::Company, at(2)).unwrap_err();
    let Error::Invalid(errors) = refused else { panic!("{refused}") };
    assert_eq!(
        (errors.as_slice()[0].pointer.as_str(), errors.as_slice()[0].code),
        ("/answers/name", "required")
    );
    assert!(matches!(session.complete(StepKey::Audience, at(2)), Err(Error::Invalid(_))), "never answered");
    session.complete(StepKey::Voice, at(2)).unwrap();
    assert!(session.completed.contains(&StepKey::Voice), "nothing is required there");
}

#[test]
fn an_edit_keeps_a_step_completed_while_nothing_required_is_missing() {
    let mut session = answered_session();
    assert_eq!((session.progress(), session.current_step), (100, StepKey::Constraints));
    session.save_answers(StepKey::Goals, &json!({"objective": "Fifty offices"}), at(5)).unwrap();
    assert!(session.completed.contains(&StepKey::Goals));
    session.save_answers(StepKey::Goals, &json!({"horizon_days": 30}), at(6)).unwrap();
    assert!(!session.completed.contains(&StepKey::Goals));
    assert_eq!((session.current_step, session.progress()), (StepKey::Goals, 87));
}

#[test]
fn wrong_answers_leave_the_session_as_it_was() {
    let mut session = answered_session();
    let before = session.clone();
    assert!(session.save_answers(StepKey::Offer, &json!({"summary": 1}), at(9)).is_err());
    assert_eq!(session, before);
}

#[test]
fn finalising_needs_company_offer_and_audience_and_ends_the_answers() {
    let mut session = new_session();
    session.save_answers(StepKey::Offer, &answers(StepKey::Offer), at(1)).unwrap();
    session.complete(StepKey::Offer, at(1)).unwrap();
    assert_eq!(session.finalise(1, at(2)), Err(Error::Incomplete(vec![StepKey::Company, StepKey::Audience])));
    for step in [StepKey::Company, StepKey::Audience] {
        session.save_answers(step, &answers(step), at(3)).unwrap();
        session.complete(step, at(3)).unwrap();
    }
    session.finalise(1, at(4)).unwrap();
    let done = session.clone();
    session.finalise(2, at(5)).unwrap();
    assert_eq!(session, done, "finalising again changes nothing");
    assert_eq!(session.save_answers(StepKey::Voice, &json!({}), at(6)), Err(Error::Finalised));
    assert_eq!(session.complete(StepKey::Voice, at(6)), Err(Error::Finalised));
}

#[test]
fn a_session_comes_back_from_json_whole() {
    let session = answered_session();
    let json = serde_json::to_string(&session).unwrap();
    assert_eq!(serde_json::from_str::<bcm::OnboardingSession>(&json).unwrap(), session);
}

#[test]
fn the_steps_show_questions_answers_and_what_is_done() {
    let mut session = new_session();
    session.save_answers(StepKey::Voice, &answers(StepKey::Voice), at(1)).unwrap();
    let steps = serde_json::to_value(session.steps()).unwrap();
    assert_eq!(steps.as_array().unwrap().len(), 8);
    assert_eq!(steps[0]["key"], "company");
    assert_eq!((&steps[0]["completed"], &steps[0]["answers"]), (&json!(false), &json!(null)));
    assert_eq!(steps[6]["answers"], answers(StepKey::Voice));
    assert_eq!(steps[6]["fields"][0]["key"], "traits");
}
