//! What a request gets.

use crate::Answer;
use std::time::Duration;

/// What one request to a model gets.
#[derive(Debug, Clone, PartialEq)]
pub struct Turn {
    pub(crate) kind: Kind,
    pub(crate) after: Duration,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Kind {
    Says(Answer),
    Refuses(Refusal),
    Blocks,
    Breaks(Answer, usize),
    Cuts(Answer, usize),
    Garbles(Answer, usize),
    Resets,
    Silent,
}

/// A status with an error in the wire's envelope.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Refusal {
    pub(crate) status: u16,
    pub(crate) hint: Hint,
    pub(crate) code: Option<String>,
    /// Where it is none, the wire has one for the status.
    pub(crate) message: Option<String>,
}

impl Refusal {
    pub(crate) fn new(status: u16, message: &str) -> Self {
        Self { message: Some(message.to_owned()), ..Self::of_status(status) }
    }

    pub(crate) fn of_status(status: u16) -> Self {
        Self { status, hint: Hint::None, code: None, message: None }
    }

    pub(crate) fn with_code(mut self, code: &str) -> Self {
        self.code = Some(code.to_owned());
        self
    }
}

impl Default for Turn {
    fn default() -> Self {
        Self::says(Answer::default())
    }
}

impl Turn {
    fn of(kind: Kind) -> Self {
        Self { kind, after: Duration::ZERO }
    }

    /// The model answers. A request that asks for no text gets what it asks for: a count, an embedding.
    #[must_use]
    pub fn says(answer: Answer) -> Self {
        Self::of(Kind::Says(answer))
    }

    /// This status, and an error in the wire's envelope.
    #[must_use]
    pub fn refuses(status: u16) -> Self {
        Self::of(Kind::Refuses(Refusal::of_status(status)))
    }

    /// When to come again; for [`refuses`](Self::refuses).
    #[must_use]
    pub fn hint(mut self, hint: Hint) -> Self {
        if let Kind::Refuses(refusal) = &mut self.kind {
            refusal.hint = hint;
        }
        self
    }

    /// The code for machines; for [`refuses`](Self::refuses).
    ///
    /// - Google: one of its statuses, like `FAILED_PRECONDITION`, is the error's status; any other the reason in its details.
    /// - Anthropic: a type of errors, like `billing_error`, is the error's type; any other its `details.error_code`.
    /// - OpenAI, Mistral: `code`; OpenAI's `insufficient_quota` is the type, too.
    #[must_use]
    pub fn code(mut self, code: &str) -> Self {
        if let Kind::Refuses(refusal) = &mut self.kind {
            refusal.code = Some(code.to_owned());
        }
        self
    }

    /// The prompt, or the answer to it, is blocked for what it is about; the status is 200.
    #[must_use]
    pub fn blocks() -> Self {
        Self::of(Kind::Blocks)
    }

    /// After so many pieces a stream has an error in the wire's envelope, and ends. An answer that is no stream is this
    /// error, with its status.
    #[must_use]
    pub fn breaks_after(answer: Answer, pieces: usize) -> Self {
        Self::of(Kind::Breaks(answer, pieces))
    }

    /// After so many pieces of a stream the connection is closed; an answer that is no stream is cut in the midst.
    #[must_use]
    pub fn cuts_after(answer: Answer, pieces: usize) -> Self {
        Self::of(Kind::Cuts(answer, pieces))
    }

    /// The piece after so many is malformed, and the stream goes on; an answer that is no stream is malformed.
    #[must_use]
    pub fn garbles_after(answer: Answer, pieces: usize) -> Self {
        Self::of(Kind::Garbles(answer, pieces))
    }

    /// The connection is reset before the first byte.
    #[must_use]
    pub fn resets() -> Self {
        Self::of(Kind::Resets)
    }

    /// Nothing ever comes; it is noticed when the caller goes.
    #[must_use]
    pub fn silent() -> Self {
        Self::of(Kind::Silent)
    }

    /// Waits so long before the first byte.
    #[must_use]
    pub fn after(mut self, time: Duration) -> Self {
        self.after = time;
        self
    }
}

/// How a refusal tells when to come again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Hint {
    /// It does not.
    None,
    /// The header `retry-after`, in seconds.
    Seconds(u64),
    /// The header `retry-after-ms`.
    Millis(u64),
    /// The header `retry-after`, as a date of HTTP.
    Date(String),
    /// `RetryInfo` in the details of Google's envelope; for Claude on Vertex the error is in Google's envelope, then. The
    /// other wires have none.
    Body(Duration),
}

impl Hint {
    pub(crate) fn header(&self) -> Option<(&'static str, String)> {
        match self {
            Self::None | Self::Body(_) => None,
            Self::Seconds(seconds) => Some(("retry-after", seconds.to_string())),
            Self::Millis(millis) => Some(("retry-after-ms", millis.to_string())),
            Self::Date(date) => Some(("retry-after", date.clone())),
        }
    }
}

/// What a request to the token endpoint gets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TokenTurn {
    /// A token: `token-1`, `token-2` and so on.
    Grants {
        /// How long it says that it is good.
        expires_in: Duration,
        /// `expires_in` is a text instead of a number.
        as_text: bool,
    },
    /// This status, and this error.
    Refuses {
        /// Such as 400.
        status: u16,
        /// Such as `invalid_grant`.
        error: &'static str,
    },
    /// Nothing ever comes.
    Silent,
}

impl Default for TokenTurn {
    fn default() -> Self {
        Self::Grants { expires_in: Duration::from_secs(3_600), as_text: false }
    }
}
