//! Mistral: like OpenAI, but for its own names, its own envelope and the place of the usage.

use crate::{
    Tokens, chat, embedding,
    reply::{Call, Piece, Said, Whole, data},
    routes::{Incoming, Wire},
    turn::Refusal,
};
use serde_json::{Value, json};

pub(crate) const WIRE: Wire = Wire { refuse: |_, refusal| refuse(refusal), call };

/// What OpenAI knows and Mistral does not.
const UNKNOWN: [&str; 2] = ["seed", "stream_options"];

fn refuse(refusal: &Refusal) -> Whole {
    let message = refusal.message.as_deref().unwrap_or(match refusal.status {
        429 => "Rate limit exceeded",
        _ => "The test wanted it so.",
    });
    let body = match refusal.status {
        401 => json!({"detail": "Unauthorized"}),
        422 => json!({"detail": [{
            "type": "extra_forbidden",
            "loc": ["body", refusal.code],
            "msg": message,
            "input": null,
        }]}),
        status => {
            let kind = match status {
                429 => "rate_limited",
                ..500 => "invalid_request_error",
                _ => "internal_server_error",
            };
            let code = refusal.code.as_deref().or((status == 429).then_some("1300"));
            json!({"object": "error", "message": message, "type": kind, "param": null, "code": code})
        }
    };
    Whole::json(refusal.status, &body).with_header(refusal.hint.header())
}

fn call(incoming: &Incoming<'_>) -> Result<Box<dyn Call>, Refusal> {
    let body = &incoming.body;
    let invalid = |message: &str| Refusal::new(400, message);
    match incoming.path.as_str() {
        "/mistral/v1/chat/completions" => {
            chat::key(incoming)?;
            let model = chat::check(body).map_err(invalid)?.to_owned();
            if let Some(name) = UNKNOWN.into_iter().find(|name| body.get(*name).is_some()) {
                return Err(Refusal::new(422, "Extra inputs are not permitted").with_code(name));
            }
            Ok(Box::new(Chats { model, streams: incoming.wants_stream() }))
        }
        "/mistral/v1/embeddings" => {
            chat::key(incoming)?;
            embed(body).map_err(invalid)
        }
        _ => Err(Refusal::new(404, "no Route matched with those values")),
    }
}

fn embed(body: &Value) -> Result<Box<dyn Call>, &'static str> {
    let model = body["model"].as_str().ok_or("model: Field required")?;
    let texts = embedding::texts(&body["input"]).ok_or("input: Field required")?;
    let asked = body["output_dimension"].as_u64().and_then(|asked| usize::try_from(asked).ok());
    let as_base64 = body["encoding_format"] == "base64";
    let tokens: usize = texts.iter().map(|text| Tokens::of_text(text)).sum();
    let answer = json!({
        "id": "embd-fake",
        "object": "list",
        "data": embedding::list(&texts, asked.unwrap_or(embedding::DIMENSIONS), as_base64),
        "model": model,
        "usage": {"prompt_tokens": tokens, "completion_tokens": 0, "total_tokens": tokens},
    });
    Ok(Box::new(embedding::Embeds { answer, refuse }))
}

#[derive(Debug)]
struct Chats {
    model: String,
    streams: bool,
}

impl Call for Chats {
    fn refusal(&self, refusal: &Refusal) -> Whole {
        refuse(refusal)
    }

    fn whole(&self, said: &Said<'_>) -> Value {
        let calls = if said.answer.calls.is_empty() { Value::Null } else { calls(said) };
        let message = json!({"role": "assistant", "content": said.answer.text, "tool_calls": calls});
        let choice = json!({"index": 0, "message": message, "finish_reason": finish(said)});
        let mut completion = self.top(said, "chat.completion", choice);
        if said.answer.says_usage {
            completion["usage"] = chat::usage(said);
        }
        completion
    }

    /// The usage is in the chunk that ends it; a call comes whole.
    fn stream(&self, said: &Said<'_>) -> Option<Vec<Piece>> {
        if !self.streams {
            return None;
        }
        let mut pieces = vec![chat::framing(&self.chunk(said, json!({"role": "assistant", "content": ""})))];
        let texts = said.answer.cut();
        pieces.extend(
            texts.into_iter().map(|text| Piece::carrying(data(&self.chunk(said, json!({"content": text}))))),
        );
        let mut delta = json!({"content": ""});
        if !said.answer.calls.is_empty() {
            delta["tool_calls"] = calls(said);
        }
        let mut last = self.chunk(said, delta);
        last["choices"][0]["finish_reason"] = json!(finish(said));
        if said.answer.says_usage {
            last["usage"] = chat::usage(said);
        }
        pieces.push(chat::framing(&last));
        pieces.push(chat::done());
        Some(chat::with_comments(pieces, said))
    }

    fn breaks(&self) -> Refusal {
        Refusal::new(500, "Internal server error")
    }

    fn break_bytes(&self, refusal: &Whole, _: bool) -> Vec<u8> {
        [b"data: ", refusal.body.as_slice(), b"\n\n"].concat()
    }
}

impl Chats {
    fn top(&self, said: &Said<'_>, object: &str, choice: Value) -> Value {
        json!({
            "id": format!("cmpl-{}", said.id),
            "object": object,
            "created": chat::CREATED,
            "model": self.model,
            "choices": [choice],
        })
    }

    fn chunk(&self, said: &Said<'_>, delta: Value) -> Value {
        self.top(said, "chat.completion.chunk", json!({"index": 0, "delta": delta, "finish_reason": null}))
    }
}

/// What it says of a blocked answer is not known; an error is the nearest of its reasons.
fn finish(said: &Said<'_>) -> &'static str {
    if said.blocked { "error" } else { chat::finish(said) }
}

/// Its ids have nine characters.
fn calls(said: &Said<'_>) -> Value {
    let call = |(at, (name, args)): (usize, &(String, Value))| {
        let function = json!({"name": name, "arguments": args.to_string()});
        json!({"id": format!("c{:06}{:02}", said.id, at), "type": "function", "function": function, "index": at})
    };
    said.answer.calls.iter().enumerate().map(call).collect()
}
