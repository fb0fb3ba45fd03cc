//! Tools as `OpenAI`'s clients declare, call and answer them.

use agents::dispatch::{Part, Tool, ToolChoice};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::ToSchema;

/// Functions are the only tools that a program of ours could call.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = ChatToolKind)]
pub(super) enum ToolKind {
    Function,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ChatTool)]
pub(super) struct ToolBody {
    #[expect(dead_code, reason = "there is one kind, which the schema holds")]
    #[serde(rename = "type")]
    kind: ToolKind,
    function: FunctionBody,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ChatFunction)]
struct FunctionBody {
    #[schema(min_length = 1, max_length = 64)]
    name: String,
    description: Option<String>,
    /// A JSON schema of an object; without one it takes nothing.
    #[schema(value_type = Option<Object>)]
    parameters: Option<Value>,
    #[expect(dead_code, reason = "each provider follows the schema as it does")]
    strict: Option<bool>,
}

impl From<ToolBody> for Tool {
    fn from(ToolBody { function, .. }: ToolBody) -> Self {
        Self {
            name: function.name,
            description: function.description.unwrap_or_default(),
            parameters: function.parameters.unwrap_or_else(|| json!({"type": "object", "properties": {}})),
        }
    }
}

/// Whether tools are called: a word, or the one that is.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(untagged)]
#[schema(as = ChatToolChoice)]
pub(super) enum ChoiceBody {
    Word(ChoiceWord),
    This(ThisTool),
}

#[derive(Debug, Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = ChatToolChoiceWord)]
pub(super) enum ChoiceWord {
    Auto,
    None,
    Required,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ChatThisTool)]
pub(super) struct ThisTool {
    #[expect(dead_code, reason = "there is one kind, which the schema holds")]
    #[serde(rename = "type")]
    kind: ToolKind,
    function: FunctionName,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ChatFunctionName)]
struct FunctionName {
    name: String,
}

impl From<ChoiceBody> for ToolChoice {
    fn from(choice: ChoiceBody) -> Self {
        match choice {
            ChoiceBody::Word(ChoiceWord::Auto) => Self::Auto,
            ChoiceBody::Word(ChoiceWord::None) => Self::Never,
            ChoiceBody::Word(ChoiceWord::Required) => Self::Some,
            ChoiceBody::This(this) => Self::This(this.function.name),
        }
    }
}

/// A tool that is to be called.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ChatToolCall)]
pub(super) struct CallBody {
    pub(super) id: String,
    #[serde(rename = "type")]
    kind: ToolKind,
    pub(super) function: CalledBody,
    /// What Google's models want back with the call, unchanged; as in their own API for these clients.
    #[serde(skip_serializing_if = "Option::is_none")]
    extra_content: Option<ExtraBody>,
    /// Where it stood in a stream: a client's helper may send it back.
    #[serde(skip_serializing_if = "Option::is_none")]
    index: Option<u32>,
}

#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ChatCalledFunction)]
pub(super) struct CalledBody {
    pub(super) name: String,
    /// JSON, as a text.
    pub(super) arguments: String,
    /// What a client's helper has read out of them; it may send it back.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    parsed_arguments: Option<Value>,
}

#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ChatExtraContent)]
pub(super) struct ExtraBody {
    google: SealBody,
}

#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ChatThoughtSignature)]
struct SealBody {
    thought_signature: String,
}

impl ExtraBody {
    pub(super) const fn of(thought_signature: String) -> Self {
        Self { google: SealBody { thought_signature } }
    }
}

impl CallBody {
    /// A part of an answer, when it is a call.
    pub(super) fn of(part: &Part) -> Option<Self> {
        let Part::ToolCall { id, name, arguments, signature } = part else { return None };
        Some(Self {
            id: id.clone(),
            kind: ToolKind::Function,
            function: CalledBody {
                name: name.clone(),
                arguments: arguments.to_string(),
                parsed_arguments: None,
            },
            extra_content: signature.clone().map(ExtraBody::of),
            index: None,
        })
    }

    /// The call, sent back; `None` when its arguments are no JSON of an object.
    pub(super) fn into_part(self) -> Option<Part> {
        let arguments: Value = match self.function.arguments.trim() {
            "" => json!({}),
            text => serde_json::from_str(text).ok()?,
        };
        arguments.is_object().then_some(Part::ToolCall {
            id: self.id,
            name: self.function.name,
            arguments,
            signature: self.extra_content.map(|extra| extra.google.thought_signature),
        })
    }
}
