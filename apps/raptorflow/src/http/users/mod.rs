//! What a person tells of themselves and proves who they are by.

mod credentials;
mod me;

use super::routes::Routes;

/// Adds the routes.
pub fn configure(routes: &mut Routes<'_, '_>) {
    routes
        .add(me::get_me)
        .add(me::update_me)
        .add(credentials::change_password)
        .add(credentials::change_email);
}
