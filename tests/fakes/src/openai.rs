//! OpenAI: chats, embeddings, and the list of models.

use crate::{
    Tokens, chat, embedding,
    reply::{Call, Piece, Said, Whole, data},
    routes::{Incoming, Wire},
    turn::Refusal,
};
use serde_json::{Value, json};

pub(crate) const WIRE: Wire = Wire { refuse: |_, refusal| refuse(refusal), call };

fn refuse(refusal: &Refusal) -> Whole {
    let code = refusal.code.as_deref().or(match refusal.status {
        429 => Some("rate_limit_exceeded"),
        _ => None,
    });
    let kind = match (code, refusal.status) {
        (Some("insufficient_quota"), _) => "insufficient_quota",
        (_, 429) => "requests",
        (_, ..500) => "invalid_request_error",
        _ => "server_error",
    };
    let message = refusal.message.as_deref().unwrap_or("The test wanted it so.");
    let error = json!({"message": message, "type": kind, "param": null, "code": code});
    Whole::json(refusal.status, &json!({"error": error}))
        .with_header(Some(("x-request-id", "req_fake".to_owned())))
        .with_header(refusal.hint.header())
}

/// `GET /v1/models`.
pub(crate) fn models(incoming: &Incoming<'_>) -> Whole {
    if let Err(refusal) = chat::key(incoming) {
        return refuse(&refusal);
    }
    let model =
        |id: &str| json!({"id": id, "object": "model", "created": chat::CREATED, "owned_by": "openai"});
    let models =
        ["gpt-6.1-sol", "gpt-6.1-terra", "gpt-6-luna", "gpt-4o-mini", "text-embedding-3-small"].map(model);
    Whole::json(200, &json!({"object": "list", "data": models}))
}

fn call(incoming: &Incoming<'_>) -> Result<Box<dyn Call>, Refusal> {
    let body = &incoming.body;
    let invalid = |message: &str| Refusal::new(400, message);
    match incoming.path.as_str() {
        "/v1/chat/completions" => {
            chat::key(incoming)?;
            let model = chat::check(body).map_err(invalid)?.to_owned();
            let options = &body["stream_options"];
            if !options.is_null() && !incoming.wants_stream() {
                return Err(invalid(
                    "The 'stream_options' parameter is only allowed when 'stream' is enabled.",
                ));
            }
            let includes_usage = options["include_usage"] == true;
            Ok(Box::new(Chats { model, streams: incoming.wants_stream(), includes_usage }))
        }
        "/v1/embeddings" => {
            chat::key(incoming)?;
            embed(body).map_err(invalid)
        }
        path => Err(Refusal::new(404, &format!("Invalid URL ({} {path})", incoming.request.method))),
    }
}

fn embed(body: &Value) -> Result<Box<dyn Call>, &'static str> {
    let model = body["model"].as_str().ok_or("you must provide a model parameter")?;
    let texts = embedding::texts(&body["input"]).ok_or("'$.input' is invalid.")?;
    let asked = body["dimensions"].as_u64().and_then(|asked| usize::try_from(asked).ok());
    let as_base64 = body["encoding_format"] == "base64";
    let tokens: usize = texts.iter().map(|text| Tokens::of_text(text)).sum();
    let answer = json!({
        "object": "list",
        "data": embedding::list(&texts, asked.unwrap_or(embedding::DIMENSIONS), as_base64),
        "model": model,
        "usage": {"prompt_tokens": tokens, "total_tokens": tokens},
    });
    Ok(Box::new(embedding::Embeds { answer, refuse }))
}

#[derive(Debug)]
struct Chats {
    model: String,
    streams: bool,
    includes_usage: bool,
}

impl Call for Chats {
    fn refusal(&self, refusal: &Refusal) -> Whole {
        refuse(refusal)
    }

    fn whole(&self, said: &Said<'_>) -> Value {
        let text = if said.answer.text.is_empty() { Value::Null } else { json!(said.answer.text) };
        let mut message = json!({"role": "assistant", "content": text, "refusal": null});
        if !said.answer.calls.is_empty() {
            message["tool_calls"] = calls(said).collect();
        }
        let choice = json!({"index": 0, "message": message, "logprobs": null, "finish_reason": finish(said)});
        let mut completion = self.top(said, "chat.completion", json!([choice]));
        if said.answer.says_usage {
            completion["usage"] = usage(said);
        }
        completion
    }

    fn stream(&self, said: &Said<'_>) -> Option<Vec<Piece>> {
        if !self.streams {
            return None;
        }
        let mut pieces =
            vec![chat::framing(&self.chunk(said, json!({"role": "assistant", "content": ""}), None))];
        for text in said.answer.cut() {
            pieces.push(Piece::carrying(data(&self.chunk(said, json!({"content": text}), None))));
        }
        for (index, mut call) in calls(said).enumerate() {
            let arguments = call["function"]["arguments"].take();
            call["index"] = json!(index);
            call["function"]["arguments"] = json!("");
            pieces.push(Piece::carrying(data(&self.chunk(said, json!({"tool_calls": [call]}), None))));
            let halves = chat::halves(arguments.as_str().unwrap_or_default());
            for half in [halves.0, halves.1] {
                let call = json!({"index": index, "function": {"arguments": half}});
                pieces.push(chat::framing(&self.chunk(said, json!({"tool_calls": [call]}), None)));
            }
        }
        pieces.push(chat::framing(&self.chunk(said, json!({}), Some(finish(said)))));
        if self.includes_usage && said.answer.says_usage {
            let mut last = self.top(said, "chat.completion.chunk", json!([]));
            last["usage"] = usage(said);
            pieces.push(chat::framing(&last));
        }
        pieces.push(chat::done());
        Some(chat::with_comments(pieces, said))
    }

    fn breaks(&self) -> Refusal {
        Refusal::new(500, "The server had an error while processing your request.")
    }

    fn break_bytes(&self, refusal: &Whole, _: bool) -> Vec<u8> {
        [b"data: ", refusal.body.as_slice(), b"\n\n"].concat()
    }
}

impl Chats {
    fn top(&self, said: &Said<'_>, object: &str, choices: Value) -> Value {
        json!({
            "id": format!("chatcmpl-{}", said.id),
            "object": object,
            "created": chat::CREATED,
            "model": self.model,
            "service_tier": "default",
            "choices": choices,
        })
    }

    fn chunk(&self, said: &Said<'_>, delta: Value, finish: Option<&str>) -> Value {
        let choice = json!({"index": 0, "delta": delta, "logprobs": null, "finish_reason": finish});
        let mut chunk = self.top(said, "chat.completion.chunk", json!([choice]));
        if self.includes_usage {
            chunk["usage"] = Value::Null;
        }
        chunk
    }
}

fn finish(said: &Said<'_>) -> &'static str {
    if said.blocked { "content_filter" } else { chat::finish(said) }
}

fn calls(said: &Said<'_>) -> impl Iterator<Item = Value> {
    said.answer.calls.iter().enumerate().map(|(at, (name, args))| {
        let function = json!({"name": name, "arguments": args.to_string()});
        json!({"id": format!("call_{}_{at}", said.id), "type": "function", "function": function})
    })
}

fn usage(said: &Said<'_>) -> Value {
    let mut usage = chat::usage(said);
    usage["prompt_tokens_details"] = json!({"cached_tokens": said.answer.tokens.read, "audio_tokens": 0});
    usage["completion_tokens_details"] = json!({
        "reasoning_tokens": said.answer.tokens.reasoning,
        "audio_tokens": 0,
        "accepted_prediction_tokens": 0,
        "rejected_prediction_tokens": 0,
    });
    usage
}
