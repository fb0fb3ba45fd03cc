//! `PUT /api/v1/users/{user_id}`.

use super::{PersonBody, roles};
use crate::http::{
    body::{Change, Sent},
    caller::User,
    path::PathId,
    precondition::{IfMatch, IfMatchHeader},
    reply::{Answer, Reply},
    schema::names,
};
use crate::wiring::Services;
use actix_web::{put, web};
use identity::{BanReason, PlatformRole, UserStatus, services::ChangePerson};
use kernel::UserId;
use serde::Deserialize;
use utoipa::ToSchema;
use utoipa::openapi::Object;

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct PersonChange {
    #[schema(schema_with = standings, required = false)]
    status: Option<UserStatus>,
    /// Why; needed with the status `banned`, and given with it only.
    #[schema(schema_with = reasons, required = false)]
    reason: Option<BanReason>,
    #[schema(schema_with = roles, required = false)]
    platform_role: Option<PlatformRole>,
    /// `null` takes the name away.
    #[serde(default)]
    #[schema(value_type = Option<String>, format = "display-name", required = false, max_length = 100)]
    display_name: Change<String>,
}

fn standings() -> Object {
    names([UserStatus::Active, UserStatus::Banned].map(UserStatus::name))
}

fn reasons() -> Object {
    names(BanReason::ALL.map(BanReason::name))
}

/// Change a person; what is absent stays.
///
/// A ban ends all their sessions at once and holds until the status is `active` again. Nobody bans or demotes
/// themselves, so that the platform always has an administrator.
#[utoipa::path(tag = "users", operation_id = "update_user", params(IfMatchHeader), request_body = PersonChange,
    responses((status = 200, body = PersonBody)),
    extensions(("x-access" = json!("platform_admin")), ("x-reads" = json!(["users", "profiles"])),
        ("x-writes" = json!(["users", "profiles", "sessions", "events"]))))]
#[put("/api/v1/users/{user_id}")]
pub(super) async fn update_user(
    services: web::Data<Services>,
    id: PathId<UserId>,
    expected: IfMatch,
    sent: Sent<User, PersonChange>,
) -> Answer<PersonBody> {
    let Sent { caller, body } = sent;
    let change = ChangePerson {
        status: body.status,
        reason: body.reason,
        platform_role: body.platform_role,
        display_name: body.display_name.into_option(),
    };
    let person = services.administration.change(&caller.ctx, id.0, change, expected.0).await?;
    let version = person.user.version;
    Ok(Reply::ok(person.into()).version(version))
}
