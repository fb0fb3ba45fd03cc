//! An answer as Anthropic's named events.

use super::{blocks, stop, usage};
use crate::{
    Tokens,
    reply::{Piece, Said, write_json},
};
use serde_json::{Value, json};

/// The message has no content yet. Its usage comes in snapshots: one output token, a part of them, all.
pub(super) fn pieces(mut message: Value, said: &Said<'_>) -> Vec<Piece> {
    let answer = &said.answer;
    let says_usage = answer.says_usage;
    if says_usage {
        let first = Tokens { output: answer.tokens.output.min(1), reasoning: 0, ..answer.tokens };
        message["usage"] = usage(first);
    }
    let mut pieces = vec![
        framing(&json!({"type": "message_start", "message": message})),
        framing(&json!({"type": "ping"})),
    ];
    for (index, block) in blocks(said).into_iter().enumerate() {
        block_pieces(&mut pieces, index, block, &answer.cut());
    }
    let part = answer.tokens.output * 8 / 15;
    if says_usage && part > 1 {
        let delta = json!({"stop_reason": null, "stop_sequence": null});
        let usage = json!({"output_tokens": part});
        pieces.push(framing(&json!({"type": "message_delta", "delta": delta, "usage": usage})));
    }
    let (reason, details) = stop(said);
    let delta = json!({"stop_reason": reason, "stop_sequence": null, "stop_details": details});
    let mut last = json!({"type": "message_delta", "delta": delta});
    if says_usage {
        last["usage"] = usage(answer.tokens);
    }
    pieces.push(framing(&last));
    pieces.push(framing(&json!({"type": "message_stop"})));
    if answer.comments { with_comments(pieces) } else { pieces }
}

fn block_pieces(pieces: &mut Vec<Piece>, index: usize, mut block: Value, texts: &[&str]) {
    let mut deltas: Vec<(Value, bool)> = Vec::new();
    match block["type"].as_str() {
        Some("thinking") => {
            let (thinking, signature) = (block["thinking"].take(), block["signature"].take());
            deltas.push((json!({"type": "thinking_delta", "thinking": thinking}), true));
            deltas.push((json!({"type": "signature_delta", "signature": signature}), false));
            (block["thinking"], block["signature"]) = (json!(""), json!(""));
        }
        Some("tool_use") => {
            let input = block["input"].take().to_string();
            let halves = crate::chat::halves(&input);
            deltas.push((json!({"type": "input_json_delta", "partial_json": ""}), false));
            deltas.push((json!({"type": "input_json_delta", "partial_json": halves.0}), true));
            deltas.push((json!({"type": "input_json_delta", "partial_json": halves.1}), false));
            block["input"] = json!({});
        }
        _ => {
            deltas.extend(texts.iter().map(|text| (json!({"type": "text_delta", "text": text}), true)));
            block["text"] = json!("");
        }
    }
    pieces.push(framing(&json!({"type": "content_block_start", "index": index, "content_block": block})));
    for (delta, carries) in deltas {
        let bytes = event(&json!({"type": "content_block_delta", "index": index, "delta": delta}));
        pieces.push(Piece { bytes, carries });
    }
    pieces.push(framing(&json!({"type": "content_block_stop", "index": index})));
}

/// A ping and a comment behind every piece that carries something.
fn with_comments(pieces: Vec<Piece>) -> Vec<Piece> {
    let mut all = Vec::with_capacity(pieces.len() * 3);
    for piece in pieces {
        let carries = piece.carries;
        all.push(piece);
        if carries {
            all.push(framing(&json!({"type": "ping"})));
            all.push(Piece::framing(b": a comment\n\n".to_vec()));
        }
    }
    all
}

fn framing(value: &Value) -> Piece {
    Piece::framing(event(value))
}

/// Named as its type.
fn event(value: &Value) -> Vec<u8> {
    let name = value["type"].as_str().unwrap_or_default();
    let mut bytes = format!("event: {name}\ndata: ").into_bytes();
    write_json(&mut bytes, value);
    bytes.extend_from_slice(b"\n\n");
    bytes
}
