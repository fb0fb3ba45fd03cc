//! What signs and checks access tokens, as the configuration says.

use crate::config::{Config, Secrets};
use crypto::{AccessTokenSettings, EdAccessTokens, HmacAccessTokens};
use identity::ports::AccessTokens;
use kernel::Environment;
use secrecy::ExposeSecret;
use std::sync::Arc;

/// Key pairs when there are some, else the server's secret; never both.
pub(super) fn access_tokens(
    config: &Config,
    secrets: &Secrets,
    env: Environment,
) -> anyhow::Result<Arc<dyn AccessTokens>> {
    let settings = AccessTokenSettings {
        issuer: config.http.public_url.clone(),
        audience: config.http.public_url.clone(),
        lifetime: config.access_token_lifetime,
    };
    Ok(match &config.signing_keys {
        Some(keys) => Arc::new(EdAccessTokens::new(keys, settings, env)?),
        None => {
            let secret = secrets.secret_key.expose_secret().as_bytes();
            Arc::new(HmacAccessTokens::new(secret, settings, env)?)
        }
    })
}
