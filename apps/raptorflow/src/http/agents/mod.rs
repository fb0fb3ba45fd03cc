//! The council and its runs.

mod council;
mod progress;
mod run;
mod runs;
mod socket;
mod steps;

use super::routes::Routes;
use agents::RunError;
use kernel::{Page, PageRequest};
use serde::Serialize;
use utoipa::ToSchema;

/// Adds the routes; the fixed paths before the one with an agent's id in the same place.
pub fn configure(routes: &mut Routes<'_, '_>) {
    routes.add(runs::list_runs).add(runs::read_run).add(steps::list_steps).add(progress::stream_run);
    routes.add_socket(socket::PATH, socket::follow_run);
    routes.add(council::list_agents).add(council::read_agent);
}

/// Why a run ended without a result.
#[derive(Debug, Serialize, ToSchema)]
struct RunErrorBody {
    /// A stable code, as in problems.
    code: String,
    /// A sentence for people.
    message: String,
}

impl From<RunError> for RunErrorBody {
    fn from(error: RunError) -> Self {
        Self { code: error.code, message: error.message }
    }
}

/// A page of a list that is short by nature and comes whole from its use case.
fn page_of<T, K: PartialOrd>(all: Vec<T>, asked: &PageRequest<K>, key: impl Fn(&T) -> K) -> Page<T, K> {
    let is_next = |item: &T| asked.after.as_ref().is_none_or(|after| key(item) > *after);
    Page::cut(all.into_iter().filter(is_next).collect(), asked.limit, &key)
}
