//! The facts that this crate tells. Payloads hold no secret, and no address of a person: a trail outlives them.

use crate::{EndReason, ExternalIdentity, Session, User};
use kernel::{CallContext, Environment, NewEvent, SessionId, UserId};
use serde_json::json;

/// Somebody made an account. Payload: empty.
pub const USER_SIGNED_UP: &str = "user.signed_up";
/// Somebody proved that their address is theirs. Payload: empty.
pub const USER_EMAIL_VERIFIED: &str = "user.email_verified";
/// Somebody came in by another service's word for the first time, and got an account. Payload: empty.
pub const USER_PROVISIONED: &str = "user.provisioned";
/// An account is somebody's of another service from now on. Payload: `issuer`.
pub const USER_IDENTITY_LINKED: &str = "user.identity_linked";
/// A password works no longer, as whoever chose it never proved the address. Payload: empty.
pub const USER_PASSWORD_REMOVED: &str = "user.password_removed";
/// Somebody logged in. Payload: empty.
pub const SESSION_STARTED: &str = "session.started";
/// A session ended before its time. Payload: `reason`.
pub const SESSION_ENDED: &str = "session.ended";
/// Somebody gave a wrong password for a known address. Payload: empty.
pub const SESSION_LOGIN_FAILED: &str = "session.login_failed";
/// A used refresh token was shown again, by the client whose address the fact has. Payload: empty.
pub const SESSION_TOKEN_REUSED: &str = "session.token_reused";

/// Every type of event that this crate tells.
pub const ALL: [&str; 9] = [
    USER_SIGNED_UP,
    USER_EMAIL_VERIFIED,
    USER_PROVISIONED,
    USER_IDENTITY_LINKED,
    USER_PASSWORD_REMOVED,
    SESSION_STARTED,
    SESSION_ENDED,
    SESSION_LOGIN_FAILED,
    SESSION_TOKEN_REUSED,
];

pub(crate) fn user_signed_up(env: &Environment, ctx: &CallContext, user: &User) -> NewEvent {
    about(env, ctx, USER_SIGNED_UP, ("user", user.id.uuid()), user.id, json!({}))
}

pub(crate) fn user_email_verified(env: &Environment, ctx: &CallContext, user: &User) -> NewEvent {
    about(env, ctx, USER_EMAIL_VERIFIED, ("user", user.id.uuid()), user.id, json!({}))
}

pub(crate) fn user_provisioned(env: &Environment, ctx: &CallContext, user: &User) -> NewEvent {
    about(env, ctx, USER_PROVISIONED, ("user", user.id.uuid()), user.id, json!({}))
}

pub(crate) fn user_identity_linked(
    env: &Environment,
    ctx: &CallContext,
    identity: &ExternalIdentity,
) -> NewEvent {
    let (user, payload) = (identity.user_id, json!({ "issuer": identity.subject.issuer }));
    about(env, ctx, USER_IDENTITY_LINKED, ("user", user.uuid()), user, payload)
}

pub(crate) fn user_password_removed(env: &Environment, ctx: &CallContext, user: &User) -> NewEvent {
    about(env, ctx, USER_PASSWORD_REMOVED, ("user", user.id.uuid()), user.id, json!({}))
}

pub(crate) fn session_started(env: &Environment, ctx: &CallContext, session: &Session) -> NewEvent {
    about(env, ctx, SESSION_STARTED, ("session", session.id.uuid()), session.user_id, json!({}))
}

pub(crate) fn session_ended(
    env: &Environment,
    ctx: &CallContext,
    (session, user): (SessionId, UserId),
    reason: EndReason,
) -> NewEvent {
    about(env, ctx, SESSION_ENDED, ("session", session.uuid()), user, json!({ "reason": reason.name() }))
}

pub(crate) fn session_token_reused(
    env: &Environment,
    ctx: &CallContext,
    (session, user): (SessionId, UserId),
) -> NewEvent {
    about(env, ctx, SESSION_TOKEN_REUSED, ("session", session.uuid()), user, json!({}))
}

pub(crate) fn session_login_failed(env: &Environment, ctx: &CallContext, user: UserId) -> NewEvent {
    about(env, ctx, SESSION_LOGIN_FAILED, ("user", user.uuid()), user, json!({}))
}

fn about(
    env: &Environment,
    ctx: &CallContext,
    event_type: &'static str,
    subject: (&'static str, uuid::Uuid),
    user: UserId,
    payload: serde_json::Value,
) -> NewEvent {
    NewEvent::new(env, ctx, event_type, subject, payload).about_user(user)
}
