//! Claude, of Anthropic itself and on Vertex.

mod checks;
mod errors;
mod stream;

use crate::{
    Hint, Tokens, google,
    reply::{Call, Piece, Said, Whole},
    routes::{Incoming, Wire},
    turn::Refusal,
};
use serde_json::{Value, json};

pub(crate) const WIRE: Wire = Wire { refuse: |_, refusal| errors::refusal(refusal), call };
pub(crate) const ON_VERTEX: Wire =
    Wire { refuse: |_, refusal| refuse_on_vertex(refusal), call: call_on_vertex };

/// Google refuses who has no key or asks for what is not there; and its hint has a place in its own envelope only.
fn refuse_on_vertex(refusal: &Refusal) -> Whole {
    let is_googles = matches!(refusal.status, 401 | 404) && refusal.message.is_some();
    if is_googles || matches!(refusal.hint, Hint::Body(_)) {
        return google::refusal(refusal, false);
    }
    errors::refusal(refusal)
}

fn call(incoming: &Incoming<'_>) -> Result<Box<dyn Call>, Refusal> {
    let counts = match incoming.path.as_str() {
        "/v1/messages" => false,
        "/v1/messages/count_tokens" => true,
        _ => return Err(Refusal::new(404, "Not found")),
    };
    checks::key(incoming)?;
    let version = incoming.request.header("anthropic-version");
    let version = checks::version(version, &checks::VERSIONS, "anthropic-version")?;
    let model = incoming.text("model").ok_or_else(|| Refusal::new(400, "model: Field required"))?;
    check(counts, version, model, &incoming.body)?;
    let on_vertex = false;
    Ok(Box::new(Asks {
        model: model.to_owned(),
        streams: incoming.wants_stream() && !counts,
        counts,
        on_vertex,
    }))
}

fn call_on_vertex(incoming: &Incoming<'_>) -> Result<Box<dyn Call>, Refusal> {
    let nothing = || Refusal::new(404, "The requested URL was not found on this server.");
    let place = google::path::parsed(&incoming.path).ok_or_else(nothing)?;
    google::has_key(incoming.request)?;
    let streams = match place.method.as_str() {
        "rawPredict" => false,
        "streamRawPredict" => true,
        _ => return Err(nothing()),
    };
    let counts = place.model == "count-tokens";
    let model = if counts {
        incoming.text("model").ok_or_else(|| Refusal::new(400, "model: Field required"))?
    } else if incoming.body.get("model").is_some() {
        return Err(Refusal::new(400, "model: Extra inputs are not permitted"));
    } else {
        &place.model
    };
    let version = incoming.text("anthropic_version");
    let version = checks::version(version, &checks::VERSIONS_ON_VERTEX, "anthropic_version")?;
    // Stricter than what is known of Vertex, so that whoever calls the wrong method learns of it.
    if streams != incoming.wants_stream() {
        return Err(Refusal::new(400, "stream: does not fit the method"));
    }
    check(counts, version, model, &incoming.body)?;
    Ok(Box::new(Asks { model: model.to_owned(), streams, counts, on_vertex: true }))
}

fn check(counts: bool, version: &str, model: &str, body: &Value) -> Result<(), Refusal> {
    if counts { checks::messages(version, body) } else { checks::generates(version, model, body) }
}

#[derive(Debug)]
struct Asks {
    model: String,
    streams: bool,
    /// It asks for the number of tokens only.
    counts: bool,
    on_vertex: bool,
}

impl Call for Asks {
    fn refusal(&self, refusal: &Refusal) -> Whole {
        if self.on_vertex { refuse_on_vertex(refusal) } else { errors::refusal(refusal) }
    }

    fn whole(&self, said: &Said<'_>) -> Value {
        if self.counts {
            return json!({"input_tokens": said.answer.tokens.prompt()});
        }
        let mut message = self.message(said);
        message["content"] = blocks(said).into_iter().collect();
        (message["stop_reason"], message["stop_details"]) = stop(said);
        if said.answer.says_usage {
            message["usage"] = usage(said.answer.tokens);
        }
        message
    }

    fn stream(&self, said: &Said<'_>) -> Option<Vec<Piece>> {
        self.streams.then(|| stream::pieces(self.message(said), said))
    }

    fn breaks(&self) -> Refusal {
        Refusal::of_status(529)
    }

    fn break_bytes(&self, refusal: &Whole, _: bool) -> Vec<u8> {
        let error = String::from_utf8_lossy(&refusal.body);
        format!("event: error\ndata: {error}\n\n").into_bytes()
    }
}

impl Asks {
    /// Without content, end and usage.
    fn message(&self, said: &Said<'_>) -> Value {
        json!({
            "id": if self.on_vertex { format!("msg_vrtx_{}", said.id) } else { format!("msg_{}", said.id) },
            "type": "message",
            "role": "assistant",
            "model": self.model,
            "content": [],
            "stop_reason": null,
            "stop_sequence": null,
        })
    }
}

fn blocks(said: &Said<'_>) -> Vec<Value> {
    let answer = &said.answer;
    let thought = answer.thought.iter();
    let mut blocks: Vec<Value> = thought
        .map(|thought| json!({"type": "thinking", "thinking": thought, "signature": SIGNATURE}))
        .collect();
    if !answer.text.is_empty() {
        blocks.push(json!({"type": "text", "text": answer.text}));
    }
    let call = |(at, (name, args)): (usize, &(String, Value))| json!({"type": "tool_use", "id": format!("toolu_{}_{at}", said.id), "name": name, "input": args});
    blocks.extend(answer.calls.iter().enumerate().map(call));
    blocks
}

/// What a thought is signed with.
const SIGNATURE: &str = "YSBmYWtlIHNpZ25hdHVyZQ==";

/// The reason, and the details of a refusal.
fn stop(said: &Said<'_>) -> (Value, Value) {
    let answer = &said.answer;
    if said.blocked {
        let details =
            json!({"type": "refusal", "category": "general_harms", "explanation": "The test wanted it so."});
        return (json!("refusal"), details);
    }
    let reason = match (answer.length, answer.calls.is_empty()) {
        (true, _) => "max_tokens",
        (false, false) => "tool_use",
        (false, true) => "end_turn",
    };
    (json!(reason), Value::Null)
}

/// All of it.
fn usage(tokens: Tokens) -> Value {
    json!({
        "input_tokens": tokens.fresh,
        "cache_creation_input_tokens": 0,
        "cache_read_input_tokens": tokens.read,
        "cache_creation": {"ephemeral_5m_input_tokens": 0, "ephemeral_1h_input_tokens": 0},
        "output_tokens": tokens.output,
        "output_tokens_details": {"thinking_tokens": tokens.reasoning},
        "service_tier": "standard",
    })
}
