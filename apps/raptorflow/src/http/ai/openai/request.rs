use super::{
    conversation::Conversation,
    tools::{ChoiceBody, ToolBody},
    turn::Turn,
};
use crate::http::problem::{Problem, one_field};
use agents::dispatch::{Ask, ModelRequest, Tool, ToolChoice, Wanted};
use kernel::code;
use serde::Deserialize;
use serde_json::{Value, json};
use utoipa::ToSchema;

/// A chat completion, as `OpenAI`'s clients ask for one. What is said to be left aside changes nothing.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ChatCompletionRequest)]
#[expect(dead_code, reason = "what only tunes is taken and left aside")]
pub(super) struct ChatRequest {
    /// `fast`, `standard`, `heavy`, or the id of a model.
    #[schema(min_length = 1, max_length = 120, example = "fast")]
    model: String,
    /// The conversation, the oldest message first.
    #[schema(min_items = 1, max_items = 1000)]
    messages: Vec<Turn>,
    /// The longest answer, in tokens.
    #[schema(minimum = 1)]
    max_completion_tokens: Option<u32>,
    /// The older name of `max_completion_tokens`.
    #[schema(minimum = 1)]
    max_tokens: Option<u32>,
    /// How freely it speaks. What a model does not take is left out.
    #[schema(minimum = 0, maximum = 2)]
    temperature: Option<f64>,
    #[schema(minimum = 0, maximum = 1)]
    top_p: Option<f64>,
    /// A word at which it stops, or up to four.
    stop: Option<Stop>,
    seed: Option<i64>,
    #[schema(max_items = 128)]
    tools: Option<Vec<ToolBody>>,
    tool_choice: Option<ChoiceBody>,
    response_format: Option<Format>,
    /// As server-sent events, as the model speaks.
    stream: Option<bool>,
    stream_options: Option<StreamOptions>,
    /// Not `OpenAI`'s: whether an answer that was given to the same question before will do; no, unless said. It costs nothing.
    cache: Option<bool>,
    /// One answer a call.
    #[schema(minimum = 1, maximum = 1)]
    n: Option<u32>,
    /// Words come without their likelihood: `true` is refused.
    logprobs: Option<bool>,
    /// As `logprobs`.
    #[schema(minimum = 0, maximum = 0)]
    top_logprobs: Option<u32>,
    /// Left aside.
    parallel_tool_calls: Option<bool>,
    /// Left aside.
    presence_penalty: Option<f64>,
    /// Left aside.
    frequency_penalty: Option<f64>,
    /// Left aside.
    #[schema(value_type = Option<Object>)]
    logit_bias: Option<Value>,
    /// How much it thinks before it speaks. Models that can't be told think as they do.
    reasoning_effort: Option<Effort>,
    /// Left aside.
    verbosity: Option<String>,
    /// Left aside.
    service_tier: Option<String>,
    /// Left aside: the ledger knows who asked.
    user: Option<String>,
    /// Left aside.
    safety_identifier: Option<String>,
    /// Left aside.
    prompt_cache_key: Option<String>,
    /// Left aside: what is said is kept nowhere but in the cache.
    store: Option<bool>,
    /// Left aside.
    #[schema(value_type = Option<Object>)]
    metadata: Option<Value>,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(untagged)]
#[schema(as = ChatStop)]
enum Stop {
    One(String),
    Some(Vec<String>),
}

/// How much a model thinks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = ChatReasoningEffort)]
enum Effort {
    None,
    Minimal,
    Low,
    Medium,
    High,
    Xhigh,
}

impl Effort {
    /// As Google's endpoint for `OpenAI`'s clients takes it (ai.google.dev/gemini-api/docs/openai, "Thinking"), but that none
    /// thinks a little, as not every model can be kept from it.
    const fn tokens(self) -> u32 {
        match self {
            Self::None | Self::Minimal | Self::Low => 1_024,
            Self::Medium => 8_192,
            Self::High | Self::Xhigh => 24_576,
        }
    }
}

/// The form of the answer.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ChatResponseFormat)]
struct Format {
    #[serde(rename = "type")]
    kind: FormatKind,
    /// With `json_schema`.
    json_schema: Option<FormatSchema>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = ChatFormatKind)]
enum FormatKind {
    Text,
    JsonObject,
    JsonSchema,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ChatFormatSchema)]
#[expect(dead_code, reason = "the schema says it all")]
struct FormatSchema {
    name: Option<String>,
    description: Option<String>,
    /// Answers are held to it, strict or not.
    strict: Option<bool>,
    #[schema(value_type = Object)]
    schema: Value,
}

#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ChatStreamOptions)]
struct StreamOptions {
    /// Tells usage in a chunk before the last one.
    include_usage: Option<bool>,
    /// Left aside.
    #[expect(dead_code, reason = "no piece is padded")]
    include_obfuscation: Option<bool>,
}

/// Where a client wrote what the dispatcher has its own word for.
#[derive(Debug, Clone, Copy)]
pub(super) struct Written {
    length: &'static str,
}

impl Written {
    /// The problem, in the client's words.
    pub(super) fn of(self, problem: Problem) -> Problem {
        problem.pointing(|pointer| match pointer {
            "/max_output_tokens" => self.length.to_owned(),
            "/schema" => "/response_format/json_schema/schema".to_owned(),
            other => match other.strip_suffix("/parameters") {
                Some(tool) => format!("{tool}/function/parameters"),
                None => other.to_owned(),
            },
        })
    }
}

impl ChatRequest {
    /// Whether the answer is to come bit by bit, and how.
    pub(super) fn streams(&self) -> Option<bool> {
        let with_usage = self.stream_options.as_ref().and_then(|options| options.include_usage);
        self.stream.unwrap_or(false).then_some(with_usage.unwrap_or(false))
    }

    pub(super) const fn written(&self) -> Written {
        let is_old = self.max_completion_tokens.is_none() && self.max_tokens.is_some();
        Written { length: if is_old { "/max_tokens" } else { "/max_completion_tokens" } }
    }

    /// The question in the council's words.
    pub(super) fn ask(self) -> Result<Ask, Problem> {
        let refused =
            |pointer, why: &str| Problem::fields(&code::INVALID, one_field(pointer, "unsupported", why));
        if self.logprobs == Some(true) {
            return Err(refused("/logprobs", "can't be told: words come without their likelihood"));
        }
        if self.stream_options.is_some() && !self.stream.unwrap_or(false) {
            return Err(refused("/stream_options", "needs `stream`"));
        }
        let schema = self.response_format.map(Format::schema).transpose()?.flatten();
        let conversation = Conversation::of(self.messages)
            .map_err(|errors| Problem::fields(&code::INVALID, errors.as_slice().to_vec()))?;
        Ok(Ask {
            wanted: Wanted::of(&self.model),
            request: ModelRequest {
                system: conversation.system,
                messages: conversation.messages,
                tools: self.tools.unwrap_or_default().into_iter().map(Tool::from).collect(),
                tool_choice: self.tool_choice.map(ToolChoice::from).unwrap_or_default(),
                schema,
                max_output_tokens: self.max_completion_tokens.or(self.max_tokens),
                temperature: self.temperature,
                top_p: self.top_p,
                stop: match self.stop {
                    Some(Stop::One(word)) => vec![word],
                    Some(Stop::Some(words)) => words,
                    None => Vec::new(),
                },
                seed: self.seed,
                thinking_tokens: self.reasoning_effort.map(Effort::tokens),
            },
            run: None,
            prompt_version: None,
            may_be_cached: self.cache.unwrap_or(false),
        })
    }
}

impl Format {
    fn schema(self) -> Result<Option<Value>, Problem> {
        match (self.kind, self.json_schema) {
            (FormatKind::Text, _) => Ok(None),
            (FormatKind::JsonObject, _) => Ok(Some(json!({"type": "object"}))),
            (FormatKind::JsonSchema, Some(format)) => Ok(Some(format.schema)),
            (FormatKind::JsonSchema, None) => {
                let missing = one_field("/response_format/json_schema", "required", "is missing");
                Err(Problem::fields(&code::INVALID, missing))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn efforts_are_told_as_tokens_and_without_one_the_model_thinks_as_it_does() {
        let tokens = |effort: Value| {
            let body = json!({"model": "fast", "messages": [{"role": "user", "content": "Why?"}],
                "reasoning_effort": effort});
            let request: ChatRequest = serde_json::from_value(body).unwrap();
            request.ask().unwrap().request.thinking_tokens
        };
        for (effort, expected) in [("none", 1_024), ("low", 1_024), ("medium", 8_192), ("xhigh", 24_576)] {
            assert_eq!(tokens(json!(effort)), Some(expected), "{effort}");
        }
        assert_eq!(tokens(Value::Null), None);
    }
}
