//! Following what happens in a workspace.

use crate::{Error, Result};
use kernel::{Area, Event, EventReader, WorkspaceScope};
use std::sync::Arc;

/// Reads the facts of a workspace in their order, for those who follow.
#[derive(Clone)]
pub struct EventService {
    /// The facts.
    pub events: Arc<dyn EventReader>,
}

impl EventService {
    /// How many facts are read at once.
    pub const BATCH: u32 = 100;

    /// The facts after this number, oldest first, at most [`Self::BATCH`].
    ///
    /// # Errors
    /// [`Error::Denied`] to a program without the scope; the store's.
    pub async fn list_after(&self, scope: &WorkspaceScope, number: i64) -> Result<Vec<Event>> {
        scope.require(Area::Audit.read())?;
        self.events.list_after(scope, number, Self::BATCH).await.map_err(Error::from)
    }

    /// The number of the last fact; 0 when there is none.
    ///
    /// # Errors
    /// As [`Self::list_after`].
    pub async fn last_number(&self, scope: &WorkspaceScope) -> Result<i64> {
        scope.require(Area::Audit.read())?;
        self.events.last_number(scope).await.map_err(Error::from)
    }
}
