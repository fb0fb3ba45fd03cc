//! Kinds and codes of failure, and what a store may answer.

use crate::field::FieldError;
use std::time::Duration;

/// What a caller can do about a failure. The web adapter maps each kind to one HTTP status.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum ErrorKind {
    /// The request can't be read (400).
    Malformed,
    /// No credentials, or bad ones (401).
    Unauthenticated,
    /// The AI budget is used up (402).
    BudgetExceeded,
    /// May know, may not do (403).
    Forbidden,
    /// Unknown, or not yours: the two answer alike (404).
    NotFound,
    /// The state of the thing forbids it, or it is there already (409).
    Conflict,
    /// `If-Match` named another version (412).
    Stale,
    /// Well-formed, but against a rule; the fields say which (422).
    Invalid,
    /// Too many requests (429).
    RateLimited,
    /// A dependency is down or overloaded; try again (503).
    Unavailable,
    /// Ours to mend (500).
    Internal,
}

/// A stable, documented code of a failure. Codes are part of the API: they may be added, never renamed.
#[derive(Debug, PartialEq, Eq)]
pub struct Code {
    /// `snake_case`, unique over the product.
    pub name: &'static str,
    /// What the caller can do about it.
    pub kind: ErrorKind,
    /// One sentence for the documentation and the problem's title.
    pub meaning: &'static str,
}

/// An error that the edge can show: every domain's error enum is one.
pub trait Failure: std::error::Error + Send + Sync {
    /// The stable code.
    fn code(&self) -> &'static Code;

    /// What is wrong with the input, field by field.
    fn fields(&self) -> &[FieldError] {
        &[]
    }

    /// What the problem says beyond its code, under a name of its own (RFC 9457, 3.2).
    fn member(&self) -> Option<(&'static str, serde_json::Value)> {
        None
    }

    /// When it makes sense to try again.
    fn retry_after(&self) -> Option<Duration> {
        (self.code().kind == ErrorKind::Unavailable).then_some(Duration::from_secs(2))
    }
}

/// The failure of another domain that was asked through a port, with its own code and fields.
#[derive(Debug)]
pub struct ForeignFailure(Box<dyn Failure>);

impl ForeignFailure {
    /// Passes a neighbour's failure on.
    pub fn new(failure: impl Failure + 'static) -> Self {
        Self(Box::new(failure))
    }
}

impl std::fmt::Display for ForeignFailure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

impl std::error::Error for ForeignFailure {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.0.source()
    }
}

impl Failure for ForeignFailure {
    fn code(&self) -> &'static Code {
        self.0.code()
    }

    fn fields(&self) -> &[FieldError] {
        self.0.fields()
    }

    fn member(&self) -> Option<(&'static str, serde_json::Value)> {
        self.0.member()
    }

    fn retry_after(&self) -> Option<Duration> {
        self.0.retry_after()
    }
}

/// Declares codes and the list of them that the documentation is generated from.
#[macro_export]
macro_rules! codes {
    ($($(#[$doc:meta])* $constant:ident = $name:literal, $kind:ident, $meaning:literal;)*) => {
        $($(#[$doc])*
        #[doc = $meaning]
        pub const $constant: $crate::Code =
            $crate::Code { name: $name, kind: $crate::ErrorKind::$kind, meaning: $meaning };)*
        /// Every code of this module, in order of declaration.
        pub const CODES: &[&$crate::Code] = &[$(&$constant),*];
    };
}

/// The codes that every part of the product shares.
pub mod code {
    crate::codes! {
        NOT_FOUND = "not_found", NotFound, "There is no such thing, or it is not yours.";
        FORBIDDEN = "forbidden", Forbidden, "Your role does not allow this.";
        INSUFFICIENT_SCOPE = "insufficient_scope", Forbidden, "The API key was not given the scope that this needs.";
        INVALID = "invalid", Invalid, "The request breaks a rule; `errors` names each field.";
        STALE_VERSION = "stale_version", Stale, "The resource has changed since the version you named.";
        CONFLICT = "conflict", Conflict, "This clashes with something that is there already.";
        UNAVAILABLE = "unavailable", Unavailable, "The service can't answer now; try again.";
        INTERNAL = "internal", Internal, "Something failed on our side; the correlation id finds it in our logs.";
        IDEMPOTENCY_KEY_REUSED = "idempotency_key_reused", Invalid,
            "The idempotency key was used for a request with another body.";
        IDEMPOTENCY_IN_FLIGHT = "idempotency_in_flight", Conflict,
            "The first request with this idempotency key is still running.";
        CURSOR_INVALID = "cursor_invalid", Malformed, "The cursor was not made by this list.";
    }
}

/// What a store answers when it can't do what was asked. "Not found" is no error: readers answer `Option`.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StoreError {
    /// A unique rule refused the row; holds the constraint's or the table's name.
    #[error("a unique rule refused the row ({0})")]
    Conflict(String),
    /// A reference leads to nothing in this scope; holds the constraint's or the table's name.
    #[error("a reference leads nowhere ({0})")]
    Dangling(String),
    /// The row has another version than the one named.
    #[error("the row has another version")]
    Stale,
    /// A statement of this unit of work had failed before, so it can't be committed.
    #[error("an earlier statement of the unit of work failed: {0}")]
    Poisoned(String),
    /// No connection within the bounded wait, or the database is away.
    #[error("the database can't be reached: {0}")]
    Unavailable(String),
    /// The row can't be read back as what it should be.
    #[error("a stored row is not readable: {0}")]
    Corrupt(String),
    /// The same idempotency key came with another request.
    #[error("the idempotency key was used for another request")]
    KeyReused,
    /// The first request with this idempotency key has not ended.
    #[error("the first request with this idempotency key is still running")]
    InFlight,
    /// Anything else the database said.
    #[error("the database refused: {0}")]
    Internal(String),
}

impl Failure for StoreError {
    fn code(&self) -> &'static Code {
        match self {
            Self::Conflict(_) => &code::CONFLICT,
            Self::Dangling(_) => &code::NOT_FOUND,
            Self::Stale => &code::STALE_VERSION,
            Self::Unavailable(_) => &code::UNAVAILABLE,
            Self::KeyReused => &code::IDEMPOTENCY_KEY_REUSED,
            Self::InFlight => &code::IDEMPOTENCY_IN_FLIGHT,
            Self::Poisoned(_) | Self::Corrupt(_) | Self::Internal(_) => &code::INTERNAL,
        }
    }
}

/// What a port of a store answers.
pub type StoreResult<T> = Result<T, StoreError>;
