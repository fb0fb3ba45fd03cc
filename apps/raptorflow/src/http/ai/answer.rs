use agents::dispatch::{Answer, Usage};
use kernel::{ModelCallId, PicoUsd};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

/// What a model answered, and what that cost.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ModelAnswer)]
pub(super) struct AnswerBody {
    /// The call's row in the ledger.
    #[schema(value_type = Uuid)]
    call_id: ModelCallId,
    text: String,
    /// The answer as data, when a schema was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Object)]
    data: Option<Value>,
    /// Why it ends: `stop`, or `length` when it is as long as it may be.
    finish: &'static str,
    /// The model that answered, by its id in the catalogue.
    model: String,
    /// Who served it.
    provider: &'static str,
    /// Who thought of it: a model, always.
    origin: &'static str,
    /// In tokens; nothing when it was cached.
    usage: UsageBody,
    /// A decimal number of US dollars.
    #[schema(value_type = String, example = "0.000125")]
    cost_usd: PicoUsd,
    /// Whether the same question was answered before.
    cached: bool,
    /// Whether usage and cost are our own count, as the provider did not say.
    estimated: bool,
}

/// Tokens by the classes that have prices of their own.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ModelUsage)]
pub(super) struct UsageBody {
    /// Input that no cache of the provider had.
    input: u64,
    /// Input that the provider's cache had.
    cache_read: u64,
    /// Input that was put there.
    cache_write: u64,
    /// Output, reasoning included.
    output: u64,
    /// The part of the output that was thinking.
    reasoning: u64,
}

impl From<Usage> for UsageBody {
    fn from(usage: Usage) -> Self {
        Self {
            input: usage.fresh,
            cache_read: usage.cache_read,
            cache_write: usage.cache_write_5m + usage.cache_write_1h,
            output: usage.output,
            reasoning: usage.reasoning,
        }
    }
}

impl AnswerBody {
    /// `typed` when a schema was asked for; the dispatcher has held the answer against it.
    pub(super) fn of(answer: Answer, typed: bool) -> Self {
        let text = answer.reply.text();
        let data = typed.then(|| serde_json::from_str(&text).ok()).flatten();
        Self {
            call_id: answer.call,
            data,
            text,
            finish: answer.reply.finish.name(),
            model: answer.source.model,
            provider: answer.source.provider.name(),
            origin: "model",
            usage: answer.usage.into(),
            cost_usd: answer.cost,
            cached: answer.is_cached,
            estimated: answer.is_estimated,
        }
    }
}
