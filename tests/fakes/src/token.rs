//! Google's token endpoint: an access token for a signed assertion of a service account.

use crate::{
    TokenTurn,
    reply::{Reply, Whole},
    routes::Incoming,
    state::State,
};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::{Value, json};

const GRANT_TYPE: &str = "urn:ietf:params:oauth:grant-type:jwt-bearer";
/// What the official library names, even when the key file names another endpoint.
const USUAL_AUDIENCE: &str = "https://oauth2.googleapis.com/token";

pub(crate) fn reply(state: &State, incoming: &Incoming<'_>) -> Reply {
    let own = format!("{}/token", state.url);
    if let Err((error, description)) = check(incoming, &own) {
        return Reply::Whole(refusal(400, error, description));
    }
    Reply::Whole(match state.next_token_turn() {
        TokenTurn::Grants { expires_in, as_text } => {
            let seconds = expires_in.as_secs();
            let expires_in = if as_text { json!(seconds.to_string()) } else { json!(seconds) };
            let grant = json!({
                "access_token": state.next_token(),
                "expires_in": expires_in,
                "token_type": "Bearer",
            });
            Whole::json(200, &grant)
        }
        TokenTurn::Refuses { status, error } => refusal(status, error, "The test wanted it so."),
        TokenTurn::Silent => return Reply::Silence,
    })
}

fn refusal(status: u16, error: &str, description: &str) -> Whole {
    Whole::json(status, &json!({"error": error, "error_description": description}))
}

/// Everything but the signature.
fn check(incoming: &Incoming<'_>, own: &str) -> Result<(), (&'static str, &'static str)> {
    if incoming.request.method != "POST" || !incoming.body.is_object() {
        return Err(("invalid_request", "A form must be posted."));
    }
    if incoming.text("grant_type") != Some(GRANT_TYPE) {
        return Err(("unsupported_grant_type", "The grant_type is not that of an assertion."));
    }
    let wrong = |what| ("invalid_grant", what);
    let assertion = incoming.text("assertion").unwrap_or_default();
    let parts: Vec<&str> = assertion.split('.').collect();
    let [header, claims, signature] = parts[..] else {
        return Err(wrong("The assertion has not three parts."));
    };
    let (Some(header), Some(claims)) = (json_of(header), json_of(claims)) else {
        return Err(wrong("The assertion's header or claims are no JSON in base64."));
    };
    if signature.is_empty() || URL_SAFE_NO_PAD.decode(signature).is_err() {
        return Err(wrong("The assertion's signature is no base64."));
    }
    if header["alg"] != "RS256" || header["typ"] != "JWT" || !is_text(&header["kid"]) {
        return Err(wrong("The assertion's header needs alg RS256, typ JWT and a kid."));
    }
    check_claims(&claims, own).map_err(wrong)
}

fn check_claims(claims: &Value, own: &str) -> Result<(), &'static str> {
    if !is_text(&claims["iss"]) || !is_text(&claims["scope"]) {
        return Err("The claims need an iss and a scope.");
    }
    if claims["aud"] != USUAL_AUDIENCE && claims["aud"] != own {
        return Err("The aud is not this endpoint.");
    }
    let (Some(issued), Some(expires)) = (claims["iat"].as_u64(), claims["exp"].as_u64()) else {
        return Err("The claims need iat and exp, in whole seconds.");
    };
    if expires <= issued || expires > issued + 3_600 {
        return Err("The exp must be after the iat, and at most an hour.");
    }
    Ok(())
}

fn is_text(value: &Value) -> bool {
    value.as_str().is_some_and(|text| !text.is_empty())
}

fn json_of(part: &str) -> Option<Value> {
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).ok()?).ok()
}
