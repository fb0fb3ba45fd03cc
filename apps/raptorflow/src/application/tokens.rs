//! What signs and checks access tokens, as the configuration says.

use crate::config::{Config, Secrets};
use crypto::{AccessTokenSettings, EdAccessTokens, HmacAccessTokens, SupabaseTokens};
use identity::ports::{AccessTokens, ExternalTokens};
use kernel::Environment;
use secrecy::ExposeSecret;
use std::sync::Arc;
use web::Breakers;

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

/// Those of a Supabase project, when one is configured.
pub(super) fn external_tokens(
    config: &Config,
    env: Environment,
    breakers: &Breakers,
) -> anyhow::Result<Option<Arc<dyn ExternalTokens>>> {
    let Some(project) = &config.supabase else { return Ok(None) };
    let tokens = SupabaseTokens::new(&project.url, project.secret.as_ref(), env, breakers)?;
    Ok(Some(Arc::new(tokens)))
}
