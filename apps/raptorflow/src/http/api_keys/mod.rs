//! Keys by which programs act in a workspace. No key manages keys.

mod create;
mod list;
mod revoke;

use super::routes::Routes;

/// Adds the routes.
pub fn configure(routes: &mut Routes<'_, '_>) {
    routes.add(create::create_api_key).add(list::list_api_keys).add(revoke::revoke_api_key);
}
