//! Which models there are, what they can do, and what the aliases stand for: dated data.

mod capability;
mod file;

pub use capability::{Capabilities, Thinking};
pub use file::{CatalogueFile, CatalogueFileError};

use super::{Provider, Target, Wanted};
use jiff::civil::Date;
use kernel::{TimeZone, Timestamp};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Whose model it is, which decides how it is spoken to where a provider serves those of several.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Publisher {
    /// Gemini.
    Google,
    /// Claude.
    Anthropic,
    /// GPT.
    #[serde(rename = "openai")]
    OpenAi,
    /// Mistral.
    Mistral,
    /// Any other, spoken to as `OpenAI`'s are.
    Other,
}

impl Publisher {
    /// The stable name, as in the catalogue.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Google => "google",
            Self::Anthropic => "anthropic",
            Self::OpenAi => "openai",
            Self::Mistral => "mistral",
            Self::Other => "other",
        }
    }
}

/// What a model makes of text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ModelKind {
    /// More text.
    Chat,
    /// A vector.
    Embedding,
}

/// A model.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Model {
    /// By what callers and prices know it.
    pub id: String,
    /// Whose it is.
    pub publisher: Publisher,
    /// What it makes.
    pub kind: ModelKind,
    /// Who serves it, and under which name.
    pub served_as: BTreeMap<Provider, String>,
    /// The longest input that is sent, in tokens.
    pub input_tokens: u32,
    /// The longest output that is asked for, in tokens; 0 of embeddings.
    #[serde(default)]
    pub output_tokens: u32,
    /// How long an output is asked for when the caller doesn't say.
    #[serde(default)]
    pub usual_output_tokens: u32,
    /// What it takes and can do.
    #[serde(default)]
    pub capabilities: Capabilities,
    /// The version of Anthropic's protocol that it is spoken to in.
    pub anthropic_version: Option<String>,
    /// From this day on, in UTC.
    pub valid_from: Option<Date>,
    /// Until this day, in UTC: when it is retired.
    pub valid_to: Option<Date>,
}

impl Model {
    /// Whether it is served at this instant.
    #[must_use]
    pub fn holds_at(&self, at: Timestamp) -> bool {
        let today = at.date_in(&TimeZone::utc());
        self.valid_from.is_none_or(|from| from <= today) && self.valid_to.is_none_or(|to| today < to)
    }
}

impl CatalogueFile {
    /// The targets to try, in their order, of what is wanted: those whose model is served at this instant. Empty for a model
    /// that nobody knows.
    #[must_use]
    pub fn targets(&self, wanted: &Wanted, at: Timestamp) -> Vec<Target> {
        match wanted {
            Wanted::Alias(alias) => {
                let targets = self.alias(*alias).iter();
                targets.filter(|target| self.find(&target.model, at).is_some()).cloned().collect()
            }
            Wanted::Model(id) => {
                let providers = self.find(id, at).into_iter().flat_map(|model| model.served_as.keys());
                // In the order of preference, which is not that of names.
                let served: Vec<Provider> = providers.copied().collect();
                let mine = Provider::ALL.into_iter().filter(|provider| served.contains(provider));
                mine.map(|provider| Target { provider, model: id.clone() }).collect()
            }
        }
    }
}

#[cfg(test)]
mod tests;
