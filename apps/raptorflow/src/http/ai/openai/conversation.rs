use super::{
    tools::CallBody,
    turn::{Role, Turn},
};
use agents::dispatch::{Message, Part, Speaker};
use kernel::{FieldErrors, field::Checker};
use serde_json::Value;
use std::collections::HashMap;

/// A conversation as models are told it: the standing orders stand alone, results of tools are what the user says, and who
/// speaks twice says it in one turn.
#[derive(Debug, Default)]
pub(super) struct Conversation {
    pub(super) system: Option<String>,
    pub(super) messages: Vec<Message>,
    /// The tool of each call.
    called: HashMap<String, String>,
}

impl Conversation {
    /// The conversation of these messages.
    ///
    /// # Errors
    /// Each message that says nothing, or does not fit to the ones before.
    pub(super) fn of(turns: Vec<Turn>) -> Result<Self, FieldErrors> {
        let mut check = Checker::default();
        let mut conversation = Self::default();
        for (place, turn) in turns.into_iter().enumerate() {
            conversation.add(&mut check, &format!("/messages/{place}"), turn);
        }
        let someone_speaks = !conversation.messages.is_empty() || !conversation.called.is_empty();
        check.rule("/messages", someone_speaks, "required", "must have a message of a user");
        check.finish().map(|()| conversation)
    }

    fn add(&mut self, check: &mut Checker, pointer: &str, turn: Turn) {
        let text = turn.content.map(super::turn::Content::into_text).unwrap_or_default();
        let calls = turn.tool_calls.unwrap_or_default();
        let is_said = !text.is_empty() || (turn.role == Role::Assistant && !calls.is_empty());
        let may_be_empty = turn.role == Role::Tool;
        let content = format!("{pointer}/content");
        check.rule(&content, is_said || may_be_empty, "required", "must not be empty");
        match turn.role {
            Role::System | Role::Developer => match &mut self.system {
                Some(system) => *system = format!("{system}\n\n{text}"),
                None => self.system = Some(text),
            },
            Role::User => self.say(Speaker::User, vec![Part::Text(text)]),
            Role::Assistant => {
                let said = (!text.is_empty()).then_some(Part::Text(text));
                let calls = self.calls(check, pointer, calls);
                self.say(Speaker::Assistant, said.into_iter().chain(calls).collect());
            }
            Role::Tool => {
                let result = self.result(check, pointer, turn.tool_call_id.unwrap_or_default(), text);
                self.say(Speaker::User, result.into_iter().collect());
            }
        }
    }

    fn calls(&mut self, check: &mut Checker, pointer: &str, calls: Vec<CallBody>) -> Vec<Part> {
        let mut parts = Vec::with_capacity(calls.len());
        for (place, call) in calls.into_iter().enumerate() {
            self.called.insert(call.id.clone(), call.function.name.clone());
            let part = call.into_part();
            let arguments = format!("{pointer}/tool_calls/{place}/function/arguments");
            check.rule(&arguments, part.is_some(), "invalid_format", "must be the JSON of an object");
            parts.extend(part);
        }
        parts
    }

    fn result(&self, check: &mut Checker, pointer: &str, id: String, text: String) -> Option<Part> {
        let name = self.called.get(&id).cloned();
        let pointer = format!("{pointer}/tool_call_id");
        check.rule(&pointer, name.is_some(), "unknown_tool_call", "must be the id of a call before it");
        // Some models are told data as such.
        let content = match serde_json::from_str(&text) {
            Ok(data @ Value::Object(_)) => data,
            _ => Value::String(text),
        };
        Some(Part::ToolResult { id, name: name?, content })
    }

    fn say(&mut self, speaker: Speaker, parts: Vec<Part>) {
        match self.messages.last_mut() {
            Some(last) if last.speaker == speaker => last.parts.extend(parts),
            _ => self.messages.push(Message { speaker, parts }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn of(turns: Value) -> Result<Conversation, Vec<String>> {
        let pointers = |errors: FieldErrors| errors.as_slice().iter().map(|e| e.pointer.clone()).collect();
        Conversation::of(serde_json::from_value(turns).unwrap()).map_err(pointers)
    }

    #[test]
    fn orders_are_gathered_and_results_are_said_by_the_user_in_one_turn() {
        let call = |id: &str| {
            json!({"id": id, "type": "function", "function": {"name": "look", "arguments": "{\"at\":1}"},
            "extra_content": {"google": {"thought_signature": "seal"}}})
        };
        let said = of(json!([
            {"role": "system", "content": "Be brief."},
            {"role": "developer", "content": [{"type": "text", "text": "Be kind."}]},
            {"role": "user", "content": "Look."},
            {"role": "assistant", "content": null, "tool_calls": [call("a"), call("b")]},
            {"role": "tool", "tool_call_id": "a", "content": "{\"sun\": true}"},
            {"role": "tool", "tool_call_id": "b", "content": "rain"},
            {"role": "user", "content": "And?"},
        ]))
        .unwrap();
        assert_eq!(said.system.as_deref(), Some("Be brief.\n\nBe kind."));
        let speakers: Vec<_> = said.messages.iter().map(|message| message.speaker).collect();
        assert_eq!(speakers, [Speaker::User, Speaker::Assistant, Speaker::User]);
        let result =
            |id: &str, content| Part::ToolResult { id: id.to_owned(), name: "look".to_owned(), content };
        let back =
            [result("a", json!({"sun": true})), result("b", json!("rain")), Part::Text("And?".to_owned())];
        assert_eq!(said.messages[2].parts, back);
        let sealed =
            |part: &Part| matches!(part, Part::ToolCall { signature: Some(seal), .. } if seal == "seal");
        assert!(said.messages[1].parts.iter().all(sealed));
    }

    #[test]
    fn every_message_that_does_not_fit_is_named() {
        let call = json!({"id": "a", "type": "function", "function": {"name": "look", "arguments": "[1]"}});
        let wrong = of(json!([
            {"role": "user", "content": ""},
            {"role": "assistant"},
            {"role": "assistant", "tool_calls": [call]},
            {"role": "tool", "tool_call_id": "z", "content": "rain"},
        ]));
        let named = [
            "/messages/0/content",
            "/messages/1/content",
            "/messages/2/tool_calls/0/function/arguments",
            "/messages/3/tool_call_id",
        ];
        assert_eq!(wrong.unwrap_err(), named);
        assert_eq!(of(json!([{"role": "system", "content": "Be brief."}])).unwrap_err(), ["/messages"]);
    }
}
