//! What a person may ask for by the law.

mod export;

use super::routes::Routes;

/// Adds the routes.
pub fn configure(routes: &mut Routes<'_, '_>) {
    routes.add(export::export_me);
}
