use super::Usage;
use std::time::Duration;

/// Why a call of a model came to nothing. Adapters judge by statuses, machine codes and types, never by what a message says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum FailureKind {
    /// Too many requests at the moment (429).
    RateLimited,
    /// The provider is there and broken, or overloaded (408, 5xx, 529), or sent what can't be read.
    Unavailable,
    /// It could not be reached.
    Unreachable,
    /// The first token, or the rest, did not come in time.
    TimedOut,
    /// It was found down a moment ago and is left alone: nobody was asked.
    Resting,
    /// It does not know our key, or the key may not do this (401, 403).
    Unauthorised,
    /// The account there is out of money. It is never our own caller's.
    Billing,
    /// It does not know the model (404).
    UnknownModel,
    /// It does not take a parameter, by a machine code or a field that says so.
    UnsupportedParameter,
    /// It takes the request for a wrong one (other 4xx).
    Invalid,
    /// It will not answer this: a safety block or a refusal.
    Blocked,
}

/// What to do after a failure, as long as nothing of an answer has reached the caller.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Next {
    /// Ask the same again, and another one when that does not help.
    Retry,
    /// Ask another one.
    Another,
    /// Ask nobody: another one would say the same, or should not be asked.
    Stop,
}

impl FailureKind {
    /// Every kind.
    pub const ALL: [Self; 11] = [
        Self::RateLimited,
        Self::Unavailable,
        Self::Unreachable,
        Self::TimedOut,
        Self::Resting,
        Self::Unauthorised,
        Self::Billing,
        Self::UnknownModel,
        Self::UnsupportedParameter,
        Self::Invalid,
        Self::Blocked,
    ];

    /// What to do next.
    #[must_use]
    pub const fn next(self) -> Next {
        match self {
            Self::RateLimited | Self::Unavailable | Self::Unreachable | Self::TimedOut => Next::Retry,
            Self::Resting
            | Self::Unauthorised
            | Self::Billing
            | Self::UnknownModel
            | Self::UnsupportedParameter => Next::Another,
            Self::Invalid | Self::Blocked => Next::Stop,
        }
    }

    /// Whether the provider seems to be down, which its breaker counts. One that says no, or not now, is there.
    #[must_use]
    pub const fn is_down(self) -> bool {
        matches!(self, Self::Unavailable | Self::Unreachable | Self::TimedOut)
    }

    /// The kind of a stored name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }

    /// The stable name, as stored, in traces and in metrics (`error.type`).
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::RateLimited => "rate_limited",
            Self::Unavailable => "unavailable",
            Self::Unreachable => "unreachable",
            Self::TimedOut => "timed_out",
            Self::Resting => "resting",
            Self::Unauthorised => "unauthorised",
            Self::Billing => "billing",
            Self::UnknownModel => "unknown_model",
            Self::UnsupportedParameter => "unsupported_parameter",
            Self::Invalid => "invalid",
            Self::Blocked => "blocked",
        }
    }
}

/// A call that came to nothing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}: {cause}", kind.name())]
pub struct ModelFailure {
    /// Why.
    pub kind: FailureKind,
    /// What the provider said, for the log and never for a caller.
    pub cause: String,
    /// How long the provider asks to be left alone, in its headers or its body; the longer one where both say so.
    pub retry_after: Option<Duration>,
    /// What it charges all the same, as for a prompt that it blocked.
    pub usage: Option<Usage>,
}

impl ModelFailure {
    /// Without a wish to be left alone, and at no charge.
    pub fn new(kind: FailureKind, cause: impl Into<String>) -> Self {
        Self { kind, cause: cause.into(), retry_after: None, usage: None }
    }

    /// The same with a wish to be left alone.
    #[must_use]
    pub fn after(self, wait: Option<Duration>) -> Self {
        Self { retry_after: wait, ..self }
    }

    /// The same, charged.
    #[must_use]
    pub fn charged(self, usage: Option<Usage>) -> Self {
        Self { usage, ..self }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_another_would_say_too_is_asked_of_nobody_and_an_outage_of_the_same_again() {
        for (kind, next) in [
            (FailureKind::RateLimited, Next::Retry),
            (FailureKind::TimedOut, Next::Retry),
            (FailureKind::Unauthorised, Next::Another),
            (FailureKind::Resting, Next::Another),
            (FailureKind::UnsupportedParameter, Next::Another),
            (FailureKind::Blocked, Next::Stop),
            (FailureKind::Invalid, Next::Stop),
        ] {
            assert_eq!(kind.next(), next, "{}", kind.name());
        }
        let down = FailureKind::ALL.into_iter().filter(|kind| kind.is_down());
        assert!(down.clone().all(|kind| kind.next() == Next::Retry), "what is down may be back");
        assert_eq!(down.count(), 3, "one that says no or not now is there");
    }
}
