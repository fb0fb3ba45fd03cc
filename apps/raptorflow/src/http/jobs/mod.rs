//! A workspace's background work: what waits, runs, ended and was given up.

mod change;
mod job;
mod read;

use super::routes::Routes;

/// Adds the routes.
pub fn configure(routes: &mut Routes<'_, '_>) {
    routes.add(read::list_jobs).add(read::list_dead_letters).add(change::replay_dead_letters);
    routes.add(read::read_job).add(change::retry_job).add(change::cancel_job);
}
