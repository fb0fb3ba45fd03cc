use super::response::{Block, WireMessage, WireUsage, failure, finish};
use crate::assembly::Assembly;
use agents::dispatch::{Delta, FailureKind, ModelFailure, Reply, Usage};
use serde::Deserialize;
use std::collections::BTreeMap;

/// Puts an answer together from the events of a message.
#[derive(Debug, Default)]
pub struct MessageStream {
    assembly: Assembly,
    /// Which call of a tool a block is.
    calls: BTreeMap<u64, usize>,
    usage: Option<WireUsage>,
    reason: Option<String>,
    model: Option<String>,
    id: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Event {
    #[serde(rename = "type")]
    kind: String,
    index: u64,
    message: WireMessage,
    content_block: Block,
    delta: BlockDelta,
    usage: Option<WireUsage>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct BlockDelta {
    #[serde(rename = "type")]
    kind: String,
    text: String,
    partial_json: String,
    thinking: String,
    signature: Option<String>,
    stop_reason: Option<String>,
}

impl MessageStream {
    /// Takes the data of one event; adds what it brings to `deltas`.
    ///
    /// # Errors
    /// The stream came to nothing: an error in its midst, or what can't be read.
    pub fn take(&mut self, data: &str, deltas: &mut Vec<Delta>) -> Result<(), ModelFailure> {
        let event: Event = serde_json::from_str(data).map_err(|e| self.broken(&e.to_string()))?;
        match event.kind.as_str() {
            "error" => return Err(failure(200, data.as_bytes()).charged(self.usage())),
            "message_start" => {
                let WireMessage { id, model, usage, .. } = event.message;
                (self.id, self.model) = (id, model);
                self.note(usage, deltas);
            }
            "content_block_start" => self.begin(event.index, event.content_block, deltas),
            "content_block_delta" => self.go_on(event.index, event.delta, deltas),
            "message_delta" => {
                self.reason = event.delta.stop_reason.or(self.reason.take());
                self.note(event.usage, deltas);
            }
            _ => {}
        }
        Ok(())
    }

    /// The stream has ended: the whole answer.
    ///
    /// # Errors
    /// It ended too soon, or by a refusal.
    pub fn end(self) -> Result<Reply, ModelFailure> {
        let usage = self.usage();
        let Some(reason) = &self.reason else { return Err(self.broken("it stopped before its end")) };
        let finish = finish(reason).map_err(|kind| {
            ModelFailure::new(kind, format!("the answer ended by {reason}")).charged(usage)
        })?;
        let tier = self.usage.as_ref().map(WireUsage::tier).unwrap_or_default();
        let parts = self.assembly.finish(usage)?;
        Ok(Reply { parts, finish, usage, served_by: self.model, id: self.id, tier })
    }

    fn usage(&self) -> Option<Usage> {
        self.usage.as_ref().map(Usage::from)
    }

    fn broken(&self, why: &str) -> ModelFailure {
        let failure = ModelFailure::new(FailureKind::Unavailable, format!("the stream broke: {why}"));
        failure.charged(self.usage())
    }

    fn note(&mut self, later: Option<WireUsage>, deltas: &mut Vec<Delta>) {
        let Some(later) = later else { return };
        let now = self.usage.take().unwrap_or_default().replaced_by(later);
        deltas.push(Delta::Usage(Usage::from(&now)));
        self.usage = Some(now);
    }

    fn begin(&mut self, index: u64, block: Block, deltas: &mut Vec<Delta>) {
        match block.kind.as_str() {
            "text" => self.assembly.text(&block.text, deltas),
            "thinking" => self.assembly.thought(&block.thinking, block.signature, deltas),
            "tool_use" => {
                let call = self.assembly.call(block.id, block.name, None, deltas);
                self.calls.insert(index, call);
            }
            _ => {}
        }
    }

    fn go_on(&mut self, index: u64, delta: BlockDelta, deltas: &mut Vec<Delta>) {
        match delta.kind.as_str() {
            "text_delta" => self.assembly.text(&delta.text, deltas),
            "thinking_delta" => self.assembly.thought(&delta.thinking, None, deltas),
            "signature_delta" => self.assembly.thought("", delta.signature, deltas),
            "input_json_delta" => {
                if let Some(call) = self.calls.get(&index) {
                    self.assembly.arguments(*call, &delta.partial_json, deltas);
                }
            }
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use agents::dispatch::{Finish, Part};
    use serde_json::{Value, json};

    fn run(events: &[Value]) -> (Vec<Delta>, Result<Reply, ModelFailure>) {
        let (mut stream, mut deltas) = (MessageStream::default(), Vec::new());
        for event in events {
            if let Err(failure) = stream.take(&event.to_string(), &mut deltas) {
                return (deltas, Err(failure));
            }
        }
        (deltas, stream.end())
    }

    fn started() -> Value {
        json!({"type": "message_start", "message": {"id": "msg_1", "model": "claude-sonnet-5-5", "content": [],
            "usage": {"input_tokens": 600, "cache_read_input_tokens": 400, "output_tokens": 1}}})
    }

    fn block(index: u64, block: Value) -> Value {
        json!({"type": "content_block_start", "index": index, "content_block": block})
    }

    fn more(index: u64, delta: Value) -> Value {
        json!({"type": "content_block_delta", "index": index, "delta": delta})
    }

    fn ended(reason: &str, output: u64) -> Value {
        json!({"type": "message_delta", "delta": {"stop_reason": reason},
            "usage": {"output_tokens": output, "output_tokens_details": {"thinking_tokens": 50}}})
    }

    #[test]
    fn events_become_a_whole_answer_and_usage_is_never_added_up() {
        let (deltas, reply) = run(&[
            started(),
            json!({"type": "ping"}),
            block(0, json!({"type": "thinking", "thinking": ""})),
            more(0, json!({"type": "thinking_delta", "thinking": "Hm."})),
            more(0, json!({"type": "signature_delta", "signature": "s"})),
            block(1, json!({"type": "text", "text": ""})),
            more(1, json!({"type": "text_delta", "text": "Hel"})),
            more(1, json!({"type": "text_delta", "text": "lo"})),
            block(2, json!({"type": "tool_use", "id": "t1", "name": "look", "input": {}})),
            more(2, json!({"type": "input_json_delta", "partial_json": "{\"at\""})),
            more(2, json!({"type": "input_json_delta", "partial_json": ":1}"})),
            json!({"type": "content_block_stop", "index": 2}),
            ended("tool_use", 80),
            ended("tool_use", 150),
            json!({"type": "message_stop"}),
        ]);
        let reply = reply.unwrap();
        let usage = Usage { fresh: 600, cache_read: 400, output: 150, reasoning: 50, ..Usage::NONE };
        assert_eq!((reply.usage, reply.finish), (Some(usage), Finish::ToolCalls));
        let call = Part::ToolCall {
            id: "t1".to_owned(),
            name: "look".to_owned(),
            arguments: json!({"at": 1}),
            signature: None,
        };
        let thought = Part::Thought { text: "Hm.".to_owned(), signature: Some("s".to_owned()) };
        assert_eq!(reply.parts, [thought, Part::Text("Hello".to_owned()), call]);
        assert_eq!(deltas.iter().filter(|delta| matches!(delta, Delta::Usage(_))).count(), 3);
    }

    #[test]
    fn an_error_a_refusal_and_a_cut_end_a_stream_and_are_charged() {
        let overloaded = json!({"type": "error", "error": {"type": "overloaded_error", "message": "busy"}});
        let text = block(0, json!({"type": "text", "text": "Hel"}));
        for (events, kind) in [
            (vec![started(), text.clone(), overloaded], FailureKind::Unavailable),
            (vec![started(), text.clone(), ended("refusal", 3)], FailureKind::Blocked),
            (vec![started(), text], FailureKind::Unavailable),
        ] {
            let failed = run(&events).1.unwrap_err();
            assert_eq!((failed.kind, failed.usage.map(|usage| usage.fresh)), (kind, Some(600)), "{events:?}");
        }
        let mut stream = MessageStream::default();
        assert_eq!(
            stream.take("{\"type\": \"mess", &mut Vec::new()).unwrap_err().kind,
            FailureKind::Unavailable
        );
    }
}
