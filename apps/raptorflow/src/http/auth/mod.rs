//! Getting an account and being logged in.

mod invitation;
mod jwks;
mod log_in;
mod log_out;
mod me;
mod mfa;
mod recover;
mod refresh;
mod resend;
mod sessions;
mod sign_up;
mod verify_email;

use super::routes::Routes;
use identity::{Account, services::TokenPair};
use log_in::LogInBody;
use secrecy::ExposeSecret;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

/// Adds the routes.
pub fn configure(routes: &mut Routes<'_, '_>) {
    routes
        .add(sign_up::sign_up)
        .add(verify_email::verify_email)
        .add(resend::resend_verification)
        .add(recover::forgot_password)
        .add(recover::reset_password)
        .add(log_in::log_in)
        .add(refresh::refresh)
        .add(log_out::log_out)
        .add(me::me)
        .add(sessions::list_sessions)
        .add(sessions::end_session)
        .add(jwks::jwks)
        .add(invitation::read_invitation)
        .add(invitation::accept_invitation);
    mfa::configure(routes);
}

/// Whom a mail is asked for.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct AddressRequest {
    #[schema(format = "email", max_length = 254)]
    email: String,
}

/// Nothing is told: the answer is the same whatever comes of it.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct AcceptedBody {}

/// A person's own account.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct UserBody {
    id: Uuid,
    /// As the person wrote it.
    email: String,
    /// Whether they proved that it is theirs.
    email_verified: bool,
    /// The name that colleagues see.
    display_name: Option<String>,
    #[schema(format = DateTime)]
    created_at: String,
}

impl From<Account> for UserBody {
    fn from(account: Account) -> Self {
        Self {
            id: account.id.uuid(),
            email: account.email.to_string(),
            email_verified: account.email_verified,
            display_name: account.display_name,
            created_at: account.created_at.to_string(),
        }
    }
}

/// What holds a session.
#[derive(Serialize, ToSchema)]
pub(super) struct TokensBody {
    /// For the `Authorization` header.
    access_token: String,
    /// Always `Bearer`.
    token_type: &'static str,
    /// Seconds until the access token expires.
    expires_in: u64,
    /// For the next refresh, once.
    refresh_token: String,
}

impl From<TokenPair> for TokensBody {
    fn from(pair: TokenPair) -> Self {
        Self {
            access_token: pair.access.token.expose_secret().to_owned(),
            token_type: "Bearer",
            expires_in: pair.access.expires_in.as_secs(),
            refresh_token: pair.refresh.secret().expose_secret().to_owned(),
        }
    }
}
