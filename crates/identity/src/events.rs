//! The facts that this crate tells. Payloads hold no secret, and no address of a person: a trail outlives them.

use crate::{EndReason, Session, User};
use kernel::{CallContext, Environment, NewEvent, SessionId, UserId};
use serde_json::json;

/// Somebody made an account. Payload: empty.
pub const USER_SIGNED_UP: &str = "user.signed_up";
/// Somebody proved that their address is theirs. Payload: empty.
pub const USER_EMAIL_VERIFIED: &str = "user.email_verified";
/// Somebody logged in. Payload: empty.
pub const SESSION_STARTED: &str = "session.started";
/// A session ended before its time. Payload: `reason`.
pub const SESSION_ENDED: &str = "session.ended";
/// Somebody gave a wrong password for a known address. Payload: empty.
pub const SESSION_LOGIN_FAILED: &str = "session.login_failed";
/// A used refresh token was shown again, by the client whose address the fact has. Payload: empty.
pub const SESSION_TOKEN_REUSED: &str = "session.token_reused";

/// Every type of event that this crate tells.
pub const ALL: [&str; 6] = [
    USER_SIGNED_UP,
    USER_EMAIL_VERIFIED,
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
