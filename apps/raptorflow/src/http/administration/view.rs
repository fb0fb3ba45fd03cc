//! `GET /api/v1/users/{user_id}`.

use super::PersonBody;
use crate::http::{
    caller::User,
    path::PathId,
    reply::{Answer, Reply},
};
use crate::wiring::Services;
use actix_web::{get, web};
use identity::{PersonView, Profile};
use kernel::UserId;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

/// A person, as far as the caller may know them.
#[derive(Debug, Serialize, ToSchema)]
#[serde(untagged)]
enum ViewBody {
    /// To themselves and to administrators of the platform.
    Whole(Box<PersonBody>),
    /// To those who are in a workspace with them.
    Public(PublicProfileBody),
}

/// What colleagues see of a person. The address is in the list of a workspace's members.
#[derive(Debug, Serialize, ToSchema)]
struct PublicProfileBody {
    id: Uuid,
    display_name: Option<String>,
    avatar_url: Option<String>,
    job_title: Option<String>,
    /// IANA name.
    time_zone: Option<String>,
}

impl From<Profile> for PublicProfileBody {
    fn from(profile: Profile) -> Self {
        Self {
            id: profile.user_id.uuid(),
            display_name: profile.display_name,
            avatar_url: profile.avatar_url,
            job_title: profile.job_title,
            time_zone: profile.time_zone,
        }
    }
}

/// A person: all of them to themselves and to administrators, the public profile to colleagues.
///
/// To everybody else it is 404, as if there were no such person.
#[utoipa::path(tag = "users", operation_id = "get_user", responses((status = 200, body = ViewBody)),
    extensions(("x-access" = json!("user")),
        ("x-reads" = json!(["users", "profiles", "memberships", "workspaces"]))))]
#[get("/api/v1/users/{user_id}")]
pub(super) async fn get_user(
    services: web::Data<Services>,
    user: User,
    id: PathId<UserId>,
) -> Answer<ViewBody> {
    Ok(match services.administration.view(&user.ctx, id.0).await? {
        PersonView::Whole(person) => {
            let version = person.user.version;
            Reply::ok(ViewBody::Whole(Box::new((*person).into()))).version(version)
        }
        PersonView::Public(profile) => Reply::ok(ViewBody::Public(profile.into())),
    })
}
