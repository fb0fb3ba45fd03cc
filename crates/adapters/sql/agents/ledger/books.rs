//! Entries of one workspace that come while others are being written are written next, together: one transaction and one
//! commit for as many as wait, instead of a queue for the month's row.
//!
//! ```text
//!   hold ──┐                 ┌─ nobody writes for this workspace: a task begins to
//!          ├─▶ waiting ──────┤
//!   settle ┘                 └─ else it takes them with its next transaction ──▶ each caller's own outcome
//! ```

use super::Store;
use crate::{
    dialect,
    sql::{TenantUnit, Written},
};
use agents::dispatch::{Held, Hold, ModelCall};
use kernel::{PicoUsd, StoreError, StoreResult, UnitOfWork, WorkspaceId, WorkspaceScope};
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};
use tokio::{sync::oneshot, task::yield_now};

/// So many are written at once, so that nobody waits for long, and no one transaction holds the month for long.
const AT_ONCE: usize = 64;

/// What is to be written.
#[derive(Debug)]
pub(super) enum Entry {
    Hold(Box<Hold>, Option<PicoUsd>),
    Settle(Box<ModelCall>),
}

struct Waiting {
    scope: WorkspaceScope,
    entry: Entry,
    /// A settled call has always had room.
    reply: oneshot::Sender<StoreResult<Held>>,
}

/// Entries that wait, by their workspaces: those that somebody is writing for.
#[derive(Clone, Default)]
pub(crate) struct Books(Arc<Mutex<HashMap<WorkspaceId, Vec<Waiting>>>>);

impl Books {
    fn of(&self) -> std::sync::MutexGuard<'_, HashMap<WorkspaceId, Vec<Waiting>>> {
        // Whoever panicked left whole entries.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// `Some` for the first one, who has to write.
    fn join(&self, waiting: Waiting) -> Option<Writer> {
        let workspace = waiting.scope.workspace();
        let mut all = self.of();
        let is_first = !all.contains_key(&workspace);
        all.entry(workspace).or_default().push(waiting);
        is_first.then(|| Writer { books: self.clone(), workspace, is_done: false })
    }
}

/// Writes for a workspace until nobody waits. Dropped before that, as its runtime ends, it leaves nobody waiting.
struct Writer {
    books: Books,
    workspace: WorkspaceId,
    is_done: bool,
}

impl Writer {
    /// The next ones; none once nobody waits, and then others begin anew.
    fn next(&mut self) -> Vec<Waiting> {
        let mut all = self.books.of();
        let Some(waiting) = all.get_mut(&self.workspace) else { return Vec::new() };
        if waiting.is_empty() {
            all.remove(&self.workspace);
            self.is_done = true;
            return Vec::new();
        }
        let rest = waiting.split_off(waiting.len().min(AT_ONCE));
        std::mem::replace(waiting, rest)
    }

    fn others_wait(&self) -> bool {
        self.books.of().get(&self.workspace).is_some_and(|waiting| !waiting.is_empty())
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        if !self.is_done {
            self.books.of().remove(&self.workspace);
        }
    }
}

fn refuse(waiting: impl IntoIterator<Item = Waiting>, error: &StoreError) {
    for one in waiting {
        let _ = one.reply.send(Err(error.clone()));
    }
}

impl Store {
    /// Has the entry written, with those of others.
    pub(super) async fn book(&self, scope: &WorkspaceScope, entry: Entry) -> StoreResult<Held> {
        let (reply, outcome) = oneshot::channel();
        if let Some(writer) = self.books.join(Waiting { scope: *scope, entry, reply }) {
            let store = self.clone();
            // Whoever began it may go away, and others wait for it.
            dialect::work_behind(async move { store.write_for(writer).await });
        }
        outcome.await.unwrap_or_else(|_| Err(StoreError::Unavailable("the runtime ends".to_owned())))
    }

    async fn write_for(&self, mut writer: Writer) {
        loop {
            let waiting = writer.next();
            match waiting.len() {
                0 => return,
                1 => self.write_each(waiting).await,
                _ => self.write_all(waiting).await,
            }
            if writer.others_wait() {
                // Not at the first one's expense, who may be doing this itself.
                yield_now().await;
            }
        }
    }

    async fn write_all(&self, waiting: Vec<Waiting>) {
        let Some(first) = waiting.first() else { return };
        let entries: Vec<&Entry> = waiting.iter().map(|one| &one.entry).collect();
        match self.write_together(&first.scope, &entries).await {
            Ok(outcomes) => {
                for (one, outcome) in waiting.into_iter().zip(outcomes) {
                    // Who has gone away asks no more.
                    let _ = one.reply.send(Ok(outcome));
                }
            }
            // Nobody waits for a database that is away as often as others have waited before.
            Err(error @ StoreError::Unavailable(_)) => refuse(waiting, &error),
            // One of them is wrong: what the others say must not depend on it.
            Err(error) => {
                tracing::debug!(%error, "entries of the ledger are written one by one");
                self.write_each(waiting).await;
            }
        }
    }

    async fn write_each(&self, waiting: Vec<Waiting>) {
        let mut waiting = waiting.into_iter();
        while let Some(one) = waiting.next() {
            let outcome = self.write_together(&one.scope, &[&one.entry]).await;
            if let Err(error @ StoreError::Unavailable(_)) = &outcome {
                refuse(waiting.by_ref(), error);
            }
            let outcome = outcome.map(|outcomes| outcomes.into_iter().next().unwrap_or(Held::Yes));
            let _ = one.reply.send(outcome);
        }
    }

    /// Outcomes in the order of the entries.
    async fn write_together(&self, scope: &WorkspaceScope, entries: &[&Entry]) -> StoreResult<Vec<Held>> {
        // A call is as short-lived as its process: what a machine forgets that loses its power, it forgets with the call. What
        // a call cost is on the disk as soon as the next commit is that waits for it, and within the database's own time.
        let store = Written(self);
        let units: &dyn UnitOfWork<TenantUnit, WorkspaceScope> = &store;
        units.run(scope, async |unit| unit.write_entries(entries).await).await
    }
}
