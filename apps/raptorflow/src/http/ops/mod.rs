//! What operators and their tools ask: is it alive, is it ready, how does it do inside, which version is it.

mod detailed;
mod health;
mod metrics;
mod version;

pub use detailed::{
    AiBody, BreakerBody, Details, OutboxBody, PoolBody, QueueBody, SchemaBody, TimedCheck, WorkerBody,
};
pub use health::{Check, CheckState, HealthChecks};
pub use version::VersionBody;

use super::routes::Routes;

/// Adds the routes.
pub fn configure(routes: &mut Routes<'_, '_>) {
    routes.add(health::live).add(health::overall).add(health::ready).add(detailed::detailed);
    routes.add(metrics::metrics).add(version::version);
}
