//! What can go wrong with a workspace.

use kernel::{Code, Denied, Failure, FieldError, FieldErrors, StoreError};

/// The codes of this crate.
pub mod code {
    kernel::codes! {
        SLUG_TAKEN = "slug_taken", Conflict, "Another of your workspaces has this slug.";
    }
}
pub use code::CODES;

/// An error of this crate.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum Error {
    /// Another workspace of the caller has the slug.
    #[error("another workspace of the caller has the slug")]
    SlugTaken,
    /// No such workspace.
    #[error("no such workspace")]
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
