//! What Google refuses.

use super::path::Place;
use crate::{http::Request, turn::Refusal};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::Value;

/// The official client mixes both spellings of a name: `thinkingConfig` and `thinking_config`.
pub(super) fn field<'a>(value: &'a Value, name: &str) -> &'a Value {
    value.get(name).unwrap_or_else(|| {
        let mut snake = String::with_capacity(name.len() + 4);
        for letter in name.chars() {
            if letter.is_ascii_uppercase() {
                snake.push('_');
            }
            snake.push(letter.to_ascii_lowercase());
        }
        &value[snake.as_str()]
    })
}

pub(super) fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

pub(crate) fn has_key(request: &Request) -> Result<(), Refusal> {
    let key = request.header("x-goog-api-key").map(str::to_owned).or_else(|| request.query("key"));
    if request.bearer().is_some() || key.is_some_and(|key| !key.is_empty()) {
        return Ok(());
    }
    Err(Refusal::new(401, "Request is missing required authentication credential."))
}

/// Of `generateContent` and `streamGenerateContent`.
pub(super) fn generates(place: &Place, body: &Value) -> Result<(), Refusal> {
    let invalid = |message: &str| Err(Refusal::new(400, message));
    contents(body)?;
    if !place.is_vertex && !field(body, "labels").is_null() {
        return invalid("Invalid JSON payload received. Unknown name \"labels\": Cannot find field.");
    }
    let thinking = field(field(body, "generationConfig"), "thinkingConfig");
    if place.model.starts_with("gemini-4-argon") && !field(thinking, "thinkingBudget").is_null() {
        return invalid("Thinking budget is not supported for this model. Use thinking level instead.");
    }
    for function in list(&body["tools"]).iter().flat_map(|tool| list(field(tool, "functionDeclarations"))) {
        if !function["parameters"].is_null() && !field(function, "parametersJsonSchema").is_null() {
            return invalid("parameters and parameters_json_schema are mutually exclusive.");
        }
    }
    signed(&place.model, list(&body["contents"]))
}

/// Of everything that has contents.
pub(super) fn contents(body: &Value) -> Result<(), Refusal> {
    let contents = list(&body["contents"]);
    if contents.is_empty() {
        return Err(Refusal::new(400, "contents is not specified"));
    }
    for content in contents {
        if !matches!(content["role"].as_str(), None | Some("user" | "model")) {
            return Err(Refusal::new(400, "Please use a valid role: user, model."));
        }
        if list(&content["parts"]).is_empty() {
            return Err(Refusal::new(
                400,
                "Unable to submit request because it must include at least one parts field.",
            ));
        }
    }
    Ok(())
}

/// The calls of the current turn, which is since the user last said something, come back signed.
fn signed(model: &str, contents: &[Value]) -> Result<(), Refusal> {
    if !needs_signature(model) {
        return Ok(());
    }
    let says = |content: &Value| {
        content["role"] != "model"
            && list(&content["parts"]).iter().any(|part| field(part, "functionResponse").is_null())
    };
    let turn = contents.iter().rposition(says).map_or(contents, |last| &contents[last + 1..]);
    let calls = turn
        .iter()
        .flat_map(|content| list(&content["parts"]))
        .filter(|part| !field(part, "functionCall").is_null());
    for part in calls {
        let Some(signature) = field(part, "thoughtSignature").as_str() else {
            let name = field(part, "functionCall")["name"].as_str().unwrap_or_default();
            return Err(Refusal::new(
                400,
                &format!("Function call is missing a thought_signature in functionCall parts: {name}"),
            ));
        };
        let of_another = STANDARD
            .decode(signature)
            .is_ok_and(|bytes| bytes.starts_with(MARK) && signature != self::signature(model));
        if of_another {
            return Err(Refusal::new(400, "Thought signature is not valid."));
        }
    }
    Ok(())
}

/// What the fake's own signatures begin with. A test may make up others, and they pass.
const MARK: &[u8] = b"a fake signature of ";

pub(super) fn signature(model: &str) -> String {
    STANDARD.encode([MARK, model.as_bytes()].concat())
}

/// Gemini 3 and later.
pub(super) fn needs_signature(model: &str) -> bool {
    let version = model.strip_prefix("gemini-").unwrap_or_default();
    let major: String = version.chars().take_while(char::is_ascii_digit).collect();
    major.parse::<u32>().is_ok_and(|major| major >= 3)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn models_since_gemini_3_sign() {
        for model in ["gemini-3.8-flash", "gemini-4-argon", "gemini-10"] {
            assert!(needs_signature(model), "{model}");
        }
        for model in ["gemini-2.5-pro", "gemini-embedding-001", "text-embedding-005"] {
            assert!(!needs_signature(model), "{model}");
        }
    }

    #[test]
    fn a_name_is_known_in_both_spellings() {
        assert_eq!(field(&json!({"thinkingBudget": 1}), "thinkingBudget"), 1);
        assert_eq!(field(&json!({"thinking_budget": 1}), "thinkingBudget"), 1);
        assert!(field(&json!({}), "thinkingBudget").is_null());
    }
}
