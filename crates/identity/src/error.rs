//! What can go wrong with people, sessions and tokens.

use crate::ports::{AccessTokenError, ExternalTokenError, HashError, SoleOwnership};
use kernel::{
    CipherError, Code, Denied, ErrorKind, Failure, FieldError, FieldErrors, NoRandomness, StoreError,
};
use std::time::Duration;

kernel::codes! {
    INVALID_CREDENTIALS = "invalid_credentials", Unauthenticated,
        "The address or the password is wrong.";
    UNAUTHENTICATED = "unauthenticated", Unauthenticated,
        "The access token is missing, malformed or expired, or its session has ended; log in or refresh.";
    REFRESH_TOKEN_INVALID = "refresh_token_invalid", Unauthenticated,
        "The refresh token is unknown, used or expired, or its session has ended; log in again.";
    EMAIL_NOT_VERIFIED = "email_not_verified", Forbidden,
        "The password is right, but the address is not confirmed yet; open the link in the mail.";
    ACCOUNT_DISABLED = "account_disabled", Forbidden,
        "The password is right, but the account has been disabled.";
    FRESH_AUTHENTICATION_REQUIRED = "fresh_authentication_required", Forbidden,
        "This needs a login of the last fifteen minutes; log in again.";
    LOGIN_IS_EXTERNAL = "login_is_external", Conflict,
        "The login is another service's, which issued the access token; end it there.";
    IDENTITY_PROVIDER_AWAY = "identity_provider_away", Unavailable,
        "The service that issued the access token can't be asked for its keys; try again in a moment.";
    CURRENT_PASSWORD_WRONG = "current_password_wrong", Forbidden,
        "The current password is wrong; who has none yet asks for a reset.";
    EMAIL_TAKEN = "email_taken", Conflict,
        "The address has become another account's since the change was asked for; nothing was changed.";
    TOKEN_INVALID = "token_invalid", Malformed,
        "The link's token is unknown, expired, replaced by a newer one or used.";
    MFA_TOKEN_INVALID = "mfa_token_invalid", Unauthenticated,
        "The login that waits for its second factor is unknown, used, expired, out of tries, or the account has changed since; log in again.";
    MFA_CODE_INVALID = "mfa_code_invalid", Unauthenticated,
        "The code is wrong or was used before.";
    MFA_BLOCKED = "mfa_blocked", RateLimited,
        "Too many wrong codes were given for this account; use a recovery code, or try again later.";
    MFA_ALREADY_ENROLLED = "mfa_already_enrolled", Conflict,
        "There is a confirmed second factor already; remove it first.";
    MFA_NOT_ENROLLED = "mfa_not_enrolled", NotFound,
        "There is no second factor; enrol one first.";
    TOO_MANY_SECRETS = "too_many_secrets", Conflict,
        "You have as many secrets as anybody may have; remove one first.";
    OWN_ACCOUNT = "own_account", Conflict,
        "Nobody shuts out, demotes or erases themselves as an administrator; another administrator does.";
    SOLE_OWNER = "sole_owner", Conflict,
        "Workspaces with other members would be left without an owner; `workspaces` names them. Transfer them first.";
    LAST_ADMINISTRATOR = "last_administrator", Conflict,
        "You are the platform's last administrator; make another one first.";
    OVERLOADED = "overloaded", Unavailable,
        "The server has as much to do as it takes at once; nothing was done, try again in a moment.";
}

/// Why a use case of this crate did not do what it was asked.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum IdentityError {
    /// Fields break rules.
    #[error(transparent)]
    Invalid(#[from] FieldErrors),
    /// Unknown address or wrong password: the two answer alike.
    #[error("the address or the password is wrong")]
    InvalidCredentials,
    /// The password was right, the address is not proven.
    #[error("the address is not verified")]
    EmailNotVerified,
    /// The password was right, the person is shut out.
    #[error("the account is disabled")]
    AccountDisabled,
    /// No access token, a bad one, or one of a session that is over.
    #[error("nobody is logged in by this access token")]
    Unauthenticated,
    /// The login is too long ago for what was asked.
    #[error("this needs a fresh login")]
    FreshAuthenticationRequired,
    /// There is no session of ours: another service vouches for the person.
    #[error("the login is another service's")]
    ExternalLogin,
    /// The keys of the service that issued the access token can't be read.
    #[error("the keys of another service can't be read")]
    ProviderAway,
    /// The password that was to be changed is another one.
    #[error("the current password is wrong")]
    CurrentPasswordWrong,
    /// Somebody else was faster to prove the same address.
    #[error("the address is another account's by now")]
    EmailTaken,
    /// A refresh token that buys nothing.
    #[error("the refresh token buys nothing")]
    RefreshRefused,
    /// A mail token that allows nothing.
    #[error("the mail token allows nothing")]
    TokenInvalid,
    /// A challenge that can't be answered any more.
    #[error("no login waits for this second factor")]
    MfaTokenInvalid,
    /// The second factor was not proven.
    #[error("the code is wrong or was used before")]
    MfaCodeInvalid,
    /// Codes of this account are not looked at for so long.
    #[error("too many wrong codes were given for this account")]
    MfaBlocked(Duration),
    /// There is a confirmed second factor.
    #[error("there is a second factor already")]
    MfaAlreadyEnrolled,
    /// There is no second factor, or none that is confirmed.
    #[error("there is no second factor")]
    MfaNotEnrolled,
    /// The person has as many secrets as anybody may have.
    #[error("there are too many secrets")]
    TooManySecrets,
    /// No such person or thing, or none that the caller may know.
    #[error("there is no such thing")]
    NotFound,
    /// The caller may not.
    #[error(transparent)]
    Denied(#[from] Denied),
    /// An administrator would shut out or demote themselves.
    #[error("an administrator can't do this to their own account")]
    OwnAccount,
    /// Workspaces with other members would be left without an owner.
    #[error("workspaces with other members have no other owner")]
    SoleOwner(Vec<SoleOwnership>),
    /// The platform would be left without an administrator.
    #[error("the last administrator can't leave")]
    LastAdministrator,
    /// The password hasher has no room within its bounded wait.
    #[error("too many passwords are being hashed")]
    Overloaded,
    /// Hashing, signing or randomness failed: ours to mend.
    #[error("cryptography failed: {0}")]
    Crypto(String),
    /// The store could not do it.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Failure for IdentityError {
    fn code(&self) -> &'static Code {
        match self {
            Self::Invalid(_) => &kernel::code::INVALID,
            Self::InvalidCredentials => &INVALID_CREDENTIALS,
            Self::EmailNotVerified => &EMAIL_NOT_VERIFIED,
            Self::AccountDisabled => &ACCOUNT_DISABLED,
            Self::Unauthenticated => &UNAUTHENTICATED,
            Self::FreshAuthenticationRequired => &FRESH_AUTHENTICATION_REQUIRED,
            Self::ExternalLogin => &LOGIN_IS_EXTERNAL,
            Self::ProviderAway => &IDENTITY_PROVIDER_AWAY,
            Self::CurrentPasswordWrong => &CURRENT_PASSWORD_WRONG,
            Self::EmailTaken => &EMAIL_TAKEN,
            Self::RefreshRefused => &REFRESH_TOKEN_INVALID,
            Self::TokenInvalid => &TOKEN_INVALID,
            Self::MfaTokenInvalid => &MFA_TOKEN_INVALID,
            Self::MfaCodeInvalid => &MFA_CODE_INVALID,
            Self::MfaBlocked(_) => &MFA_BLOCKED,
            Self::MfaAlreadyEnrolled => &MFA_ALREADY_ENROLLED,
            Self::MfaNotEnrolled => &MFA_NOT_ENROLLED,
            Self::TooManySecrets => &TOO_MANY_SECRETS,
            Self::NotFound => &kernel::code::NOT_FOUND,
            Self::Denied(denied) => denied.code(),
            Self::OwnAccount => &OWN_ACCOUNT,
            Self::SoleOwner(_) => &SOLE_OWNER,
            Self::LastAdministrator => &LAST_ADMINISTRATOR,
            Self::Overloaded => &OVERLOADED,
            Self::Crypto(_) => &kernel::code::INTERNAL,
            Self::Store(error) => error.code(),
        }
    }

    fn fields(&self) -> &[FieldError] {
        match self {
            Self::Invalid(errors) => errors.as_slice(),
            _ => &[],
        }
    }

    fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::MfaBlocked(wait) => Some(*wait),
            other => (other.code().kind == ErrorKind::Unavailable).then_some(Duration::from_secs(2)),
        }
    }
}

impl From<HashError> for IdentityError {
    fn from(error: HashError) -> Self {
        match error {
            HashError::Overloaded => Self::Overloaded,
            HashError::Failed(why) => Self::Crypto(why),
        }
    }
}

impl From<CipherError> for IdentityError {
    fn from(error: CipherError) -> Self {
        Self::Crypto(error.to_string())
    }
}

impl From<NoRandomness> for IdentityError {
    fn from(error: NoRandomness) -> Self {
        Self::Crypto(error.to_string())
    }
}

impl From<AccessTokenError> for IdentityError {
    fn from(error: AccessTokenError) -> Self {
        match error {
            AccessTokenError::Invalid(_) => Self::Unauthenticated,
            AccessTokenError::Failed(why) => Self::Crypto(why),
        }
    }
}

impl From<ExternalTokenError> for IdentityError {
    fn from(error: ExternalTokenError) -> Self {
        match error {
            ExternalTokenError::Invalid(_) => Self::Unauthenticated,
            ExternalTokenError::Unavailable => Self::ProviderAway,
        }
    }
}

/// What the use cases of this crate answer.
pub type IdentityResult<T> = Result<T, IdentityError>;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_overload_says_when_to_come_back_and_a_bad_token_does_not() {
        assert!(IdentityError::Overloaded.retry_after().is_some());
        let minute = Duration::from_secs(60);
        assert_eq!(IdentityError::MfaBlocked(minute).retry_after(), Some(minute));
        assert_eq!(IdentityError::TokenInvalid.retry_after(), None);
    }

    #[test]
    fn codes_are_unique() {
        let names: std::collections::BTreeSet<_> = CODES.iter().map(|code| code.name).collect();
        assert_eq!(names.len(), CODES.len());
    }
}
