//! People, as administrators of the platform and colleagues see them. What is a person's own is in `auth` and `users`.

mod change;
mod erase;
mod list;
mod view;

use super::routes::Routes;
use super::schema::names;
use identity::{Person, PlatformRole, UserStatus};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa::openapi::Object;
use uuid::Uuid;

/// Adds the routes.
pub fn configure(routes: &mut Routes<'_, '_>) {
    routes.add(list::list_users).add(view::get_user).add(change::update_user).add(erase::erase_user);
}

/// All that is known of a person, but for the password.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct PersonBody {
    id: Uuid,
    email: String,
    email_verified: bool,
    /// `active`, `banned` or `deleted`.
    status: &'static str,
    /// `user` or `admin`.
    platform_role: &'static str,
    display_name: Option<String>,
    avatar_url: Option<String>,
    job_title: Option<String>,
    /// IANA name.
    time_zone: Option<String>,
    /// BCP 47 tag.
    locale: Option<String>,
    /// For `If-Match`.
    version: i32,
    #[schema(format = DateTime)]
    created_at: String,
}

impl From<Person> for PersonBody {
    fn from(Person { user, profile }: Person) -> Self {
        Self {
            id: user.id.uuid(),
            email: user.email.to_string(),
            email_verified: user.email_verified_at.is_some(),
            status: user.status.name(),
            platform_role: user.platform_role.name(),
            display_name: profile.display_name,
            avatar_url: profile.avatar_url,
            job_title: profile.job_title,
            time_zone: profile.time_zone,
            locale: profile.locale,
            version: user.version,
            created_at: user.created_at.to_string(),
        }
    }
}

fn statuses() -> Object {
    names(UserStatus::ALL.map(UserStatus::name))
}

fn roles() -> Object {
    names(PlatformRole::ALL.map(PlatformRole::name))
}
