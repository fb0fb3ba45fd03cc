//! Who runs the service: an [`Operator`], for the routes that map its inside.

use super::asking;
use super::caller::{context, gate};
use super::codes;
use super::credentials::{bad, token};
use super::header::single;
use super::problem::Problem;
use crate::config::Config;
use actix_web::dev::Payload;
use actix_web::http::header::AUTHORIZATION;
use actix_web::{FromRequest, HttpRequest};
use futures_util::future::LocalBoxFuture;
use kernel::Actor;
use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

/// Whom the operators' routes let in.
#[derive(Debug, Clone)]
pub enum OperatorAccess {
    /// Everybody: on somebody's own machine.
    Everybody,
    /// Whoever shows this token.
    Holder(SecretString),
    /// Nobody: production without a token.
    Nobody,
}

impl OperatorAccess {
    /// As configured.
    #[must_use]
    pub fn of(config: &Config) -> Self {
        match &config.operator_token {
            _ if !config.is_production() => Self::Everybody,
            Some(token) => Self::Holder(token.clone()),
            None => Self::Nobody,
        }
    }
}

/// Whoever runs the service. In production they show `OPERATOR_TOKEN`; without one there the answer is 403, with another
/// one 401. No login and no API key makes an operator.
#[derive(Debug)]
pub struct Operator;

impl FromRequest for Operator {
    type Error = Problem;
    type Future = LocalBoxFuture<'static, Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        asking::caller(request, async |request| {
            let gate = gate(request)?;
            let wanted = match &gate.operator {
                OperatorAccess::Everybody => return Ok(Self),
                OperatorAccess::Nobody => return Err(Problem::new(&codes::OPERATOR_TOKEN_NOT_SET)),
                OperatorAccess::Holder(wanted) => wanted,
            };
            let shown = single(request, AUTHORIZATION.as_str())?.and_then(token);
            if shown.is_some_and(|shown| is_same(shown, wanted)) {
                return Ok(Self);
            }
            // Guessing is limited by address, as with other credentials.
            gate.throttle.refused(request, &context(request, Actor::Anonymous)?).await?;
            let problem = Problem::new(&codes::UNAUTHENTICATED);
            Err(if shown.is_some() { bad(problem) } else { problem })
        })
    }
}

/// Compares hashes, in constant time: neither the time nor the length tells how much of a guess was right.
fn is_same(shown: &str, wanted: &SecretString) -> bool {
    let hash = |text: &str| Sha256::digest(text.as_bytes());
    hash(shown).as_slice().ct_eq(hash(wanted.expose_secret()).as_slice()).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_the_same_or_another() {
        let wanted = SecretString::from("0123456789abcdef0123456789abcdef");
        assert!(is_same("0123456789abcdef0123456789abcdef", &wanted));
        for other in ["", "0123456789abcdef0123456789abcdeg", "0123456789abcdef0123456789abcdef0"] {
            assert!(!is_same(other, &wanted), "{other:?}");
        }
    }
}
