//! The facts that this crate tells. Payloads hold no secret, and no address of a person: a trail outlives them.

use crate::{Decided, EndReason, ExternalIdentity, SecretName, Session, User};
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
/// Somebody asked for a move of their account to another address. Payload: empty.
pub const USER_EMAIL_CHANGE_REQUESTED: &str = "user.email_change_requested";
/// Somebody proved the address that their account was to move to, and it moved. Payload: empty.
pub const USER_EMAIL_CHANGED: &str = "user.email_changed";
/// Somebody who knew their password set another one. Payload: empty.
pub const USER_PASSWORD_CHANGED: &str = "user.password_changed";
/// Somebody set a password by the link in a mail. Payload: empty.
pub const USER_PASSWORD_RESET: &str = "user.password_reset";
/// Somebody logged in. Payload: empty.
pub const SESSION_STARTED: &str = "session.started";
/// A session ended before its time. Payload: `reason`.
pub const SESSION_ENDED: &str = "session.ended";
/// Somebody gave a wrong password for a known address. Payload: empty.
pub const SESSION_LOGIN_FAILED: &str = "session.login_failed";
/// A used refresh token was shown again, by the client whose address the fact has. Payload: empty.
pub const SESSION_TOKEN_REUSED: &str = "session.token_reused";
/// A login whose password was right waits for its second factor. Payload: empty.
pub const SESSION_MFA_REQUIRED: &str = "session.mfa_required";
/// Somebody who had the password gave a wrong code. Payload: empty.
pub const SESSION_MFA_FAILED: &str = "session.mfa_failed";
/// Somebody began to enrol a second factor. Payload: empty.
pub const USER_MFA_ENROLMENT_STARTED: &str = "user.mfa_enrolment_started";
/// Somebody's logins take a second factor from now on. Payload: empty.
pub const USER_MFA_ENROLLED: &str = "user.mfa_enrolled";
/// Somebody removed their second factor. Payload: empty.
pub const USER_MFA_REMOVED: &str = "user.mfa_removed";
/// Somebody had new recovery codes made. Payload: empty.
pub const USER_RECOVERY_CODES_REPLACED: &str = "user.recovery_codes_replaced";
/// Somebody used a recovery code. Payload: `left`, how many they have.
pub const USER_RECOVERY_CODE_USED: &str = "user.recovery_code_used";
/// Somebody set a secret of their own. Payload: `name`.
pub const USER_SECRET_SET: &str = "user.secret_set";
/// Somebody removed a secret of their own. Payload: `name`.
pub const USER_SECRET_REMOVED: &str = "user.secret_removed";
/// Secrets were sealed anew under the active key. Payload: `key_id`, `count`.
pub const PLATFORM_SECRETS_RESEALED: &str = "platform.secrets_resealed";

/// An administrator shut somebody out. Payload: `reason`.
pub const USER_BANNED: &str = "user.banned";
/// An administrator let somebody in again. Payload: empty.
pub const USER_UNBANNED: &str = "user.unbanned";
/// An administrator, or whoever runs the service, changed what somebody may do on the platform. Payload: `from`, `to`.
pub const USER_PLATFORM_ROLE_CHANGED: &str = "user.platform_role_changed";
/// Something of a person has another value. Payload: `changed` (names of the fields).
pub const USER_UPDATED: &str = "user.updated";

/// Somebody took away all that is held of them. Payload: empty.
pub const USER_EXPORTED: &str = "user.exported";
/// Somebody is gone: nobody can be them any more, and their erasure has begun. Payload: empty.
pub const USER_DELETED: &str = "user.deleted";
/// What was held of somebody is erased. Payload: empty.
pub const USER_ERASED: &str = "user.erased";

/// Every type of event that this crate tells.
pub const ALL: [&str; 30] = [
    USER_SIGNED_UP,
    USER_EMAIL_VERIFIED,
    USER_PROVISIONED,
    USER_IDENTITY_LINKED,
    USER_PASSWORD_REMOVED,
    USER_EMAIL_CHANGE_REQUESTED,
    USER_EMAIL_CHANGED,
    USER_PASSWORD_CHANGED,
    USER_PASSWORD_RESET,
    SESSION_STARTED,
    SESSION_ENDED,
    SESSION_LOGIN_FAILED,
    SESSION_TOKEN_REUSED,
    SESSION_MFA_REQUIRED,
    SESSION_MFA_FAILED,
    USER_MFA_ENROLMENT_STARTED,
    USER_MFA_ENROLLED,
    USER_MFA_REMOVED,
    USER_RECOVERY_CODES_REPLACED,
    USER_RECOVERY_CODE_USED,
    USER_SECRET_SET,
    USER_SECRET_REMOVED,
    USER_PLATFORM_ROLE_CHANGED,
    PLATFORM_SECRETS_RESEALED,
    USER_BANNED,
    USER_UNBANNED,
    USER_UPDATED,
    USER_EXPORTED,
    USER_DELETED,
    USER_ERASED,
];

pub(crate) fn user_signed_up(env: &Environment, ctx: &CallContext, user: &User) -> NewEvent {
    of_user(env, ctx, USER_SIGNED_UP, user.id, json!({}))
}

pub(crate) fn user_email_verified(env: &Environment, ctx: &CallContext, user: &User) -> NewEvent {
    of_user(env, ctx, USER_EMAIL_VERIFIED, user.id, json!({}))
}

pub(crate) fn user_email_change_requested(env: &Environment, ctx: &CallContext, user: &User) -> NewEvent {
    of_user(env, ctx, USER_EMAIL_CHANGE_REQUESTED, user.id, json!({}))
}

pub(crate) fn user_email_changed(env: &Environment, ctx: &CallContext, user: &User) -> NewEvent {
    of_user(env, ctx, USER_EMAIL_CHANGED, user.id, json!({}))
}

pub(crate) fn user_password_changed(env: &Environment, ctx: &CallContext, user: &User) -> NewEvent {
    of_user(env, ctx, USER_PASSWORD_CHANGED, user.id, json!({}))
}

pub(crate) fn user_password_reset(env: &Environment, ctx: &CallContext, user: &User) -> NewEvent {
    of_user(env, ctx, USER_PASSWORD_RESET, user.id, json!({}))
}

pub(crate) fn user_updated(
    env: &Environment,
    ctx: &CallContext,
    user: &User,
    changed: &[&'static str],
) -> NewEvent {
    let subject = ("user", user.id.uuid());
    about(env, ctx, USER_UPDATED, subject, user.id, json!({ "changed": changed }))
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

pub(crate) fn mfa_required(env: &Environment, ctx: &CallContext, user: UserId) -> NewEvent {
    of_user(env, ctx, SESSION_MFA_REQUIRED, user, json!({}))
}

pub(crate) fn mfa_failed(env: &Environment, ctx: &CallContext, user: UserId) -> NewEvent {
    of_user(env, ctx, SESSION_MFA_FAILED, user, json!({}))
}

pub(crate) fn mfa_enrolment_started(env: &Environment, ctx: &CallContext, user: UserId) -> NewEvent {
    of_user(env, ctx, USER_MFA_ENROLMENT_STARTED, user, json!({}))
}

pub(crate) fn mfa_enrolled(env: &Environment, ctx: &CallContext, user: UserId) -> NewEvent {
    of_user(env, ctx, USER_MFA_ENROLLED, user, json!({}))
}

pub(crate) fn mfa_removed(env: &Environment, ctx: &CallContext, user: UserId) -> NewEvent {
    of_user(env, ctx, USER_MFA_REMOVED, user, json!({}))
}

pub(crate) fn recovery_codes_replaced(env: &Environment, ctx: &CallContext, user: UserId) -> NewEvent {
    of_user(env, ctx, USER_RECOVERY_CODES_REPLACED, user, json!({}))
}

pub(crate) fn recovery_code_used(env: &Environment, ctx: &CallContext, user: UserId, left: u32) -> NewEvent {
    of_user(env, ctx, USER_RECOVERY_CODE_USED, user, json!({ "left": left }))
}

pub(crate) fn secret_set(env: &Environment, ctx: &CallContext, user: UserId, name: &SecretName) -> NewEvent {
    of_user(env, ctx, USER_SECRET_SET, user, json!({ "name": name }))
}

pub(crate) fn secret_removed(
    env: &Environment,
    ctx: &CallContext,
    user: UserId,
    name: &SecretName,
) -> NewEvent {
    of_user(env, ctx, USER_SECRET_REMOVED, user, json!({ "name": name }))
}

/// Belongs to no person and no workspace: the platform's own trail.
pub(crate) fn secrets_resealed(env: &Environment, ctx: &CallContext, key_id: &str, count: u64) -> NewEvent {
    let payload = json!({ "key_id": key_id, "count": count });
    NewEvent::new(env, ctx, PLATFORM_SECRETS_RESEALED, ("platform", uuid::Uuid::nil()), payload)
}

pub(crate) fn user_exported(env: &Environment, ctx: &CallContext, user: UserId) -> NewEvent {
    about(env, ctx, USER_EXPORTED, ("user", user.uuid()), user, json!({}))
}

pub(crate) fn user_deleted(env: &Environment, ctx: &CallContext, user: UserId) -> NewEvent {
    of_user(env, ctx, USER_DELETED, user, json!({}))
}

pub(crate) fn user_erased(env: &Environment, ctx: &CallContext, user: UserId) -> NewEvent {
    of_user(env, ctx, USER_ERASED, user, json!({}))
}

fn of_user(
    env: &Environment,
    ctx: &CallContext,
    event_type: &'static str,
    user: UserId,
    payload: serde_json::Value,
) -> NewEvent {
    about(env, ctx, event_type, ("user", user.uuid()), user, payload)
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
