use crate::http::problem::{Problem, one_field};
use crate::http::schema::names;
use agents::dispatch::{Ask, Message, ModelRequest, Part, Speaker, Wanted};
use kernel::code;
use serde::Deserialize;
use serde_json::Value;
use utoipa::ToSchema;
use utoipa::openapi::schema::Object;

/// What a model is asked: a prompt or a conversation.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Question {
    /// `fast`, `standard`, `heavy`, or the id of a model.
    #[schema(min_length = 1, max_length = 120, example = "fast")]
    model: String,
    /// A single turn of the user; or else `messages`.
    #[schema(min_length = 1)]
    prompt: Option<String>,
    /// The conversation, the oldest turn first.
    #[schema(min_items = 1, max_items = 1000)]
    messages: Option<Vec<Turn>>,
    /// The standing orders.
    #[schema(min_length = 1)]
    system: Option<String>,
    /// The longest answer, in tokens.
    #[schema(minimum = 1)]
    max_output_tokens: Option<u32>,
    /// How freely it speaks. What a model does not take is left out.
    #[schema(minimum = 0, maximum = 2)]
    temperature: Option<f64>,
    /// From which share of the likely words it chooses.
    #[schema(minimum = 0, maximum = 1)]
    top_p: Option<f64>,
    /// Words at which it stops.
    #[serde(default)]
    #[schema(max_items = 4, required = false)]
    stop: Vec<String>,
    /// Makes it say the same again, as far as the provider can.
    seed: Option<i64>,
    /// The JSON schema that the answer must have; `data` is the answer then.
    #[schema(value_type = Option<Object>)]
    schema: Option<Value>,
    /// Whether an answer that was given to the same question before will do; yes, unless said.
    cache: Option<bool>,
    /// As server-sent events, as the model speaks: `POST /api/v1/ai/generate` can, the others answer whole.
    stream: Option<bool>,
}

/// A turn of a conversation.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Turn {
    #[schema(schema_with = roles)]
    role: Speaker,
    #[schema(min_length = 1)]
    content: String,
}

fn roles() -> Object {
    names(["user", "assistant"])
}

impl Question {
    /// Whether the answer is to come bit by bit.
    pub(super) fn streams(&self) -> bool {
        self.stream.unwrap_or(false)
    }

    /// The question, where the answer comes whole.
    pub(super) fn ask_whole(self) -> Result<Ask, Problem> {
        if self.streams() {
            let errors =
                one_field("/stream", "unsupported", "this route answers whole; ask /api/v1/ai/generate");
            return Err(Problem::fields(&code::INVALID, errors));
        }
        self.ask()
    }

    /// The question in the council's words.
    pub(super) fn ask(self) -> Result<Ask, Problem> {
        let said = |turn: Turn| Message { speaker: turn.role, parts: vec![Part::Text(turn.content)] };
        let messages = match (self.prompt, self.messages) {
            (Some(prompt), None) => vec![Message::user(prompt)],
            (None, Some(turns)) => turns.into_iter().map(said).collect(),
            (given, _) => {
                let wrong =
                    if given.is_some() { "stands beside `messages`" } else { "is missing, as is `messages`" };
                let errors = one_field("/prompt", "one_of_two", format!("{wrong}; give one of them"));
                return Err(Problem::fields(&code::INVALID, errors));
            }
        };
        Ok(Ask {
            wanted: Wanted::of(&self.model),
            request: ModelRequest {
                system: self.system,
                messages,
                schema: self.schema,
                max_output_tokens: self.max_output_tokens,
                temperature: self.temperature,
                top_p: self.top_p,
                stop: self.stop,
                seed: self.seed,
                ..ModelRequest::default()
            },
            run: None,
            prompt_version: None,
            may_be_cached: self.cache.unwrap_or(true),
        })
    }
}
