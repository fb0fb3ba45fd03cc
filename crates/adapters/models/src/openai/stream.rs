use super::response::{WireUsage, failure, finish, tier};
use crate::assembly::Assembly;
use agents::dispatch::{Delta, FailureKind, ModelFailure, Reply, ServiceTier, Usage};
use serde::Deserialize;
use serde_json::Value;
use std::collections::BTreeMap;

/// Puts an answer together from the chunks of a chat completion. Usage comes with the last one, whose choices are empty.
#[derive(Debug, Default)]
pub struct ChatStream {
    assembly: Assembly,
    /// Which call of a tool an index is.
    calls: BTreeMap<u64, usize>,
    refused: bool,
    reason: Option<String>,
    usage: Option<Usage>,
    tier: ServiceTier,
    model: Option<String>,
    id: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Chunk {
    id: Option<String>,
    model: Option<String>,
    choices: Vec<Choice>,
    usage: Option<WireUsage>,
    service_tier: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Choice {
    delta: ChoiceDelta,
    finish_reason: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct ChoiceDelta {
    content: Option<String>,
    refusal: Option<String>,
    tool_calls: Option<Vec<CallDelta>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct CallDelta {
    index: u64,
    id: Option<String>,
    function: FunctionDelta,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct FunctionDelta {
    name: Option<String>,
    arguments: Option<String>,
}

impl ChatStream {
    /// Takes the data of one event; adds what it brings to `deltas`.
    ///
    /// # Errors
    /// The stream came to nothing: an error in its midst, or what can't be read.
    pub fn take(&mut self, data: &str, deltas: &mut Vec<Delta>) -> Result<(), ModelFailure> {
        if data.trim() == "[DONE]" {
            return Ok(());
        }
        let value: Value = serde_json::from_str(data).map_err(|e| self.broken(&e.to_string()))?;
        // Mistral's error is no member of its envelope, but the envelope.
        let is_error = value.get("error").is_some_and(|error| !error.is_null());
        if is_error || value.get("object").is_some_and(|object| object == "error") {
            return Err(failure(200, data.as_bytes()).charged(self.usage));
        }
        let chunk: Chunk = serde_json::from_value(value).map_err(|e| self.broken(&e.to_string()))?;
        self.id = chunk.id.or(self.id.take());
        self.model = chunk.model.or(self.model.take());
        if chunk.service_tier.is_some() {
            self.tier = tier(chunk.service_tier.as_deref());
        }
        if let Some(usage) = chunk.usage.as_ref().map(Usage::from) {
            self.usage = Some(usage);
            deltas.push(Delta::Usage(usage));
        }
        if let Some(Choice { delta, finish_reason }) = chunk.choices.into_iter().next() {
            self.reason = finish_reason.or(self.reason.take());
            self.go_on(delta, deltas);
        }
        Ok(())
    }

    fn go_on(&mut self, delta: ChoiceDelta, deltas: &mut Vec<Delta>) {
        self.refused |= delta.refusal.is_some_and(|refusal| !refusal.is_empty());
        self.assembly.text(&delta.content.unwrap_or_default(), deltas);
        for CallDelta { index, id, function } in delta.tool_calls.unwrap_or_default() {
            let known = self.calls.get(&index).copied();
            let call = known.unwrap_or_else(|| {
                let begun = self.assembly.call(id, function.name.unwrap_or_default(), None, deltas);
                self.calls.insert(index, begun);
                begun
            });
            self.assembly.arguments(call, &function.arguments.unwrap_or_default(), deltas);
        }
    }

    /// The stream has ended: the whole answer.
    ///
    /// # Errors
    /// It ended too soon, or by a refusal.
    pub fn end(self) -> Result<Reply, ModelFailure> {
        let usage = self.usage;
        let Some(reason) = &self.reason else { return Err(self.broken("it stopped before its end")) };
        if self.refused {
            return Err(ModelFailure::new(FailureKind::Blocked, "the model refused").charged(usage));
        }
        let finish = finish(reason, self.assembly.has_calls()).map_err(|kind| {
            ModelFailure::new(kind, format!("the answer ended by {reason}")).charged(usage)
        })?;
        let Self { assembly, tier, model, id, .. } = self;
        let parts = assembly.finish(usage)?;
        Ok(Reply { parts, finish, usage, served_by: model, id, tier })
    }

    fn broken(&self, why: &str) -> ModelFailure {
        ModelFailure::new(FailureKind::Unavailable, format!("the stream broke: {why}")).charged(self.usage)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use agents::dispatch::{Finish, Part};
    use serde_json::json;

    fn run(chunks: &[Value]) -> (Vec<Delta>, Result<Reply, ModelFailure>) {
        let (mut stream, mut deltas) = (ChatStream::default(), Vec::new());
        for chunk in chunks {
            if let Err(failure) = stream.take(&chunk.to_string(), &mut deltas) {
                return (deltas, Err(failure));
            }
        }
        stream.take("[DONE]", &mut deltas).unwrap();
        (deltas, stream.end())
    }

    fn chunk(delta: Value, reason: Option<&str>) -> Value {
        json!({"id": "c1", "model": "gpt-6-luna", "choices": [{"index": 0, "delta": delta, "finish_reason": reason}], "usage": null})
    }

    fn usage() -> Value {
        json!({"id": "c1", "choices": [], "usage": {"prompt_tokens": 10, "completion_tokens": 4}})
    }

    #[test]
    fn chunks_become_a_whole_answer() {
        let call = |function: Value, id: Option<&str>| json!({"tool_calls": [{"index": 0, "id": id, "function": function}]});
        let (deltas, reply) = run(&[
            chunk(json!({"role": "assistant", "content": ""}), None),
            chunk(json!({"content": "Hel"}), None),
            chunk(json!({"content": "lo"}), None),
            chunk(call(json!({"name": "look", "arguments": ""}), Some("t1")), None),
            chunk(call(json!({"arguments": "{\"at\""}), None), None),
            chunk(call(json!({"arguments": ":1}"}), None), None),
            chunk(json!({}), Some("tool_calls")),
            usage(),
        ]);
        let reply = reply.unwrap();
        let called = Part::ToolCall {
            id: "t1".to_owned(),
            name: "look".to_owned(),
            arguments: json!({"at": 1}),
            signature: None,
        };
        assert_eq!(reply.parts, [Part::Text("Hello".to_owned()), called]);
        let took = Usage { fresh: 10, output: 4, ..Usage::NONE };
        assert_eq!((reply.finish, reply.usage), (Finish::ToolCalls, Some(took)));
        assert_eq!(
            (reply.served_by.as_deref(), reply.id.as_deref(), deltas.len()),
            (Some("gpt-6-luna"), Some("c1"), 6)
        );
    }

    #[test]
    fn an_error_a_refusal_and_a_cut_end_a_stream() {
        let text = chunk(json!({"content": "Hel"}), None);
        let error = json!({"error": {"message": "busy", "type": "server_error", "code": null}});
        assert_eq!(run(&[text.clone(), error]).1.unwrap_err().kind, FailureKind::Unavailable);
        let bare =
            json!({"object": "error", "message": "busy", "type": "internal_server_error", "code": null});
        let failed = run(&[text.clone(), chunk(json!({}), Some("stop")), bare]).1.unwrap_err();
        assert_eq!((failed.kind, failed.cause.contains("busy")), (FailureKind::Unavailable, true));
        let refusal = chunk(json!({"refusal": "No."}), Some("stop"));
        let refused = run(&[refusal, usage()]).1.unwrap_err();
        assert_eq!((refused.kind, refused.usage.map(|usage| usage.fresh)), (FailureKind::Blocked, Some(10)));
        let filtered = run(&[text.clone(), chunk(json!({}), Some("content_filter"))]).1;
        assert_eq!(filtered.unwrap_err().kind, FailureKind::Blocked);
        assert_eq!(run(&[text]).1.unwrap_err().kind, FailureKind::Unavailable);
        assert!(ChatStream::default().take("{\"choi", &mut Vec::new()).is_err());
    }
}
