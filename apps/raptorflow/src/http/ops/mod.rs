//! What operators and their tools ask: is it alive, is it ready, which version is it.

mod health;
mod version;

pub use health::{Check, CheckState, HealthChecks};
pub use version::VersionBody;

use super::routes::Routes;

/// Adds the routes.
pub fn configure(routes: &mut Routes<'_, '_>) {
    routes.add(health::live).add(health::overall).add(health::ready).add(version::version);
}
