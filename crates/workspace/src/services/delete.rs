//! The owner gives a workspace up.

use super::{PURGE_WORKSPACE, WorkspaceService};
use crate::{
    Error, Result, events,
    model::{Workspace, WorkspaceInput},
    ports::WorkspaceTx,
};
use kernel::{Area, CallContext, Environment, NewJob, Role, StoreError, WorkspaceScope};
use serde_json::json;
use std::time::Duration;

/// How long a deleted workspace's rows wait to be purged.
pub const PURGED_AFTER: Duration = Duration::from_secs(30 * 24 * 60 * 60);

impl WorkspaceService {
    /// Deletes the workspace when it has the version that the caller saw. For everybody it is gone at once, and so are
    /// its keys; its rows are purged by a job after [`PURGED_AFTER`].
    ///
    /// # Errors
    /// [`Error::Denied`] below owner and for keys; a `Stale` store error for another version; [`Error::NotFound`] when it
    /// was deleted since the scope was given.
    pub async fn delete(
        &self,
        ctx: &CallContext,
        scope: &WorkspaceScope,
        expected: Option<i32>,
    ) -> Result<()> {
        scope.require(Area::Workspaces.write().by(Role::Owner))?;
        self.uow
            .run(scope, async |tx| {
                let workspace = tx.workspaces().find().await?.ok_or(Error::NotFound)?;
                if expected.is_some_and(|expected| expected != workspace.version) {
                    return Err(StoreError::Stale.into());
                }
                give_up(tx, &self.env, ctx, workspace).await
            })
            .await
    }
}

/// Deletes the unit's workspace, tells of it and has it purged later.
pub(super) async fn give_up(
    tx: &mut (dyn WorkspaceTx + 'static),
    env: &Environment,
    ctx: &CallContext,
    mut workspace: Workspace,
) -> Result<()> {
    let (seen, now) = (workspace.version, env.now());
    workspace.status = workspace.status.transition(WorkspaceInput::Delete).ok_or(Error::NotFound)?;
    workspace.version = seen + 1;
    workspace.updated_at = now;
    tx.workspaces().save(&workspace, seen).await?;
    tx.events().append(events::deleted(env, ctx, &workspace)).await?;
    tx.schedules().remove_all().await?;
    let purge = NewJob::new(env, ctx, PURGE_WORKSPACE, json!({}));
    tx.jobs().enqueue(NewJob { run_at: now.plus(PURGED_AFTER), ..purge }).await?;
    Ok(())
}
