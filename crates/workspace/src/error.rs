//! What can go wrong with a workspace.

use kernel::{Code, Denied, Failure, FieldError, FieldErrors, StoreError};

/// The codes of this crate.
pub mod code {
    kernel::codes! {
        SLUG_TAKEN = "slug_taken", Conflict, "Another of your workspaces has this slug.";
        ALREADY_MEMBER = "already_member", Conflict, "The person is a member of this workspace.";
        LAST_OWNER = "last_owner", Conflict, "A workspace keeps an owner; make somebody else one first.";
        ALREADY_INVITED = "already_invited", Conflict,
            "The address has an open invitation; revoke it to make another one.";
        INVITATION_ACCEPTED = "invitation_accepted", Conflict,
            "The invitation was accepted; remove the member instead.";
        INVITATION_INVALID = "invitation_invalid", Malformed,
            "The invitation is unknown, expired, revoked or used, or who made it may not invite any more.";
        ACCOUNT_REQUIRED = "account_required", Conflict,
            "No account that may come in has the invited address; sign up with it first.";
        EMAIL_NOT_VERIFIED_YET = "email_not_verified_yet", Conflict,
            "The account has not confirmed the invited address yet; open the link in its mail first.";
        JOB_ENDED = "job_ended", Conflict, "The job has ended; there is nothing to cancel.";
        JOB_NOT_CANCELLABLE = "job_not_cancellable", Conflict,
            "The job ends what waited for one that was cancelled; it runs to its end.";
        JOB_NOT_RETRIABLE = "job_not_retriable", Conflict, "The job is running or has done its work.";
        JOB_SUPERSEDED = "job_superseded", Conflict, "A younger job that does the same waits or runs.";
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
    /// The person is in already.
    #[error("the person is a member already")]
    AlreadyMember,
    /// The workspace would have no owner.
    #[error("the workspace would be left without an owner")]
    LastOwner,
    /// The address has an open invitation.
    #[error("the address is invited already")]
    AlreadyInvited,
    /// The invitation can't be revoked any more.
    #[error("the invitation was accepted")]
    InvitationAccepted,
    /// The token opens nothing.
    #[error("the invitation lets nobody in")]
    InvitationInvalid,
    /// Nobody with the invited address can come in.
    #[error("no account has the invited address")]
    AccountRequired,
    /// The address is not proven.
    #[error("the account has not verified the invited address")]
    EmailNotVerifiedYet,
    /// The job can't be called off any more.
    #[error("the job has ended")]
    JobEnded,
    /// Others wait for what the job does.
    #[error("the job ends what waited for one that was called off")]
    JobNotCancellable,
    /// The job need not be wanted again.
    #[error("the job is running or done")]
    JobNotRetriable,
    /// Another job does the same.
    #[error("another job does the same")]
    JobSuperseded,
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
            Self::AlreadyMember => &code::ALREADY_MEMBER,
            Self::LastOwner => &code::LAST_OWNER,
            Self::AlreadyInvited => &code::ALREADY_INVITED,
            Self::InvitationAccepted => &code::INVITATION_ACCEPTED,
            Self::InvitationInvalid => &code::INVITATION_INVALID,
            Self::AccountRequired => &code::ACCOUNT_REQUIRED,
            Self::EmailNotVerifiedYet => &code::EMAIL_NOT_VERIFIED_YET,
            Self::JobEnded => &code::JOB_ENDED,
            Self::JobNotCancellable => &code::JOB_NOT_CANCELLABLE,
            Self::JobNotRetriable => &code::JOB_NOT_RETRIABLE,
            Self::JobSuperseded => &code::JOB_SUPERSEDED,
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
