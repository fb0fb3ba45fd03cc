use agents::dispatch::{Delta, FailureKind, ModelFailure, Part, Usage};
use serde_json::{Map, Value};

/// The parts of an answer, put together from pieces as they come.
#[derive(Debug, Default)]
pub(crate) struct Assembly {
    pieces: Vec<Piece>,
    /// Where each call of a tool is.
    calls: Vec<usize>,
}

#[derive(Debug)]
enum Piece {
    Text(String),
    Thought { text: String, signature: Option<String> },
    Call { id: String, name: String, json: String, signature: Option<String> },
}

impl Assembly {
    /// More text.
    pub(crate) fn text(&mut self, more: &str, deltas: &mut Vec<Delta>) {
        if more.is_empty() {
            return;
        }
        deltas.push(Delta::Text(more.to_owned()));
        match self.pieces.last_mut() {
            Some(Piece::Text(before)) => before.push_str(more),
            _ => self.pieces.push(Piece::Text(more.to_owned())),
        }
    }

    /// More thinking, or its seal.
    pub(crate) fn thought(&mut self, more: &str, seal: Option<String>, deltas: &mut Vec<Delta>) {
        if !more.is_empty() {
            deltas.push(Delta::Thought(more.to_owned()));
        }
        match self.pieces.last_mut() {
            Some(Piece::Thought { text, signature }) => {
                text.push_str(more);
                *signature = seal.or(signature.take());
            }
            _ => self.pieces.push(Piece::Thought { text: more.to_owned(), signature: seal }),
        }
    }

    /// A call of a tool begins; answers which one it is. One without an id gets one of ours.
    pub(crate) fn call(
        &mut self,
        id: Option<String>,
        name: String,
        signature: Option<String>,
        deltas: &mut Vec<Delta>,
    ) -> usize {
        let index = self.calls.len();
        let id = id.filter(|id| !id.is_empty()).unwrap_or_else(|| format!("call_{index}"));
        deltas.push(Delta::ToolCall { index, id: id.clone(), name: name.clone() });
        self.calls.push(self.pieces.len());
        self.pieces.push(Piece::Call { id, name, json: String::new(), signature });
        index
    }

    /// More of a call's arguments. Those of a call that has not begun are nobody's.
    pub(crate) fn arguments(&mut self, index: usize, more: &str, deltas: &mut Vec<Delta>) {
        let place = self.calls.get(index).and_then(|place| self.pieces.get_mut(*place));
        if let (Some(Piece::Call { json, .. }), false) = (place, more.is_empty()) {
            json.push_str(more);
            deltas.push(Delta::Arguments { index, json: more.to_owned() });
        }
    }

    /// Whether a tool is to be called.
    pub(crate) fn has_calls(&self) -> bool {
        !self.calls.is_empty()
    }

    /// The whole parts of an answer that took so much.
    ///
    /// # Errors
    /// A call's arguments are no JSON.
    pub(crate) fn finish(self, usage: Option<Usage>) -> Result<Vec<Part>, ModelFailure> {
        let whole = |piece| match piece {
            Piece::Text(text) => Ok(Part::Text(text)),
            Piece::Thought { text, signature } => Ok(Part::Thought { text, signature }),
            Piece::Call { id, name, json, signature } => {
                let arguments = arguments(&json)?;
                Ok(Part::ToolCall { id, name, arguments, signature })
            }
        };
        let parts: Result<_, serde_json::Error> = self.pieces.into_iter().map(whole).collect();
        parts.map_err(|e| {
            let broken = format!("a call's arguments are no JSON: {e}");
            ModelFailure::new(FailureKind::Unavailable, broken).charged(usage)
        })
    }
}

/// A call's arguments; none are an empty object.
fn arguments(json: &str) -> Result<Value, serde_json::Error> {
    if json.trim().is_empty() { Ok(Value::Object(Map::new())) } else { serde_json::from_str(json) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn pieces_of_one_kind_are_one_part_and_calls_keep_apart() {
        let (mut assembly, mut deltas) = (Assembly::default(), Vec::new());
        assembly.thought("H", None, &mut deltas);
        assembly.thought("m", Some("seal".to_owned()), &mut deltas);
        assembly.text("a", &mut deltas);
        assembly.text("", &mut deltas);
        assembly.text("b", &mut deltas);
        let one = assembly.call(Some("x".to_owned()), "look".to_owned(), None, &mut deltas);
        let two = assembly.call(None, "stop".to_owned(), None, &mut deltas);
        for (index, json) in [(one, "{\"at\""), (two, ""), (one, ":1}"), (9, "lost")] {
            assembly.arguments(index, json, &mut deltas);
        }
        assert!(assembly.has_calls());
        assert_eq!(deltas.len(), 8, "{deltas:?}");
        let call = |id: &str, name: &str, arguments| Part::ToolCall {
            id: id.to_owned(),
            name: name.to_owned(),
            arguments,
            signature: None,
        };
        let thought = Part::Thought { text: "Hm".to_owned(), signature: Some("seal".to_owned()) };
        let parts = [
            thought,
            Part::Text("ab".to_owned()),
            call("x", "look", json!({"at": 1})),
            call("call_1", "stop", json!({})),
        ];
        assert_eq!(assembly.finish(None).unwrap(), parts);
    }

    #[test]
    fn arguments_that_are_no_json_are_an_error() {
        let mut assembly = Assembly::default();
        assembly.call(None, "look".to_owned(), None, &mut Vec::new());
        assembly.arguments(0, "{\"at\":", &mut Vec::new());
        let failed = assembly.finish(Some(Usage::NONE)).unwrap_err();
        assert_eq!((failed.kind, failed.usage), (FailureKind::Unavailable, Some(Usage::NONE)));
    }
}
