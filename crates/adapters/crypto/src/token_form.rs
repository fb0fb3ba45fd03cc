//! What all our access tokens have in common, whatever signs them: claims, times, and how strictly they are read.

use identity::ports::{AccessClaims, AccessToken, AccessTokenError, AccessTokens};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, TokenData, Validation, decode, encode};
use kernel::{Environment, SessionId, Timestamp, UserId};
use serde::{Deserialize, Serialize};
use std::time::Duration;
use uuid::Uuid;

/// Who issues access tokens, for whom, and for how long.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccessTokenSettings {
    /// `iss`: the public URL of this service.
    pub issuer: String,
    /// `aud`: who accepts them; this service itself.
    pub audience: String,
    /// From issue to expiry.
    pub lifetime: Duration,
}

/// The server's keys can't sign.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum UnusableSecret {
    /// Shorter than the hash of HS256 (RFC 7518 §3.2).
    #[error("the secret must have at least 32 bytes")]
    TooShort,
    /// A token made at the start was not accepted.
    #[error("signing and verifying a first token failed: {0}")]
    SelfTest(AccessTokenError),
}

/// Every claim is required: a token that lacks one is not ours.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Claims {
    iss: String,
    aud: String,
    sub: Uuid,
    sid: Uuid,
    jti: Uuid,
    iat: i64,
    nbf: i64,
    exp: i64,
}

/// The form of our tokens under one algorithm.
#[derive(Clone)]
pub(crate) struct TokenForm {
    settings: AccessTokenSettings,
    algorithm: Algorithm,
    validation: Validation,
    pub(crate) env: Environment,
}

/// Longest text that is parsed, in bytes.
pub(crate) const MAX_LENGTH: usize = 4_096;
/// How far apart the clocks of two servers may be, in seconds.
pub(crate) const LEEWAY: i64 = 10;

impl TokenForm {
    pub(crate) fn new(algorithm: Algorithm, settings: AccessTokenSettings, env: Environment) -> Self {
        let mut validation = Validation::new(algorithm);
        validation.set_issuer(&[&settings.issuer]);
        validation.set_audience(&[&settings.audience]);
        validation.set_required_spec_claims(&["exp", "nbf", "iss", "aud", "sub"]);
        // The library asks the machine for the time; `check_times` asks the clock.
        validation.validate_exp = false;
        validation.validate_nbf = false;
        Self { settings, algorithm, validation, env }
    }

    /// The header of tokens under the key of this name; the one key without a name is not named.
    pub(crate) fn header(&self, key_id: Option<&str>) -> Header {
        let (typ, kid) = (Some("at+jwt".to_owned()), key_id.map(ToOwned::to_owned));
        Header { typ, kid, ..Header::new(self.algorithm) }
    }

    pub(crate) fn claims(&self, user: UserId, session: SessionId) -> Claims {
        let now = self.env.now();
        Claims {
            iss: self.settings.issuer.clone(),
            aud: self.settings.audience.clone(),
            sub: user.uuid(),
            sid: session.uuid(),
            jti: self.env.id(),
            iat: now.seconds(),
            nbf: now.seconds(),
            exp: now.plus(self.settings.lifetime).seconds(),
        }
    }

    pub(crate) fn issue(
        &self,
        (header, key): (&Header, &EncodingKey),
        user: UserId,
        session: SessionId,
    ) -> Result<AccessToken, AccessTokenError> {
        let token = encode(header, &self.claims(user, session), key);
        let token = token.map_err(|e| AccessTokenError::Failed(e.to_string()))?;
        Ok(AccessToken { token: token.into(), expires_in: self.settings.lifetime })
    }

    /// What a token with exactly this header says, if this key signed it.
    pub(crate) fn read(
        &self,
        token: &str,
        (expected, key): (&Header, &DecodingKey),
    ) -> Result<AccessClaims, AccessTokenError> {
        check_length(token)?;
        let decoded: Result<TokenData<Claims>, _> = decode(token, key, &self.validation);
        let TokenData { header, claims } = decoded.map_err(|e| invalid(&e.to_string()))?;
        // No `jwk`, `jku`, `x5u` or `crit`, no other type and no other `kid`: we make no such headers.
        if header != *expected {
            return Err(invalid("the header is not one that we make"));
        }
        check_times(self.env.now(), claims.exp, Some(claims.nbf))?;
        let expires_at = at_seconds(claims.exp);
        Ok(AccessClaims { user: claims.sub.into(), session: claims.sid.into(), expires_at })
    }

    /// Signs and verifies one token at once, as the library finds out late whether it can.
    pub(crate) fn self_test(&self, tokens: &dyn AccessTokens) -> Result<(), UnusableSecret> {
        let (user, session) = (self.env.id(), self.env.id());
        let issued = tokens.issue(user, session).map_err(UnusableSecret::SelfTest)?;
        let text = secrecy::ExposeSecret::expose_secret(&issued.token);
        let claims = tokens.verify(text).map_err(UnusableSecret::SelfTest)?;
        let same = (claims.user, claims.session) == (user, session);
        let changed =
            || UnusableSecret::SelfTest(AccessTokenError::Failed("it came back changed".to_owned()));
        same.then_some(()).ok_or_else(changed)
    }
}

/// Refuses a text that is too long to be parsed.
pub(crate) fn check_length(token: &str) -> Result<(), AccessTokenError> {
    if token.len() > MAX_LENGTH { Err(invalid("too long")) } else { Ok(()) }
}

pub(crate) fn check_times(
    now: Timestamp,
    expires: i64,
    not_before: Option<i64>,
) -> Result<(), AccessTokenError> {
    let now = now.seconds();
    if expires <= now.saturating_sub(LEEWAY) {
        return Err(invalid("expired"));
    }
    if not_before.is_some_and(|not_before| not_before > now.saturating_add(LEEWAY)) {
        return Err(invalid("not valid yet"));
    }
    Ok(())
}

pub(crate) fn at_seconds(seconds: i64) -> Timestamp {
    Timestamp::from_micros(seconds.saturating_mul(1_000_000))
}

pub(crate) fn invalid(why: &str) -> AccessTokenError {
    AccessTokenError::Invalid(why.to_owned())
}
