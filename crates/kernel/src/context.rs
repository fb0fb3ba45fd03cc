//! Who calls, and what is known of the call.

use crate::{ApiKeyId, EventId, Failure, KeyScope, StoreError, UserId, code};
use serde::{Deserialize, Serialize};
use std::net::IpAddr;
use uuid::Uuid;

/// Who acts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(tag = "kind", content = "id", rename_all = "snake_case")]
pub enum Actor {
    /// A person who has logged in.
    User(UserId),
    /// A program that acts in one workspace by an API key.
    ApiKey(ApiKeyId),
    /// Somebody who has not: sign-up, login, links from mails.
    Anonymous,
    /// RaptorFlow itself: consumers of events, schedules.
    System,
}

impl Actor {
    /// The person, when it is one.
    #[must_use]
    pub const fn user(self) -> Option<UserId> {
        match self {
            Self::User(id) => Some(id),
            Self::ApiKey(_) | Self::Anonymous | Self::System => None,
        }
    }

    /// The id of the person or key.
    #[must_use]
    pub const fn id(self) -> Option<Uuid> {
        match self {
            Self::User(id) => Some(id.uuid()),
            Self::ApiKey(id) => Some(id.uuid()),
            Self::Anonymous | Self::System => None,
        }
    }

    /// The stable name of the kind, as stored and logged.
    #[must_use]
    pub const fn kind(self) -> &'static str {
        match self {
            Self::User(_) => "user",
            Self::ApiKey(_) => "api_key",
            Self::Anonymous => "anonymous",
            Self::System => "system",
        }
    }

    /// The actor that [`Self::kind`] and [`Self::id`] describe; `None` for a pair that no actor has.
    #[must_use]
    pub fn from_parts(kind: &str, id: Option<Uuid>) -> Option<Self> {
        match (kind, id) {
            ("user", Some(id)) => Some(Self::User(id.into())),
            ("api_key", Some(id)) => Some(Self::ApiKey(id.into())),
            ("anonymous", None) => Some(Self::Anonymous),
            ("system", None) => Some(Self::System),
            _ => None,
        }
    }
}

/// Follows one request through logs, events, jobs, runs and error bodies.
///
/// 8 to 64 characters of `A-Z a-z 0-9 . _ -`: safe in headers, logs and file names.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct CorrelationId(String);

impl CorrelationId {
    /// Takes a token from outside when it is sane.
    #[must_use]
    pub fn parse(token: &str) -> Option<Self> {
        let sane = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-');
        ((8..=64).contains(&token.len()) && token.chars().all(sane)).then(|| Self(token.to_owned()))
    }

    /// Mints one of an id.
    #[must_use]
    pub fn mint(id: Uuid) -> Self {
        // Each request has one: `to_string` would go by way of a formatter.
        Self(id.hyphenated().encode_lower(&mut Uuid::encode_buffer()).to_owned())
    }

    /// The token.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Display for CorrelationId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

/// A client's promise that two requests are one: the `Idempotency-Key` header with what it is bound to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IdempotencyKey {
    /// Who sent it, where: user, workspace and route. Another caller's equal key is another key.
    pub caller: String,
    /// The header's value.
    pub key: String,
    /// Keyed hash of the request body: a body may hold a password, which a plain hash would give away.
    pub request_hash: String,
}

/// What every use case knows of the call that made it.
#[derive(Debug, Clone)]
pub struct CallContext {
    /// Who acts.
    pub actor: Actor,
    /// Follows the call everywhere.
    pub correlation_id: CorrelationId,
    /// The event that caused this call, when a consumer makes it.
    pub causation_id: Option<EventId>,
    /// The client's address, behind trusted proxies only.
    pub address: Option<IpAddr>,
    /// The client's name of itself, cut to 256 characters.
    pub user_agent: Option<String>,
    /// Present when the client asked for one effect only.
    pub idempotency: Option<IdempotencyKey>,
    /// The trace that the call is a part of, as W3C `traceparent`; what the call leaves for later goes on in it.
    pub traceparent: Option<String>,
}

impl CallContext {
    /// A call without a client behind it.
    #[must_use]
    pub const fn new(actor: Actor, correlation_id: CorrelationId) -> Self {
        Self {
            actor,
            correlation_id,
            causation_id: None,
            address: None,
            user_agent: None,
            idempotency: None,
            traceparent: None,
        }
    }
}

/// The caller is known and may not do what was asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Denied {
    /// The caller's role is too low; holds the lowest that may.
    #[error("this needs the role {}", .0.name())]
    Role(crate::Role),
    /// The API key was not given what this needs.
    #[error("this needs an API key with the scope {0}")]
    Scope(KeyScope),
    /// The caller does not administer the platform.
    #[error("this needs an administrator of the platform")]
    Administrator,
}

impl Failure for Denied {
    fn code(&self) -> &'static crate::Code {
        match self {
            Self::Role(_) | Self::Administrator => &code::FORBIDDEN,
            Self::Scope(_) => &code::INSUFFICIENT_SCOPE,
        }
    }
}

/// Why a scope was not given.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ScopeError {
    /// No such workspace, or the caller is not a member: the two answer alike.
    #[error("no such workspace for this caller")]
    NotAMember,
    /// The memberships could not be read.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Failure for ScopeError {
    fn code(&self) -> &'static crate::Code {
        match self {
            Self::NotAMember => &code::NOT_FOUND,
            Self::Store(error) => error.code(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_correlation_id_is_a_short_plain_token() {
        for good in ["a1b2c3d4", "01976f6e-1111-7abc-8def-000000000000", "req.42_x-9"] {
            assert_eq!(CorrelationId::parse(good).unwrap().as_str(), good);
        }
        for bad in ["short", "has space here", "line\nbreak-x", "ünicode-token", &"x".repeat(65)] {
            assert_eq!(CorrelationId::parse(bad), None, "{bad:?}");
        }
    }

    #[test]
    fn an_actor_comes_back_from_its_parts() {
        let id = Uuid::from_u128(7);
        for actor in [Actor::User(id.into()), Actor::ApiKey(id.into()), Actor::Anonymous, Actor::System] {
            assert_eq!(Actor::from_parts(actor.kind(), actor.id()), Some(actor));
        }
        assert_eq!(Actor::from_parts("user", None), None);
        assert_eq!(Actor::from_parts("api_key", None), None);
        assert_eq!(Actor::from_parts("system", Some(id)), None);
    }
}
