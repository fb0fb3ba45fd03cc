//! Workspaces, their members, and who is invited.

mod add_member;
mod change_member;
mod create;
mod delete;
mod get;
mod invitations;
mod list;
mod members;
mod transfer;
mod update;

use super::{routes::Routes, schema::names};
use kernel::Role;
use serde::Serialize;
use utoipa::{ToSchema, openapi::schema::Object};
use uuid::Uuid;
use workspace::Workspace;

/// Adds the routes.
pub fn configure(routes: &mut Routes<'_, '_>) {
    routes
        .add(create::create_workspace)
        .add(list::list_workspaces)
        .add(get::get_workspace)
        .add(update::update_workspace)
        .add(delete::delete_workspace)
        .add(members::list_members)
        .add(add_member::add_member)
        .add(change_member::change_member)
        .add(change_member::remove_member)
        .add(transfer::transfer_ownership)
        .add(invitations::create_invitation)
        .add(invitations::list_invitations)
        .add(invitations::revoke_invitation);
}

fn roles() -> Object {
    names(Role::ALL.map(Role::name))
}

/// A workspace as one of its members sees it.
#[derive(Serialize, ToSchema)]
pub(super) struct WorkspaceBody {
    id: Uuid,
    name: String,
    /// A label for people; workspaces are addressed by id.
    slug: String,
    /// IANA name: decides where a day begins.
    time_zone: String,
    /// Preferences of clients.
    #[schema(value_type = Object)]
    settings: serde_json::Value,
    /// The caller's: `owner`, `admin` or `member`.
    role: &'static str,
    /// For `If-Match`.
    version: i32,
    #[schema(format = DateTime)]
    created_at: String,
    #[schema(format = DateTime)]
    updated_at: String,
}

impl WorkspaceBody {
    fn of(workspace: Workspace, role: Role) -> Self {
        Self {
            id: workspace.id.uuid(),
            name: workspace.name,
            slug: workspace.slug.to_string(),
            time_zone: workspace.time_zone.name().to_owned(),
            settings: workspace.settings.as_value().clone(),
            role: role.name(),
            version: workspace.version,
            created_at: workspace.created_at.to_string(),
            updated_at: workspace.updated_at.to_string(),
        }
    }
}
