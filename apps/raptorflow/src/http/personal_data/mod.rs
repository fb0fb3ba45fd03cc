//! What a person may ask for by the law.

mod erase;
mod export;

use super::problem::Problem;
use super::routes::Routes;
use identity::IdentityError;
use serde_json::json;

/// Adds the routes.
pub fn configure(routes: &mut Routes<'_, '_>) {
    routes.add(export::export_me).add(erase::erase_me);
}

/// The problem, which names the workspaces that stand in the way.
pub(super) fn refused(error: IdentityError) -> Problem {
    let workspaces: Vec<_> = match &error {
        IdentityError::SoleOwner(owned) => {
            owned.iter().map(|owned| json!({ "id": owned.workspace_id, "name": owned.name })).collect()
        }
        _ => return error.into(),
    };
    Problem::from(error).extension("workspaces", workspaces.into())
}
