//! `GET` and `PUT /api/v1/users/me`.

use crate::http::{
    body::{Change, Sent},
    caller::User,
    precondition::{IfMatch, IfMatchHeader},
    reply::{Answer, Reply},
};
use crate::wiring::Services;
use actix_web::{get, put, web};
use identity::{Person, services::UpdateProfile};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

/// A person's account and profile.
#[derive(Serialize, ToSchema)]
#[schema(as = Profile)]
struct ProfileBody {
    id: Uuid,
    /// As the person wrote it.
    email: String,
    /// Whether they proved that it is theirs.
    email_verified: bool,
    /// The name that colleagues see.
    display_name: Option<String>,
    /// IANA name.
    time_zone: Option<String>,
    /// BCP 47 tag.
    locale: Option<String>,
    /// What the person does in their company.
    job_title: Option<String>,
    /// Where their picture is.
    avatar_url: Option<String>,
    /// For `If-Match`; also the `ETag`. Counts changes of the account, such as of its password, too.
    version: i32,
    #[schema(format = DateTime)]
    created_at: String,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct ProfileChange {
    /// At most 100 characters; an empty name is none.
    #[serde(default)]
    #[schema(value_type = Option<String>, format = "display-name", required = false, max_length = 100)]
    display_name: Change<String>,
    /// An IANA name such as `Asia/Kolkata`.
    #[serde(default)]
    #[schema(value_type = Option<String>, format = "time-zone", required = false, max_length = 64)]
    time_zone: Change<String>,
    /// A BCP 47 language tag such as `en-IN`.
    #[serde(default)]
    #[schema(value_type = Option<String>, format = "language", required = false, max_length = 64)]
    locale: Change<String>,
    /// At most 100 characters; an empty title is none.
    #[serde(default)]
    #[schema(value_type = Option<String>, format = "job-title", required = false, max_length = 100)]
    job_title: Change<String>,
    /// An https URL.
    #[serde(default)]
    #[schema(value_type = Option<String>, format = "picture", required = false, max_length = 2048)]
    avatar_url: Change<String>,
}

/// My account and profile.
#[utoipa::path(tag = "users", operation_id = "get_me", responses((status = 200, body = ProfileBody)),
    extensions(("x-access" = json!("user")), ("x-reads" = json!(["users", "profiles"]))))]
#[get("/api/v1/users/me")]
pub(super) async fn get_me(services: web::Data<Services>, user: User) -> Answer<ProfileBody> {
    Ok(reply(services.accounts.me(&user.ctx).await?))
}

/// Change my profile; what is absent stays, `null` clears.
#[utoipa::path(tag = "users", operation_id = "update_me", params(IfMatchHeader), request_body = ProfileChange,
    responses((status = 200, body = ProfileBody)),
    extensions(("x-access" = json!("user")), ("x-reads" = json!(["users", "profiles"])),
        ("x-writes" = json!(["users", "profiles", "events"]))))]
#[put("/api/v1/users/me")]
pub(super) async fn update_me(
    services: web::Data<Services>,
    expected: IfMatch,
    sent: Sent<User, ProfileChange>,
) -> Answer<ProfileBody> {
    let Sent { caller, body } = sent;
    let change = UpdateProfile {
        display_name: body.display_name.into_option(),
        time_zone: body.time_zone.into_option(),
        locale: body.locale.into_option(),
        job_title: body.job_title.into_option(),
        avatar_url: body.avatar_url.into_option(),
    };
    let person = services.accounts.update_profile(&caller.ctx, &caller.scope, change, expected.0).await?;
    Ok(reply(person))
}

fn reply(Person { user, profile }: Person) -> Reply<ProfileBody> {
    let version = user.version;
    let body = ProfileBody {
        id: user.id.uuid(),
        email: user.email.to_string(),
        email_verified: user.email_verified_at.is_some(),
        display_name: profile.display_name,
        time_zone: profile.time_zone,
        locale: profile.locale,
        job_title: profile.job_title,
        avatar_url: profile.avatar_url,
        version,
        created_at: user.created_at.to_string(),
    };
    Reply::ok(body).version(version)
}
