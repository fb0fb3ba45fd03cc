//! A brief: all answers in one JSON object keyed by step, as a file for the demonstration or an import.

use super::StepKey;
use kernel::field::{FieldErrors, Violation};
use serde_json::Value;

/// A brief taken apart.
#[derive(Debug, Clone, PartialEq)]
pub struct Brief {
    /// The answers of the steps that are there, in the order of the steps; not checked yet.
    pub answers: Vec<(StepKey, Value)>,
    /// Names that are no step.
    pub unknown: Vec<String>,
}

/// Takes a brief apart.
///
/// # Errors
/// `wrong_type` when it is no JSON object.
pub fn split_brief(brief: &Value) -> Result<Brief, FieldErrors> {
    let Value::Object(members) = brief else {
        let violation = Violation::new("wrong_type", "must be an object keyed by onboarding step");
        return Err(FieldErrors::one("", violation));
    };
    let answered = |step: StepKey| members.get(step.name()).map(|answers| (step, answers.clone()));
    Ok(Brief {
        answers: StepKey::ALL.into_iter().filter_map(answered).collect(),
        unknown: members.keys().filter(|name| StepKey::from_name(name).is_none()).cloned().collect(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_brief_is_taken_apart_in_the_order_of_the_steps() {
        let brief =
            split_brief(&json!({"offer": {"summary": "Tea"}, "_about": "a shop", "company": {}, "tone": 1}));
        let brief = brief.unwrap();
        assert_eq!(
            brief.answers,
            [(StepKey::Company, json!({})), (StepKey::Offer, json!({"summary": "Tea"}))]
        );
        assert_eq!(brief.unknown, ["_about", "tone"]);
        assert_eq!(split_brief(&json!([])).unwrap_err().as_slice()[0].code, "wrong_type");
    }
}
