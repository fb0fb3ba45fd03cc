//! What OpenAI and Mistral have in common.

use crate::{
    reply::{Piece, Said, data},
    routes::Incoming,
    turn::Refusal,
};
use serde_json::{Value, json};

/// In seconds since 1970: no answer tells the real time, so that the same request has the same answer.
pub(crate) const CREATED: u64 = 1_795_000_000;

/// A chat has a model and messages.
pub(crate) fn check(body: &Value) -> Result<&str, &'static str> {
    let model = body["model"].as_str().filter(|model| !model.is_empty());
    let model = model.ok_or("you must provide a model parameter")?;
    let messages = body["messages"].as_array();
    if messages.is_none_or(Vec::is_empty) {
        return Err("Missing required parameter: 'messages'.");
    }
    Ok(model)
}

/// The key is in `Authorization: Bearer`.
pub(crate) fn key(incoming: &Incoming<'_>) -> Result<(), Refusal> {
    match incoming.request.bearer() {
        Some(_) => Ok(()),
        None => Err(Refusal::new(401, "You didn't provide an API key.").with_code("invalid_api_key")),
    }
}

/// Why it ends, when nothing is blocked.
pub(crate) fn finish(said: &Said<'_>) -> &'static str {
    match (said.answer.length, said.answer.calls.is_empty()) {
        (true, _) => "length",
        (false, false) => "tool_calls",
        (false, true) => "stop",
    }
}

/// Prompt, answer and all, in tokens.
pub(crate) fn usage(said: &Said<'_>) -> Value {
    let tokens = said.answer.tokens;
    json!({
        "prompt_tokens": tokens.prompt(),
        "completion_tokens": tokens.output,
        "total_tokens": tokens.prompt() + tokens.output,
    })
}

/// A comment behind every piece that carries something, if the answer has them.
pub(crate) fn with_comments(pieces: Vec<Piece>, said: &Said<'_>) -> Vec<Piece> {
    if !said.answer.comments {
        return pieces;
    }
    let mut all = vec![Piece::framing(b": a comment\n\n".to_vec())];
    for piece in pieces {
        let carries = piece.carries;
        all.push(piece);
        if carries {
            all.push(Piece::framing(b": another\n\n".to_vec()));
        }
    }
    all
}

pub(crate) fn framing(value: &Value) -> Piece {
    Piece::framing(data(value))
}

pub(crate) fn done() -> Piece {
    Piece::framing(b"data: [DONE]\n\n".to_vec())
}

/// A text in two, neither of which is JSON.
pub(crate) fn halves(text: &str) -> (&str, &str) {
    let mut middle = text.len() / 2;
    while !text.is_char_boundary(middle) {
        middle -= 1;
    }
    text.split_at(middle)
}
