//! Tokens that a Supabase project has issued.

mod jwks;
mod keys;
#[cfg(test)]
mod tests;

use crate::token_form::{MAX_LENGTH, at_seconds, check_times};
use async_trait::async_trait;
use identity::{
    EmailAddress, ExternalClaims, ExternalSubject, Profile,
    ports::{AccessTokenError, ExternalTokenError, ExternalTokens},
};
use jsonwebtoken::{Algorithm, DecodingKey, Header, TokenData, Validation, decode, decode_header};
use jwks::Jwk;
use kernel::Environment;
use keys::KeyCache;
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use serde_json::Value;
use web::Breakers;

/// Checks the access tokens of a Supabase project.
///
/// A token is signed either with the project's secret (HS256) or with a key pair of the project (ES256, RS256, EdDSA),
/// whose public keys are read from the one place that follows from the project's URL; nothing in a token leads to
/// another. Each key has one algorithm, so a public key is never taken for a secret.
///
/// Only people whose address is verified come in. A project tells so in `email_verified`, if a hook puts it there, or in
/// its `user_metadata`. People can change the latter themselves, so the project must give no token to an address that
/// was not confirmed, which is Supabase's setting `Confirm email`.
pub struct SupabaseTokens {
    issuer: String,
    secret: Option<DecodingKey>,
    keys: KeyCache,
    env: Environment,
}

/// The project can't be asked for its keys.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("Supabase can't be used: {0}")]
pub struct UnusableSupabase(String);

#[derive(Deserialize)]
struct Claims {
    sub: String,
    exp: i64,
    nbf: Option<i64>,
    role: String,
    email: Option<String>,
    email_verified: Option<bool>,
    #[serde(default)]
    is_anonymous: bool,
    #[serde(default)]
    user_metadata: Metadata,
    #[serde(default)]
    amr: Vec<Value>,
}

#[derive(Default, Deserialize)]
struct Metadata {
    email_verified: Option<Value>,
    full_name: Option<Value>,
}

type Verdict<T> = Result<T, ExternalTokenError>;

impl SupabaseTokens {
    /// Tokens of the project at `url`, such as `https://abc.supabase.co`, and of its secret when it has one. Its keys are
    /// read when the first token comes that needs them.
    ///
    /// # Errors
    /// [`UnusableSupabase`].
    pub fn new(
        url: &str,
        secret: Option<&SecretString>,
        env: Environment,
        breakers: &Breakers,
    ) -> Result<Self, UnusableSupabase> {
        let issuer = format!("{}/auth/v1", url.trim_end_matches('/'));
        let place = format!("{issuer}/.well-known/jwks.json");
        let keys = KeyCache::new(place, env.clone(), breakers);
        let keys = keys.map_err(|e| UnusableSupabase(e.to_string()))?;
        let secret = secret.map(|secret| DecodingKey::from_secret(secret.expose_secret().as_bytes()));
        Ok(Self { issuer, secret, keys, env })
    }

    /// The key that must have signed a token with this header, and its one algorithm.
    async fn key_of(&self, header: &Header) -> Verdict<(Algorithm, DecodingKey)> {
        if header.alg == Algorithm::HS256 {
            let secret = self.secret.clone().ok_or_else(|| invalid("no secret is configured"))?;
            return Ok((Algorithm::HS256, secret));
        }
        if !Jwk::ALGORITHMS.contains(&header.alg) {
            return Err(invalid("the algorithm is not one of the project's"));
        }
        let kid = header.kid.as_deref().ok_or_else(|| invalid("no key is named"))?;
        let key = self.keys.find(kid).await?.ok_or_else(|| invalid("no key of this name"))?;
        Ok((key.algorithm, key.decoding))
    }

    fn read(&self, claims: Claims) -> Verdict<ExternalClaims> {
        check_times(self.env.now(), claims.exp, claims.nbf).map_err(|error| match error {
            AccessTokenError::Invalid(why) | AccessTokenError::Failed(why) => {
                ExternalTokenError::Invalid(why)
            }
        })?;
        if claims.is_anonymous || claims.role != "authenticated" {
            return Err(invalid("it is nobody's"));
        }
        let in_metadata = || claims.user_metadata.email_verified == Some(Value::Bool(true));
        if !claims.email_verified.unwrap_or_else(in_metadata) {
            return Err(invalid("the address is not verified"));
        }
        let email = claims.email.as_deref().and_then(|email| EmailAddress::parse(email).ok());
        let name = claims.user_metadata.full_name.as_ref().and_then(Value::as_str);
        let times = claims.amr.iter().filter_map(|method| method["timestamp"].as_i64());
        Ok(ExternalClaims {
            subject: ExternalSubject::new(&self.issuer, &claims.sub).ok_or_else(|| invalid("no subject"))?,
            email: email.ok_or_else(|| invalid("there is no address"))?,
            display_name: Profile::parse_name(name).ok().flatten(),
            authenticated_at: times.max().map(at_seconds),
            expires_at: at_seconds(claims.exp),
        })
    }
}

#[async_trait]
impl ExternalTokens for SupabaseTokens {
    async fn verify(&self, token: &str) -> Verdict<ExternalClaims> {
        if token.len() > MAX_LENGTH {
            return Err(invalid("too long"));
        }
        let header = decode_header(token).map_err(|e| invalid(&e.to_string()))?;
        let expected = Header { typ: header.typ.clone(), kid: header.kid.clone(), ..Header::new(header.alg) };
        // No `jwk`, `jku`, `x5u` or `crit`: the project makes no such headers.
        if header != expected || header.typ.as_deref().is_some_and(|typ| typ != "JWT") {
            return Err(invalid("the header is not one that the project makes"));
        }
        let (algorithm, key) = self.key_of(&header).await?;
        let mut validation = Validation::new(algorithm);
        validation.set_issuer(&[&self.issuer]);
        validation.set_audience(&["authenticated"]);
        validation.set_required_spec_claims(&["exp", "iss", "aud", "sub"]);
        // The library asks the machine for the time; `check_times` asks the clock.
        validation.validate_exp = false;
        let decoded: Result<TokenData<Claims>, _> = decode(token, &key, &validation);
        self.read(decoded.map_err(|e| invalid(&e.to_string()))?.claims)
    }
}

fn invalid(why: &str) -> ExternalTokenError {
    ExternalTokenError::Invalid(why.to_owned())
}
