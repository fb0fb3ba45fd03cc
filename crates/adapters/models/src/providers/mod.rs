//! The providers that are reached with a key alone.

mod anthropic;
mod chat;
mod gemini;

pub use anthropic::AnthropicApi;
pub use chat::ChatApi;
pub use gemini::GeminiApi;

use agents::dispatch::{FailureKind, Model, ModelFailure, Provider};

/// Under which name the provider serves the model.
///
/// # Errors
/// It does not.
pub fn served_name(model: &Model, provider: Provider) -> Result<&str, ModelFailure> {
    let missing = || {
        let cause = format!("{} does not serve {}", provider.name(), model.id);
        ModelFailure::new(FailureKind::UnknownModel, cause)
    };
    model.served_as.get(&provider).map(String::as_str).ok_or_else(missing)
}
