//! What happens in a workspace, as it happens.

mod socket;
mod stream;

use super::routes::Routes;

/// Adds the routes.
pub fn configure(routes: &mut Routes<'_, '_>) {
    routes.add(stream::stream_events).add_socket(socket::PATH, socket::follow_events);
}
