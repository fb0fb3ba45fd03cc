//! People's own secrets: keys for the services of others. What is set here is never shown again.

mod list;
mod remove;
mod set;

use super::routes::Routes;

/// Adds the routes.
pub fn configure(routes: &mut Routes<'_, '_>) {
    routes.add(list::list_secrets).add(set::set_secret).add(remove::remove_secret);
}
