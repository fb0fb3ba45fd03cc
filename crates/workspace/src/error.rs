//! What can go wrong with a workspace.

use kernel::{Code, Denied, Failure, FieldError, FieldErrors, StoreError};

/// The codes of this crate.
pub mod code {
    kernel::codes! {
        SLUG_TAKEN = "slug_taken", Conflict, "Another of your workspaces has this slug.";
        TOO_MANY_API_KEYS = "too_many_api_keys", Conflict, "The workspace has as many live API keys as it may have; revoke one first.";
    }
}
pub use code::CODES;

/// An error of this crate.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum Error {
    /// Another workspace of the caller has the slug.
    #[error("another workspace of the caller has the slug")]
    SlugTaken,
    /// The workspace has [`ApiKey::MOST`](crate::ApiKey::MOST) live keys.
    #[error("a workspace has at most {} live API keys", crate::ApiKey::MOST)]
    TooManyKeys,
    /// No such workspace, or nothing of that id in it.
    #[error("no such thing in this workspace")]
    NotFound,
    /// The fields break rules.
    #[error(transparent)]
    Invalid(#[from] FieldErrors),
    /// The role is too low.
    #[error(transparent)]
    Denied(#[from] Denied),
    /// The store could not do it.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// What the use cases of this crate answer.
pub type Result<T, E = Error> = std::result::Result<T, E>;

impl Failure for Error {
    fn code(&self) -> &'static Code {
        match self {
            Self::SlugTaken => &code::SLUG_TAKEN,
            Self::TooManyKeys => &code::TOO_MANY_API_KEYS,
            Self::NotFound => &kernel::code::NOT_FOUND,
            Self::Invalid(_) => &kernel::code::INVALID,
            Self::Denied(denied) => denied.code(),
            Self::Store(error) => error.code(),
        }
    }

    fn fields(&self) -> &[FieldError] {
        match self {
            Self::Invalid(errors) => errors.as_slice(),
            _ => &[],
        }
    }
}
