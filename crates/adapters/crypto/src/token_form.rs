//! What all our access tokens have in common, whatever signs them: claims, times, and how strictly they are read.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use identity::ports::{AccessClaims, AccessToken, AccessTokenError, AccessTokens};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, crypto, decode_header, encode};
use kernel::{Environment, SessionId, Timestamp, UserId};
use serde::{Deserialize, Serialize};
use std::{borrow::Cow, time::Duration};
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
pub(crate) struct Claims<'a> {
    #[serde(borrow)]
    iss: Cow<'a, str>,
    #[serde(borrow)]
    aud: Cow<'a, str>,
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
    pub(crate) env: Environment,
}

/// A header of our own, and how it is written.
#[derive(Clone)]
pub(crate) struct OwnHeader {
    header: Header,
    text: String,
}

impl OwnHeader {
    /// Whether a token has exactly this header: no `jwk`, `jku`, `x5u` or `crit`, no other type, algorithm or `kid`, as we make
    /// no such headers. One that was written otherwise, by another version of ours, is read before it is compared.
    fn is_of(&self, token: &str, header: &str) -> Result<(), AccessTokenError> {
        if header == self.text {
            return Ok(());
        }
        let read = decode_header(token).map_err(|e| invalid(&e.to_string()))?;
        if read == self.header { Ok(()) } else { Err(invalid("the header is not one that we make")) }
    }
}

/// Longest text that is parsed, in bytes.
pub(crate) const MAX_LENGTH: usize = 4_096;
/// How far apart the clocks of two servers may be, in seconds.
pub(crate) const LEEWAY: i64 = 10;

impl TokenForm {
    pub(crate) fn new(algorithm: Algorithm, settings: AccessTokenSettings, env: Environment) -> Self {
        Self { settings, algorithm, env }
    }

    /// The header of tokens under the key of this name; the one key without a name is not named.
    pub(crate) fn header(&self, key_id: Option<&str>) -> OwnHeader {
        let (typ, kid) = (Some("at+jwt".to_owned()), key_id.map(ToOwned::to_owned));
        let header = Header { typ, kid, ..Header::new(self.algorithm) };
        // Without a text every header is read.
        let text = serde_json::to_vec(&header).map(|json| URL_SAFE_NO_PAD.encode(json)).unwrap_or_default();
        OwnHeader { header, text }
    }

    pub(crate) fn claims(&self, user: UserId, session: SessionId) -> Claims<'_> {
        let now = self.env.now();
        Claims {
            iss: Cow::Borrowed(&self.settings.issuer),
            aud: Cow::Borrowed(&self.settings.audience),
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
        (own, key): (&OwnHeader, &EncodingKey),
        user: UserId,
        session: SessionId,
    ) -> Result<AccessToken, AccessTokenError> {
        let token = encode(&own.header, &self.claims(user, session), key);
        let token = token.map_err(|e| AccessTokenError::Failed(e.to_string()))?;
        Ok(AccessToken { token: token.into(), expires_in: self.settings.lifetime })
    }

    /// What a token with exactly this header says, if this key signed it (RFC 7515 §5.2, RFC 7519 §7.2).
    ///
    /// The library's own `decode` reads the header before the signature is checked and the claims twice, which is most of
    /// what a request's authentication costs.
    pub(crate) fn read(
        &self,
        token: &str,
        (own, key): (&OwnHeader, &DecodingKey),
    ) -> Result<AccessClaims, AccessTokenError> {
        check_length(token)?;
        let parts = token.rsplit_once('.');
        let parts = parts.and_then(|(signed, signature)| Some((signed, signed.split_once('.')?, signature)));
        let (signed, (header, claims), signature) = parts.ok_or_else(|| invalid("not three parts"))?;
        own.is_of(token, header)?;
        let is_ours = crypto::verify(signature, signed.as_bytes(), key, self.algorithm);
        if !is_ours.map_err(|e| invalid(&e.to_string()))? {
            return Err(invalid("the signature is not ours"));
        }
        let claims = URL_SAFE_NO_PAD.decode(claims).map_err(|e| invalid(&e.to_string()))?;
        let claims: Claims<'_> = serde_json::from_slice(&claims).map_err(|e| invalid(&e.to_string()))?;
        if claims.iss != self.settings.issuer || claims.aud != self.settings.audience {
            return Err(invalid("issued by or for somebody else"));
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
