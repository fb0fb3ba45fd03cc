//! Gemini, on Vertex and on the Developer API.

mod checks;
mod embed;
mod errors;
pub(crate) mod path;

pub(crate) use checks::has_key;
pub(crate) use errors::refusal;

use crate::{
    Tokens,
    reply::{Call, Piece, Said, Whole, write_json},
    routes::{Incoming, Wire},
    turn::Refusal,
};
use path::Place;
use serde_json::{Map, Value, json};

pub(crate) const WIRE: Wire = Wire { refuse, call };

fn refuse(incoming: &Incoming<'_>, refusal: &Refusal) -> Whole {
    errors::refusal(refusal, is_array(incoming))
}

/// A stream that is not asked for as events is an array.
fn is_array(incoming: &Incoming<'_>) -> bool {
    incoming.path.ends_with(":streamGenerateContent")
        && incoming.request.query("alt").as_deref() != Some("sse")
}

fn call(incoming: &Incoming<'_>) -> Result<Box<dyn Call>, Refusal> {
    let nothing = || Refusal::new(404, "The requested URL was not found on this server.");
    let place = path::parsed(&incoming.path).ok_or_else(nothing)?;
    has_key(incoming.request)?;
    if place.publisher != "google" {
        return Err(nothing());
    }
    let body = &incoming.body;
    match place.method.as_str() {
        "generateContent" => {
            checks::generates(&place, body)?;
            Ok(Box::new(Generates { place, form: Form::Whole }))
        }
        "streamGenerateContent" => {
            checks::generates(&place, body)?;
            let form = if is_array(incoming) { Form::Array } else { Form::Events };
            Ok(Box::new(Generates { place, form }))
        }
        "countTokens" => {
            // The Developer API takes a whole request, too.
            let request = checks::field(body, "generateContentRequest");
            checks::contents(if request.is_null() { body } else { request })?;
            Ok(Box::new(Counts { is_vertex: place.is_vertex }))
        }
        "predict" | "embedContent" | "batchEmbedContents" => embed::call(&place, body),
        _ => Err(nothing()),
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    Whole,
    Events,
    Array,
}

/// `generateContent` and `streamGenerateContent`.
#[derive(Debug)]
struct Generates {
    place: Place,
    form: Form,
}

impl Call for Generates {
    fn refusal(&self, refusal: &Refusal) -> Whole {
        errors::refusal(refusal, self.form == Form::Array)
    }

    fn whole(&self, said: &Said<'_>) -> Value {
        if said.blocked {
            return self.blocked(said);
        }
        let answer = &said.answer;
        let mut parts: Vec<Value> = answer.thought.iter().map(|thought| thought_part(thought)).collect();
        if !answer.text.is_empty() {
            parts.push(json!({"text": answer.text}));
        }
        parts.extend(self.calls(said));
        self.response(said, parts, true)
    }

    fn stream(&self, said: &Said<'_>) -> Option<Vec<Piece>> {
        if self.form == Form::Whole {
            return None;
        }
        if said.blocked {
            return Some(self.framed(vec![(self.blocked(said), false)]));
        }
        let answer = &said.answer;
        let mut parts: Vec<Value> = answer.thought.iter().map(|thought| thought_part(thought)).collect();
        parts.extend(answer.cut().into_iter().map(|text| json!({"text": text})));
        parts.extend(self.calls(said));
        let mut chunks: Vec<(Value, bool)> =
            parts.into_iter().map(|part| (self.response(said, vec![part], false), true)).collect();
        chunks.push((self.response(said, vec![json!({"text": ""})], true), false));
        Some(self.framed(chunks))
    }

    fn breaks(&self) -> Refusal {
        Refusal::of_status(503)
    }

    /// As it is, over several lines, without `data: `.
    fn break_bytes(&self, refusal: &Whole, is_first: bool) -> Vec<u8> {
        let value: Value = serde_json::from_slice(&refusal.body).expect("the envelope is JSON");
        if self.form == Form::Array {
            let mut bytes = if is_first { b"[".to_vec() } else { b",\r\n".to_vec() };
            write_json(&mut bytes, &value[0]);
            bytes.push(b']');
            return bytes;
        }
        format!("{value:#}\n").into_bytes()
    }

    fn content_type(&self) -> &'static str {
        if self.form == Form::Array { "application/json; charset=UTF-8" } else { "text/event-stream" }
    }
}

impl Generates {
    fn framed(&self, chunks: Vec<(Value, bool)>) -> Vec<Piece> {
        let last = chunks.len() - 1;
        let framed = |(at, (value, carries)): (usize, (Value, bool))| {
            let (before, after): (&[u8], &[u8]) = match self.form {
                Form::Array if at == 0 => (b"[", b""),
                Form::Array => (b",\r\n", b""),
                _ => (b"data: ", b"\r\n\r\n"),
            };
            let mut bytes = before.to_vec();
            write_json(&mut bytes, &value);
            bytes.extend_from_slice(after);
            if self.form == Form::Array && at == last {
                bytes.push(b']');
            }
            Piece { bytes, carries }
        };
        chunks.into_iter().enumerate().map(framed).collect()
    }

    /// The last of a stream has the finish and the usage; the others of Vertex have its traffic type alone.
    fn response(&self, said: &Said<'_>, parts: Vec<Value>, is_last: bool) -> Value {
        let mut candidate = json!({"content": {"role": "model", "parts": parts}, "index": 0});
        if is_last {
            candidate["finishReason"] = json!(if said.answer.length { "MAX_TOKENS" } else { "STOP" });
        }
        let usage = said.answer.says_usage.then(|| match (is_last, self.place.is_vertex) {
            (true, is_vertex) => usage(said.answer.tokens, is_vertex),
            (false, true) => json!({"trafficType": "ON_DEMAND"}),
            (false, false) => Value::Null,
        });
        self.top(said, json!([candidate]), usage)
    }

    fn blocked(&self, said: &Said<'_>) -> Value {
        let usage = said.answer.says_usage.then(|| usage(said.answer.tokens, self.place.is_vertex));
        let mut response = self.top(said, Value::Null, usage);
        response["promptFeedback"] = json!({
            "blockReason": "PROHIBITED_CONTENT",
            "safetyRatings": [],
        });
        response
    }

    fn top(&self, said: &Said<'_>, candidates: Value, usage: Option<Value>) -> Value {
        let mut response = Map::new();
        if !candidates.is_null() {
            response.insert("candidates".to_owned(), candidates);
        }
        if let Some(usage) = usage.filter(|usage| !usage.is_null()) {
            response.insert("usageMetadata".to_owned(), usage);
        }
        response.insert("modelVersion".to_owned(), json!(self.place.model));
        response.insert("responseId".to_owned(), json!(format!("response-{}", said.id)));
        if self.place.is_vertex {
            response.insert("createTime".to_owned(), json!("2026-11-21T09:00:00.000000Z"));
        }
        Value::Object(response)
    }

    fn calls(&self, said: &Said<'_>) -> Vec<Value> {
        let part = |(at, (name, args)): (usize, &(String, Value))| {
            let mut call = json!({"name": name, "args": args});
            if !self.place.is_vertex {
                call["id"] = json!(format!("call-{}-{at}", said.id));
            }
            let mut part = json!({"functionCall": call});
            if checks::needs_signature(&self.place.model) {
                part["thoughtSignature"] = json!(checks::signature(&self.place.model));
            }
            part
        };
        said.answer.calls.iter().enumerate().map(part).collect()
    }
}

fn thought_part(thought: &str) -> Value {
    json!({"text": thought, "thought": true})
}

fn usage(tokens: Tokens, is_vertex: bool) -> Value {
    let mut usage = json!({
        "promptTokenCount": tokens.prompt(),
        "totalTokenCount": tokens.prompt() + tokens.output,
        "promptTokensDetails": [{"modality": "TEXT", "tokenCount": tokens.prompt()}],
    });
    let mut add = |name: &str, count: u64| {
        if count > 0 {
            usage[name] = json!(count);
        }
    };
    add("cachedContentTokenCount", tokens.read);
    add("candidatesTokenCount", tokens.output.saturating_sub(tokens.reasoning));
    add("thoughtsTokenCount", tokens.reasoning);
    if is_vertex {
        usage["trafficType"] = json!("ON_DEMAND");
    }
    usage
}

/// `countTokens`: as many as the prompt of the answer would have.
#[derive(Debug)]
struct Counts {
    is_vertex: bool,
}

impl Call for Counts {
    fn refusal(&self, refusal: &Refusal) -> Whole {
        errors::refusal(refusal, false)
    }

    fn whole(&self, said: &Said<'_>) -> Value {
        let tokens = said.answer.tokens;
        let mut count = json!({
            "totalTokens": tokens.prompt(),
            "promptTokensDetails": [{"modality": "TEXT", "tokenCount": tokens.prompt()}],
        });
        if tokens.read > 0 {
            count["cachedContentTokenCount"] = json!(tokens.read);
        }
        if self.is_vertex {
            count["totalBillableCharacters"] = json!(4 * tokens.prompt());
        }
        count
    }

    fn breaks(&self) -> Refusal {
        Refusal::of_status(503)
    }
}
