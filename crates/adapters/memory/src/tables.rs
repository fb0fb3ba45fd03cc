//! A table whose rows belong to a tenant and carry a version.

use kernel::{StoreError, StoreResult, WorkspaceId};
use std::collections::BTreeMap;

/// A row of a tenant's table.
pub(crate) trait Row: Clone {
    /// The primary key.
    type Id: Ord + Copy;
    /// The name that the SQL stores know the table by.
    const TABLE: &'static str;

    fn id(&self) -> Self::Id;
    fn workspace(&self) -> WorkspaceId;
    fn version(&self) -> i32;
}

#[derive(Clone)]
pub(crate) struct Table<R: Row>(BTreeMap<R::Id, R>);

impl<R: Row> Default for Table<R> {
    fn default() -> Self {
        Self(BTreeMap::new())
    }
}

impl<R: Row> Table<R> {
    pub(crate) fn insert(&mut self, row: &R) -> StoreResult<()> {
        if self.0.contains_key(&row.id()) {
            return Err(StoreError::Conflict(R::TABLE.to_owned()));
        }
        self.0.insert(row.id(), row.clone());
        Ok(())
    }

    pub(crate) fn find(&self, workspace: WorkspaceId, id: R::Id) -> Option<R> {
        self.0.get(&id).filter(|row| row.workspace() == workspace).cloned()
    }

    pub(crate) fn save(&mut self, workspace: WorkspaceId, row: &R, expected: i32) -> StoreResult<()> {
        let stored = self.0.get_mut(&row.id());
        let stored = stored.filter(|stored| stored.workspace() == workspace && stored.version() == expected);
        *stored.ok_or(StoreError::Stale)? = row.clone();
        Ok(())
    }

    /// The tenant's rows by id.
    pub(crate) fn of(&self, workspace: WorkspaceId) -> impl DoubleEndedIterator<Item = &R> {
        self.0.values().filter(move |row| row.workspace() == workspace)
    }

    /// Keeps the tenant's rows that `keep` likes, and all others'. Answers how many went.
    pub(crate) fn retain(&mut self, workspace: WorkspaceId, keep: impl Fn(&R) -> bool) -> usize {
        let before = self.0.len();
        self.0.retain(|_, row| row.workspace() != workspace || keep(row));
        before - self.0.len()
    }
}

/// Declares which field names are a row's key, tenant and version: `id`, `workspace_id`, `version`.
macro_rules! rows {
    ($($type:ty, $id:ty, $table:literal;)*) => { $(
        impl $crate::tables::Row for $type {
            type Id = $id;
            const TABLE: &'static str = $table;

            fn id(&self) -> $id {
                self.id
            }

            fn workspace(&self) -> kernel::WorkspaceId {
                self.workspace_id
            }

            fn version(&self) -> i32 {
                self.version
            }
        }
    )* };
}
pub(crate) use rows;
