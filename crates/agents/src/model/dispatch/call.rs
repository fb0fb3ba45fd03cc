use super::{FailureKind, Finish, Provider, ServiceTier, Usage};
use crate::model::ModelAlias;
use kernel::{Actor, CorrelationId, ModelCallId, PicoUsd, RunId, Timestamp};
use std::time::Duration;

/// What was asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Operation {
    /// An answer in one piece.
    Generate,
    /// An answer bit by bit.
    Stream,
    /// Vectors.
    Embed,
}

impl Operation {
    /// Every operation.
    pub const ALL: [Self; 3] = [Self::Generate, Self::Stream, Self::Embed];

    /// The stable name, as stored.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Generate => "generate",
            Self::Stream => "stream",
            Self::Embed => "embed",
        }
    }

    /// What traces and metrics call it (`gen_ai.operation.name` of OpenTelemetry's conventions for generative AI).
    #[must_use]
    pub const fn trace_name(self) -> &'static str {
        match self {
            Self::Generate | Self::Stream => "chat",
            Self::Embed => "embeddings",
        }
    }

    /// The operation of a stored name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|operation| operation.name() == name)
    }
}

/// How a call ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CallEnd {
    /// With an answer.
    Answered(Finish),
    /// With an answer that our own cache had: it cost nothing, and saved what the first one cost.
    Cached(Finish),
    /// With none, for this reason: the last target's.
    Failed(FailureKind),
    /// The caller went away.
    Cancelled,
    /// The process that made it died, or lost its database: what it came to is not known.
    Lost,
}

impl CallEnd {
    /// The stable name, as stored; a failure's is its kind's.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Answered(_) => "answered",
            Self::Cached(_) => "cached",
            Self::Failed(kind) => kind.name(),
            Self::Cancelled => "cancelled",
            Self::Lost => "lost",
        }
    }

    /// Why the answer ends, when there is one.
    #[must_use]
    pub const fn finish(self) -> Option<Finish> {
        match self {
            Self::Answered(finish) | Self::Cached(finish) => Some(finish),
            Self::Failed(_) | Self::Cancelled | Self::Lost => None,
        }
    }

    /// The end of stored names.
    #[must_use]
    pub fn from_names(name: &str, finish: Option<Finish>) -> Option<Self> {
        match (name, finish) {
            ("answered", Some(finish)) => Some(Self::Answered(finish)),
            ("cached", Some(finish)) => Some(Self::Cached(finish)),
            ("cancelled", None) => Some(Self::Cancelled),
            ("lost", None) => Some(Self::Lost),
            (kind, None) => FailureKind::from_name(kind).map(Self::Failed),
            _ => None,
        }
    }
}

/// What a call was about, known before it is made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CallHead {
    /// Of this call.
    pub id: ModelCallId,
    /// Who made it.
    pub actor: Actor,
    /// The request that it belongs to.
    pub correlation_id: CorrelationId,
    /// The agent run that it belongs to.
    pub run: Option<RunId>,
    /// What was asked for.
    pub operation: Operation,
    /// By which alias; none when a model was named.
    pub alias: Option<ModelAlias>,
    /// Who was asked last.
    pub provider: Provider,
    /// Which model, by the catalogue's id.
    pub model: String,
    /// The name of the row of the price list that counted.
    pub price: String,
    /// When it began.
    pub at: Timestamp,
}

/// One row of the cost ledger.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ModelCall {
    /// What it was about.
    pub head: CallHead,
    /// How it ended.
    pub end: CallEnd,
    /// The exact model that answered, as the provider names it.
    pub served_by: Option<String>,
    /// How often somebody was asked; 0 for an answer from the cache.
    pub attempts: u32,
    /// What it took.
    pub usage: Usage,
    /// How urgently it was served.
    pub tier: ServiceTier,
    /// What it cost.
    pub cost: PicoUsd,
    /// What it would have cost, had the cache not had it.
    pub saved: PicoUsd,
    /// Whether usage and cost are our own estimate, as the provider did not say.
    pub is_estimated: bool,
    /// From its beginning to its end.
    pub latency: Duration,
    /// From its beginning to the first piece of an answer that came bit by bit.
    pub first_token: Option<Duration>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_end_is_found_by_its_stored_names() {
        let answers = [Finish::Stop, Finish::Length, Finish::ToolCalls];
        let answered =
            answers.into_iter().flat_map(|finish| [CallEnd::Answered(finish), CallEnd::Cached(finish)]);
        let failed = FailureKind::ALL.map(CallEnd::Failed);
        for end in answered.chain(failed).chain([CallEnd::Cancelled, CallEnd::Lost]) {
            assert_eq!(CallEnd::from_names(end.name(), end.finish()), Some(end));
        }
        assert_eq!(CallEnd::from_names("answered", None), None);
        assert_eq!(CallEnd::from_names("lost", Some(Finish::Stop)), None);
        assert_eq!(CallEnd::from_names("whatever", None), None);
    }
}
