//! How many streams may be open: each holds a connection, memory and a part of every look at the store.

use super::Protocol;
use crate::http::{codes, problem::Problem};
use crate::metrics::{Metrics, OpenStream};
use kernel::{Actor, WorkspaceId};
use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// How many streams may be open in this process.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StreamLimits {
    /// All together.
    pub process: usize,
    /// In one workspace.
    pub workspace: usize,
    /// Of one person or API key.
    pub caller: usize,
    /// How long nothing is said on one, at most.
    pub silence: Duration,
}

impl Default for StreamLimits {
    fn default() -> Self {
        Self { process: 1000, workspace: 50, caller: 20, silence: Duration::from_secs(15) }
    }
}

/// After what time somebody who was refused may have a place: a client that is gone is noticed by then.
const COME_BACK: Duration = Duration::from_secs(10);

/// The places of this process.
pub struct Places {
    limits: StreamLimits,
    taken: Mutex<Taken>,
    metrics: Arc<Metrics>,
}

#[derive(Debug, Default, PartialEq, Eq)]
struct Taken {
    all: usize,
    workspaces: HashMap<WorkspaceId, usize>,
    callers: HashMap<Actor, usize>,
}

impl Places {
    /// All of them free.
    #[must_use]
    pub fn new(limits: StreamLimits, metrics: Arc<Metrics>) -> Self {
        Self { limits, taken: Mutex::default(), metrics }
    }

    /// How long nothing is said, at most.
    pub(super) const fn silence(&self) -> Duration {
        self.limits.silence
    }

    /// Takes a place until the answer is dropped. Whoever has taken all that are theirs is told before it is looked at the
    /// process: others' streams are no affair of theirs.
    pub(in crate::http) fn take(
        self: Arc<Self>,
        caller: Actor,
        workspace: WorkspaceId,
        protocol: Protocol,
    ) -> Result<Place, Problem> {
        let (limits, mut taken) = (self.limits, self.taken());
        let of_caller = taken.callers.get(&caller).copied().unwrap_or_default();
        let of_workspace = taken.workspaces.get(&workspace).copied().unwrap_or_default();
        let refused = [
            (of_caller >= limits.caller, "streams_of_caller", &codes::TOO_MANY_STREAMS),
            (of_workspace >= limits.workspace, "streams_of_workspace", &codes::TOO_MANY_STREAMS),
            (taken.all >= limits.process, "streams", &codes::OVERLOADED),
        ];
        if let Some((_, reason, code)) = refused.into_iter().find(|(is_full, ..)| *is_full) {
            self.metrics.shed(reason);
            return Err(Problem::new(code).retry_after(COME_BACK));
        }
        taken.all += 1;
        taken.workspaces.insert(workspace, of_workspace + 1);
        taken.callers.insert(caller, of_caller + 1);
        drop(taken);
        let open = self.metrics.stream_opens(protocol.name());
        Ok(Place { places: self, caller, workspace, _open: open })
    }

    fn taken(&self) -> MutexGuard<'_, Taken> {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A stream's place.
#[must_use]
pub(in crate::http) struct Place {
    places: Arc<Places>,
    caller: Actor,
    workspace: WorkspaceId,
    _open: OpenStream,
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut taken = self.places.taken();
        taken.all -= 1;
        leave(&mut taken.workspaces, self.workspace);
        leave(&mut taken.callers, self.caller);
    }
}

/// One less; what is 0 is forgotten.
fn leave<K: Hash + Eq>(counts: &mut HashMap<K, usize>, key: K) {
    if let Some(count) = counts.get_mut(&key) {
        *count -= 1;
        if *count == 0 {
            counts.remove(&key);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::ResponseError;
    use uuid::Uuid;

    fn places() -> Arc<Places> {
        let limits = StreamLimits { process: 5, workspace: 3, caller: 2, ..StreamLimits::default() };
        Arc::new(Places::new(limits, Arc::default()))
    }

    fn take(places: &Arc<Places>, caller: u128, workspace: u128) -> Result<Place, (u16, &'static str)> {
        let caller = Actor::User(Uuid::from_u128(caller).into());
        let taken = Arc::clone(places).take(caller, Uuid::from_u128(workspace).into(), Protocol::Sse);
        taken.map_err(|problem| (problem.status_code().as_u16(), problem.code().name))
    }

    #[test]
    fn a_caller_a_workspace_and_the_process_have_so_many_places_and_no_more() {
        let places = places();
        let own = Some((429, "too_many_streams"));
        let mut open = vec![take(&places, 1, 1), take(&places, 1, 2)];
        assert_eq!(take(&places, 1, 3).err(), own, "the caller's third");
        open.extend([take(&places, 2, 1), take(&places, 3, 1)]);
        assert_eq!(take(&places, 4, 1).err(), own, "the workspace's fourth");
        open.push(take(&places, 4, 2));
        assert_eq!(take(&places, 5, 5).err(), Some((503, "overloaded")), "the process's sixth");
        assert_eq!(take(&places, 1, 5).err(), own, "who has no place of their own is told that");
        assert!(open.iter().all(Result::is_ok));
        drop(open);
        assert_eq!(*places.taken(), Taken::default(), "nothing is kept of who has left");
        assert!(take(&places, 1, 1).is_ok());
    }
}
