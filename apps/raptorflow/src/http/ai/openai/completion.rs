use super::tools::CallBody;
use agents::dispatch::{Answer, Usage};
use kernel::{ModelCallId, PicoUsd};
use serde::Serialize;
use utoipa::ToSchema;

/// A chat completion.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ChatCompletion)]
pub(super) struct Completion {
    /// `chatcmpl-` and the call's row in the ledger.
    id: String,
    object: &'static str,
    /// In seconds since 1970.
    created: u64,
    /// The model that answered, by its id in the catalogue.
    model: String,
    choices: [Choice; 1],
    usage: UsageBody,
}

#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ChatChoice)]
struct Choice {
    index: u32,
    message: Said,
    #[schema(value_type = Option<Object>, required)]
    logprobs: Option<()>,
    /// `stop`, `length`, or `tool_calls`.
    finish_reason: &'static str,
}

#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ChatAnswer)]
struct Said {
    role: &'static str,
    /// `null` when it says nothing and only calls tools.
    #[schema(required)]
    content: Option<String>,
    #[schema(value_type = Option<String>, required)]
    refusal: Option<()>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    tool_calls: Vec<CallBody>,
}

/// What it took, in tokens; nothing when our own cache had the answer.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ChatUsage)]
pub(super) struct UsageBody {
    /// Input, whoever had it.
    prompt_tokens: u64,
    /// Output, reasoning included.
    completion_tokens: u64,
    total_tokens: u64,
    prompt_tokens_details: PromptDetails,
    completion_tokens_details: CompletionDetails,
    /// Not `OpenAI`'s: a decimal number of US dollars, as the ledger has it.
    #[schema(value_type = String, example = "0.000125")]
    cost_usd: PicoUsd,
    /// Not `OpenAI`'s: whether usage and cost are our own count, as the provider did not say.
    estimated: bool,
}

#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ChatPromptDetails)]
struct PromptDetails {
    /// Input that the provider's cache had.
    cached_tokens: u64,
}

#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ChatCompletionDetails)]
struct CompletionDetails {
    reasoning_tokens: u64,
}

impl UsageBody {
    pub(super) fn of(usage: &Usage, cost_usd: PicoUsd, estimated: bool) -> Self {
        let (input, output) = (usage.input(), usage.output);
        Self {
            prompt_tokens: input,
            completion_tokens: output,
            total_tokens: input.saturating_add(output),
            prompt_tokens_details: PromptDetails { cached_tokens: usage.cache_read },
            completion_tokens_details: CompletionDetails { reasoning_tokens: usage.reasoning },
            cost_usd,
            estimated,
        }
    }
}

/// The id that clients know a call by.
pub(super) fn id_of(call: ModelCallId) -> String {
    format!("chatcmpl-{call}")
}

/// When the call began, in seconds since 1970: its id says so (RFC 9562, version 7), also when the answer is told again.
pub(super) fn created(call: ModelCallId) -> u64 {
    call.uuid().get_timestamp().map_or(0, |time| time.to_unix().0)
}

impl Completion {
    pub(super) fn of(answer: Answer) -> Self {
        let tool_calls: Vec<CallBody> = answer.reply.parts.iter().filter_map(CallBody::of).collect();
        let text = answer.reply.text();
        let says_nothing = text.is_empty() && !tool_calls.is_empty();
        let message =
            Said { role: "assistant", content: (!says_nothing).then_some(text), refusal: None, tool_calls };
        let finish_reason = answer.reply.finish.name();
        Self {
            id: id_of(answer.call),
            object: "chat.completion",
            created: created(answer.call),
            usage: UsageBody::of(&answer.usage, answer.cost, answer.is_estimated),
            model: answer.source.model,
            choices: [Choice { index: 0, message, logprobs: None, finish_reason }],
        }
    }
}
