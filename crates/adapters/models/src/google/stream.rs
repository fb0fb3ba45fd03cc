use super::response::{Answer, failure, finish, part};
use crate::assembly::Assembly;
use agents::dispatch::{Delta, FailureKind, ModelFailure, Part, Reply, ServiceTier, Usage};
use serde_json::Value;

/// Puts an answer together from the pieces of `streamGenerateContent`, each of them an answer like a whole one.
#[derive(Debug, Default)]
pub struct GoogleStream {
    assembly: Assembly,
    reason: Option<String>,
    usage: Option<Usage>,
    tier: ServiceTier,
    served_by: Option<String>,
    id: Option<String>,
}

impl GoogleStream {
    /// Takes the data of one event; adds what it brings to `deltas`.
    ///
    /// # Errors
    /// The stream came to nothing: an error in its midst, a blocked prompt, or what can't be read.
    pub fn take(&mut self, data: &str, deltas: &mut Vec<Delta>) -> Result<(), ModelFailure> {
        if data.trim() == "[DONE]" {
            return Ok(());
        }
        let value: Value = serde_json::from_str(data).map_err(|e| self.broken(&e.to_string()))?;
        if value.get("error").is_some() || value.is_array() {
            return Err(failure(500, data.as_bytes()).charged(self.usage));
        }
        let answer: Answer = serde_json::from_value(value).map_err(|e| self.broken(&e.to_string()))?;
        if let Some(blocked) = answer.blocked_prompt() {
            return Err(blocked);
        }
        if let Some(usage) = answer.usage() {
            self.usage = Some(usage);
            deltas.push(Delta::Usage(usage));
        }
        self.tier = answer.tier().unwrap_or(self.tier);
        self.served_by = answer.model_version.or(self.served_by.take());
        self.id = answer.response_id.or(self.id.take());
        let Some(candidate) = answer.candidates.into_iter().next() else { return Ok(()) };
        self.reason = candidate.finish_reason.or(self.reason.take());
        for wire in candidate.content.parts {
            if let Some(part) = part(wire) {
                self.add(part, deltas);
            }
        }
        Ok(())
    }

    /// The stream has ended: the whole answer.
    ///
    /// # Errors
    /// It ended too soon, or by a block.
    pub fn end(self) -> Result<Reply, ModelFailure> {
        let usage = self.usage;
        let Some(reason) = &self.reason else { return Err(self.broken("it stopped before its end")) };
        let finish = finish(reason, self.assembly.has_calls()).map_err(|kind| {
            ModelFailure::new(kind, format!("the answer ended by {reason}")).charged(usage)
        })?;
        let Self { assembly, tier, served_by, id, .. } = self;
        let parts = assembly.finish(usage)?;
        Ok(Reply { parts, finish, usage, served_by, id, tier })
    }

    fn broken(&self, why: &str) -> ModelFailure {
        ModelFailure::new(FailureKind::Unavailable, format!("the stream broke: {why}")).charged(self.usage)
    }

    /// Google sends a call's arguments at once.
    fn add(&mut self, part: Part, deltas: &mut Vec<Delta>) {
        match part {
            Part::Text(text) => self.assembly.text(&text, deltas),
            Part::Thought { text, signature } => self.assembly.thought(&text, signature, deltas),
            Part::ToolCall { id, name, arguments, signature } => {
                let call = self.assembly.call(Some(id), name, signature, deltas);
                self.assembly.arguments(call, &arguments.to_string(), deltas);
            }
            Part::ToolResult { .. } => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use agents::dispatch::Finish;
    use serde_json::json;

    fn run(events: &[Value]) -> (Vec<Delta>, Result<Reply, ModelFailure>) {
        let (mut stream, mut deltas) = (GoogleStream::default(), Vec::new());
        for event in events {
            if let Err(failure) = stream.take(&event.to_string(), &mut deltas) {
                return (deltas, Err(failure));
            }
        }
        (deltas, stream.end())
    }

    fn piece(parts: Value) -> Value {
        json!({"candidates": [{"content": {"role": "model", "parts": parts}}], "modelVersion": "m", "responseId": "r"})
    }

    fn last(reason: &str) -> Value {
        json!({"candidates": [{"finishReason": reason}],
            "usageMetadata": {"promptTokenCount": 10, "candidatesTokenCount": 4, "trafficType": "ON_DEMAND_FLEX"}})
    }

    #[test]
    fn pieces_become_the_same_answer_as_a_whole_one() {
        let thought = json!({"text": "Hm.", "thought": true, "thoughtSignature": "s"});
        let call = json!({"functionCall": {"name": "look", "args": {"at": 1}}, "thoughtSignature": "c"});
        let (deltas, reply) = run(&[
            piece(json!([thought, {"text": "Hel"}])),
            piece(json!([{"text": "lo"}, call])),
            last("STOP"),
        ]);
        let usage = Usage { fresh: 10, output: 4, ..Usage::NONE };
        let begun = Delta::ToolCall { index: 0, id: "call_0".to_owned(), name: "look".to_owned() };
        let arguments = Delta::Arguments { index: 0, json: "{\"at\":1}".to_owned() };
        let text = |text: &str| Delta::Text(text.to_owned());
        let thought = Delta::Thought("Hm.".to_owned());
        assert_eq!(deltas, [thought, text("Hel"), text("lo"), begun, arguments, Delta::Usage(usage)]);
        let reply = reply.unwrap();
        assert_eq!((reply.text().as_str(), reply.finish), ("Hello", Finish::ToolCalls));
        assert_eq!((reply.usage, reply.tier, reply.parts.len()), (Some(usage), ServiceTier::Flex, 3));
        assert_eq!((reply.served_by.as_deref(), reply.id.as_deref()), (Some("m"), Some("r")));
    }

    #[test]
    fn how_a_piece_was_sent_is_not_what_it_took() {
        let mut first = piece(json!([{"text": "Hel"}]));
        first["usageMetadata"] = json!({"trafficType": "ON_DEMAND_FLEX"});
        let (deltas, failed) = run(&[first]);
        assert_eq!((deltas, failed.unwrap_err().usage), (vec![Delta::Text("Hel".to_owned())], None));
    }

    #[test]
    fn an_error_a_block_and_a_cut_end_a_stream() {
        let error = json!({"error": {"code": 503, "message": "busy", "status": "UNAVAILABLE"}});
        let (deltas, failed) = run(&[piece(json!([{"text": "Hel"}])), error]);
        assert_eq!((deltas.len(), failed.unwrap_err().kind), (1, FailureKind::Unavailable));
        let blocked =
            json!({"promptFeedback": {"blockReason": "SAFETY"}, "usageMetadata": {"promptTokenCount": 9}});
        let failed = run(&[blocked]).1.unwrap_err();
        assert_eq!((failed.kind, failed.usage.map(|usage| usage.fresh)), (FailureKind::Blocked, Some(9)));
        assert_eq!(run(&[last("SAFETY")]).1.unwrap_err().kind, FailureKind::Blocked);
        assert_eq!(run(&[piece(json!([{"text": "Hel"}]))]).1.unwrap_err().kind, FailureKind::Unavailable);
        let mut stream = GoogleStream::default();
        assert_eq!(stream.take("{\"candi", &mut Vec::new()).unwrap_err().kind, FailureKind::Unavailable);
        assert!(stream.take("[DONE]", &mut Vec::new()).is_ok(), "others end so");
    }
}
