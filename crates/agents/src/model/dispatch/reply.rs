use super::{Part, ServiceTier, Usage};
use serde::{Deserialize, Serialize};

/// Why a reply ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Finish {
    /// It is whole.
    Stop,
    /// It is as long as it may be.
    Length,
    /// It wants tools called.
    ToolCalls,
}

impl Finish {
    /// The end of a stored name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Stop, Self::Length, Self::ToolCalls].into_iter().find(|finish| finish.name() == name)
    }

    /// The stable name, as stored and on the wire.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Stop => "stop",
            Self::Length => "length",
            Self::ToolCalls => "tool_calls",
        }
    }
}

/// What a model answered. A blocked answer is none but a [`ModelFailure`](super::ModelFailure).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Reply {
    /// Text, calls of tools, and what must go back with them unchanged.
    pub parts: Vec<Part>,
    /// Why it ends.
    pub finish: Finish,
    /// What it took; `None` when the provider did not say.
    pub usage: Option<Usage>,
    /// The exact model that answered, as the provider names it.
    pub served_by: Option<String>,
    /// The provider's own id of the answer.
    pub id: Option<String>,
    /// How urgently it was served.
    #[serde(skip)]
    pub tier: ServiceTier,
}

impl Reply {
    /// Its text, without thoughts and calls.
    #[must_use]
    pub fn text(&self) -> String {
        let text = |part: &Part| match part {
            Part::Text(text) => Some(text.clone()),
            Part::Thought { .. } | Part::ToolCall { .. } | Part::ToolResult { .. } => None,
        };
        self.parts.iter().filter_map(text).collect()
    }

    /// Whether the same request may be answered with it again: nothing is missing, and nothing was to be done.
    #[must_use]
    pub fn is_cacheable(&self) -> bool {
        self.finish == Finish::Stop && !self.parts.iter().any(|part| matches!(part, Part::ToolCall { .. }))
    }
}

/// A piece of an answer that comes bit by bit.
#[derive(Debug, Clone, PartialEq)]
pub enum Delta {
    /// More text.
    Text(String),
    /// More thinking, as far as the provider shows it.
    Thought(String),
    /// A call of a tool begins: its place among the calls, its id and the tool's name. All but the arguments stand.
    ToolCall {
        /// Which call, counted from 0.
        index: usize,
        /// The provider's id of it, or one of ours.
        id: String,
        /// Which tool.
        name: String,
    },
    /// More of a call's arguments, as text of JSON.
    Arguments {
        /// Of which call.
        index: usize,
        /// The text.
        json: String,
    },
    /// What was taken until now: a snapshot, which takes the place of an earlier one.
    Usage(Usage),
    /// The end: the whole answer, as one that was not asked for bit by bit.
    End(Box<Reply>),
}

/// Vectors of texts, in their order.
#[derive(Debug, Clone, PartialEq)]
pub struct Embeddings {
    /// One for each text.
    pub vectors: Vec<Vec<f32>>,
    /// What they took; `None` when the provider did not say.
    pub usage: Option<Usage>,
}
