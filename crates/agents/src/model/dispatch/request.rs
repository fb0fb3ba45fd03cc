use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Who says something.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Speaker {
    /// Whoever asks.
    User,
    /// The model.
    Assistant,
}

/// A part of what is said.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Part {
    /// Text.
    Text(String),
    /// A model's thinking. It goes back to the model that thought it, within the same turn, and to no other.
    Thought {
        /// As far as it was shown.
        text: String,
        /// The provider's seal, without which it takes nothing back.
        signature: Option<String>,
    },
    /// A tool is to be called.
    ToolCall {
        /// Of this call.
        id: String,
        /// Which tool.
        name: String,
        /// With what.
        arguments: Value,
        /// The provider's seal, which goes back unchanged.
        signature: Option<String>,
    },
    /// What came of it.
    ToolResult {
        /// Of which call.
        id: String,
        /// Which tool.
        name: String,
        /// What it answered.
        content: Value,
    },
}

/// One turn of a conversation.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Message {
    /// Who speaks.
    pub speaker: Speaker,
    /// What is said.
    pub parts: Vec<Part>,
}

impl Message {
    /// Plain text of a user.
    pub fn user(text: impl Into<String>) -> Self {
        Self { speaker: Speaker::User, parts: vec![Part::Text(text.into())] }
    }
}

/// A tool that the model may call.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Tool {
    /// Its name.
    pub name: String,
    /// What it is for.
    pub description: String,
    /// What it takes: a JSON schema of an object.
    pub parameters: Value,
}

/// Whether tools are called.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ToolChoice {
    /// As the model likes.
    #[default]
    Auto,
    /// None.
    Never,
    /// One at least.
    Some,
    /// This one.
    This(String),
}

/// What a model is asked, whoever serves it.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct ModelRequest {
    /// The standing orders.
    pub system: Option<String>,
    /// The conversation, the oldest turn first.
    pub messages: Vec<Message>,
    /// The tools that it may call.
    pub tools: Vec<Tool>,
    /// Whether it calls them.
    pub tool_choice: ToolChoice,
    /// The JSON schema that the answer must have; free text without one.
    pub schema: Option<Value>,
    /// The longest answer, in tokens; the model's usual length without one.
    pub max_output_tokens: Option<u32>,
    /// How freely it speaks, from 0 on.
    pub temperature: Option<f64>,
    /// From which share of the likely words it chooses, from 0 to 1.
    pub top_p: Option<f64>,
    /// Words at which it stops.
    pub stop: Vec<String>,
    /// Makes it say the same again, as far as the provider can.
    pub seed: Option<i64>,
    /// How many tokens it may think before it speaks.
    pub thinking_tokens: Option<u32>,
}
