use super::super::ModelAlias;
use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};

/// Who is asked. The same model may be served by several.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Provider {
    /// Vertex AI: Google's models, and Anthropic's.
    Vertex,
    /// The Gemini Developer API.
    Gemini,
    /// Anthropic's own API.
    Anthropic,
    /// `OpenAI`'s own API.
    #[serde(rename = "openai")]
    OpenAi,
    /// Mistral's own API.
    Mistral,
    /// Any other server that speaks as `OpenAI` does, such as a local one.
    Compatible,
}

impl Provider {
    /// Every provider.
    pub const ALL: [Self; 6] =
        [Self::Vertex, Self::Gemini, Self::OpenAi, Self::Anthropic, Self::Mistral, Self::Compatible];

    /// The stable name, as stored and on the wire.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Vertex => "vertex",
            Self::Gemini => "gemini",
            Self::Anthropic => "anthropic",
            Self::OpenAi => "openai",
            Self::Mistral => "mistral",
            Self::Compatible => "compatible",
        }
    }

    /// The provider of a stored name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|provider| provider.name() == name)
    }

    /// Whether a key alone lets in, so that a workspace may be lent one. A server of the installation's own is nobody else's.
    #[must_use]
    pub const fn takes_keys(self) -> bool {
        !matches!(self, Self::Compatible)
    }

    /// What traces and metrics call it (`gen_ai.provider.name` of OpenTelemetry's conventions for generative AI).
    #[must_use]
    pub const fn trace_name(self) -> &'static str {
        match self {
            Self::Vertex => "gcp.vertex_ai",
            Self::Gemini => "gcp.gemini",
            Self::Anthropic => "anthropic",
            Self::OpenAi => "openai",
            Self::Mistral => "mistral_ai",
            Self::Compatible => "openai_compatible",
        }
    }
}

/// A model at a provider. Written `vertex:gemini-3.8-flash`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Target {
    /// Who serves it.
    pub provider: Provider,
    /// Its id in the catalogue.
    pub model: String,
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.provider.name(), self.model)
    }
}

/// The text is no target.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no target such as `vertex:gemini-3.8-flash`")]
pub struct NotATarget(String);

impl FromStr for Target {
    type Err = NotATarget;

    fn from_str(text: &str) -> Result<Self, NotATarget> {
        let parts = text.split_once(':').filter(|(_, model)| !model.is_empty());
        let found = parts.and_then(|(provider, model)| Some((Provider::from_name(provider)?, model)));
        let (provider, model) = found.ok_or_else(|| NotATarget(text.to_owned()))?;
        Ok(Self { provider, model: model.to_owned() })
    }
}

impl<'de> Deserialize<'de> for Target {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

/// Which model a caller wants.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Wanted {
    /// Whichever the alias stands for at this moment.
    Alias(ModelAlias),
    /// This one, from whoever serves it.
    Model(String),
}

impl Wanted {
    /// Of what a caller wrote: an alias, or else a model's id.
    #[must_use]
    pub fn of(text: &str) -> Self {
        ModelAlias::from_name(text).map_or_else(|| Self::Model(text.to_owned()), Self::Alias)
    }

    /// As the caller wrote it.
    #[must_use]
    pub fn name(&self) -> &str {
        match self {
            Self::Alias(alias) => alias.name(),
            Self::Model(model) => model,
        }
    }
}
