//! The second factor.

mod challenge;
mod recovery_codes;
mod totp;

use crate::http::routes::Routes;
use secrecy::{ExposeSecret, SecretString};
use serde::Serialize;
use utoipa::ToSchema;

/// Adds the routes.
pub(super) fn configure(routes: &mut Routes<'_, '_>) {
    routes
        .add(totp::enrol_totp)
        .add(totp::confirm_totp)
        .add(totp::remove_totp)
        .add(recovery_codes::replace_recovery_codes)
        .add(challenge::pass_challenge);
}

/// Codes that let their owner in without the authenticator, each once. They are shown here only.
#[derive(Serialize, ToSchema)]
struct RecoveryCodesBody {
    recovery_codes: Vec<String>,
}

impl From<Vec<SecretString>> for RecoveryCodesBody {
    fn from(codes: Vec<SecretString>) -> Self {
        Self { recovery_codes: codes.iter().map(|code| code.expose_secret().to_owned()).collect() }
    }
}
