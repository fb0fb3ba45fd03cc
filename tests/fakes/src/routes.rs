//! Which wire a path leads to.

use crate::{
    Seen, anthropic, google,
    http::{self, Request},
    mistral, openai, played,
    reply::{self, Call, Reply, Whole},
    state::State,
    token,
    turn::Refusal,
};
use serde_json::Value;
use std::time::Duration;

/// A request, read.
#[derive(Debug)]
pub(crate) struct Incoming<'a> {
    pub(crate) request: &'a Request,
    pub(crate) path: String,
    pub(crate) body: Value,
}

impl Incoming<'_> {
    /// Whether the body asks for a stream, where it is the body that does.
    pub(crate) fn wants_stream(&self) -> bool {
        self.body["stream"] == true
    }

    /// A text of the body.
    pub(crate) fn text(&self, field: &str) -> Option<&str> {
        self.body[field].as_str()
    }
}

/// A provider's way of speaking.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Wire {
    /// An error in its envelope.
    pub(crate) refuse: fn(&Incoming<'_>, &Refusal) -> Whole,
    /// Checks a request to a model.
    pub(crate) call: fn(&Incoming<'_>) -> Result<Box<dyn Call>, Refusal>,
}

/// What this request gets, and how long it waits for it.
pub(crate) fn reply(state: &State, request: &Request) -> (Duration, Reply) {
    let path = request.path();
    if path == "/_fake/play" {
        return (Duration::ZERO, Reply::Whole(played::reply(state, &request.body)));
    }
    let (body, is_json) = body_of(request);
    state.saw(|| seen(request, &body));
    let incoming = Incoming { request, path, body };
    if incoming.path == "/token" {
        return (Duration::ZERO, token::reply(state, &incoming));
    }
    if incoming.path == "/v1/models" && request.method == "GET" {
        return (Duration::ZERO, Reply::Whole(openai::models(&incoming)));
    }
    let wire = wire_of(&incoming.path);
    let call = if request.method != "POST" {
        Err(Refusal::new(404, "There is nothing at this path, or not with this method."))
    } else if is_json {
        (wire.call)(&incoming)
    } else {
        Err(Refusal::new(400, "The body is no JSON."))
    };
    match call {
        Ok(call) => {
            let turn = state.next_turn();
            (turn.after, reply::to(call.as_ref(), &turn, state.next_id()))
        }
        Err(refusal) => (Duration::ZERO, Reply::Whole((wire.refuse)(&incoming, &refusal))),
    }
}

fn wire_of(path: &str) -> Wire {
    let begins = |starts: &[&str]| starts.iter().any(|start| path.starts_with(start));
    match google::path::parsed(path) {
        Some(place) if place.publisher == "anthropic" => anthropic::ON_VERTEX,
        Some(_) => google::WIRE,
        None if begins(&["/mistral"]) => mistral::WIRE,
        None if begins(&["/v1/messages"]) => anthropic::WIRE,
        None if begins(&["/v1beta", "/v1/projects", "/v1/publishers"]) => google::WIRE,
        None => openai::WIRE,
    }
}

/// The body, and whether it is JSON; else it is a form or a text. Programs like curl call everything a form, so JSON is tried first.
fn body_of(request: &Request) -> (Value, bool) {
    if request.body.is_empty() {
        return (Value::Null, true);
    }
    if let Ok(body) = serde_json::from_slice(&request.body) {
        return (body, true);
    }
    let text = String::from_utf8_lossy(&request.body);
    let content_type = request.header("content-type").unwrap_or_default();
    if content_type.starts_with("application/x-www-form-urlencoded") {
        let fields = http::pairs(&text).map(|(name, value)| (name, Value::String(value)));
        return (Value::Object(fields.collect()), false);
    }
    (Value::String(text.into_owned()), false)
}

fn seen(request: &Request, body: &Value) -> Seen {
    Seen {
        method: request.method.clone(),
        path: request.target.clone(),
        headers: request.headers.iter().cloned().collect(),
        body: body.clone(),
    }
}
