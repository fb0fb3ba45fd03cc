use super::tools::CallBody;
use serde::Deserialize;
use serde_json::Value;
use utoipa::ToSchema;

/// One message of a conversation.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ChatMessage)]
#[expect(dead_code, reason = "clients send back what they were told; not all of it says something")]
pub(super) struct Turn {
    pub(super) role: Role,
    /// A text, or parts of one; an assistant that calls tools may say nothing.
    pub(super) content: Option<Content>,
    /// What an assistant wanted called.
    #[schema(max_items = 200)]
    pub(super) tool_calls: Option<Vec<CallBody>>,
    /// Which of those a tool's message answers.
    pub(super) tool_call_id: Option<String>,
    name: Option<String>,
    refusal: Option<String>,
    #[schema(value_type = Option<Object>)]
    audio: Option<Value>,
    #[schema(value_type = Option<Object>)]
    function_call: Option<Value>,
    #[schema(value_type = Option<Vec<Object>>)]
    annotations: Option<Vec<Value>>,
    /// What a client's helper has read out of the content.
    #[schema(value_type = Option<Object>)]
    parsed: Option<Value>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = ChatRole)]
pub(super) enum Role {
    System,
    Developer,
    User,
    Assistant,
    Tool,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(untagged)]
#[schema(as = ChatContent)]
pub(super) enum Content {
    Text(String),
    Parts(Vec<TextPart>),
}

/// A part of a message. Models are told text only.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ChatTextPart)]
pub(super) struct TextPart {
    #[expect(dead_code, reason = "there is one kind, which the schema holds")]
    #[serde(rename = "type")]
    kind: TextKind,
    text: String,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = ChatTextKind)]
enum TextKind {
    Text,
}

impl Content {
    pub(super) fn into_text(self) -> String {
        match self {
            Self::Text(text) => text,
            Self::Parts(parts) => parts.into_iter().map(|part| part.text).collect(),
        }
    }
}
