//! The facts that this crate tells. Payloads hold no secret, and no address of a person: a trail outlives them.

use crate::{Decided, EndReason, Session, User};
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

/// An administrator shut somebody out. Payload: `reason`.
pub const USER_BANNED: &str = "user.banned";
/// An administrator let somebody in again. Payload: empty.
pub const USER_UNBANNED: &str = "user.unbanned";
/// An administrator changed what somebody may do on the platform. Payload: `from`, `to`.
pub const USER_PLATFORM_ROLE_CHANGED: &str = "user.platform_role_changed";
/// Something of a person has another value. Payload: `changed` (names of the fields).
pub const USER_UPDATED: &str = "user.updated";

/// Somebody took away all that is held of them. Payload: empty.
pub const USER_EXPORTED: &str = "user.exported";

/// Every type of event that this crate tells.
pub const ALL: [&str; 11] = [
    USER_SIGNED_UP,
    USER_EMAIL_VERIFIED,
    SESSION_STARTED,
    SESSION_ENDED,
    SESSION_LOGIN_FAILED,
    SESSION_TOKEN_REUSED,
    USER_BANNED,
    USER_UNBANNED,
    USER_PLATFORM_ROLE_CHANGED,
    USER_UPDATED,
    USER_EXPORTED,
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

pub(crate) fn user_exported(env: &Environment, ctx: &CallContext, user: UserId) -> NewEvent {
    about(env, ctx, USER_EXPORTED, ("user", user.uuid()), user, json!({}))
}

pub(crate) fn decided(env: &Environment, ctx: &CallContext, user: UserId, decided: Decided) -> NewEvent {
    let (event_type, payload) = match decided {
        Decided::Banned(reason) => (USER_BANNED, json!({ "reason": reason.name() })),
        Decided::Unbanned => (USER_UNBANNED, json!({})),
        Decided::Role { from, to } => {
            (USER_PLATFORM_ROLE_CHANGED, json!({ "from": from.name(), "to": to.name() }))
        }
        Decided::Renamed => (USER_UPDATED, json!({ "changed": ["display_name"] })),
    };
    about(env, ctx, event_type, ("user", user.uuid()), user, payload)
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
