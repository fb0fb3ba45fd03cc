//! Following a run while it is at work.

use crate::{Error, Result, ports::RunReader};
use kernel::{Area, Event, EventReader, RunId, WorkspaceScope};
use std::sync::Arc;

/// What a run tells of itself: its states and its steps are facts, written with the changes that they tell of.
#[derive(Clone)]
#[expect(missing_docs, reason = "the fields are the ports, by their types' names")]
pub struct ProgressService {
    pub runs: Arc<dyn RunReader>,
    pub events: Arc<dyn EventReader>,
}

/// What a run has told after some fact.
#[derive(Debug, Clone, PartialEq)]
pub struct Progress {
    /// Oldest first.
    pub facts: Vec<Event>,
    /// Whether nothing comes after these: the run has ended.
    pub is_over: bool,
}

impl ProgressService {
    /// How many facts are read at once.
    pub const BATCH: u32 = 100;

    /// The run's facts after this number, oldest first, at most [`Self::BATCH`].
    ///
    /// # Errors
    /// [`Error::NotFound`] for a run that is not this workspace's.
    pub async fn list_after(&self, scope: &WorkspaceScope, run: RunId, number: i64) -> Result<Progress> {
        scope.require(Area::Agents.read())?;
        // The run first: the fact of its end is in the unit that ended it, and so among what is read after this.
        let found = self.runs.find(scope, run).await?.ok_or(Error::NotFound)?;
        let facts = self.events.list_about(scope, ("agent_run", run.uuid()), number, Self::BATCH).await?;
        let is_all = facts.len() < Self::BATCH as usize;
        Ok(Progress { facts, is_over: is_all && !found.status.is_live() })
    }
}
