//! Wanting dead letters again, of all workspaces and of none: for whoever operates the service, after an outage.

use super::jobs::{Replay, Revival, revive_dead};
use crate::{Result, ports::WorkspaceUow};
use kernel::{CallContext, Environment, Job, JobId, JobQueue, RelayUow, SystemScope, WorkspaceScope};
use std::sync::Arc;

/// The operator acts for no tenant; a tenant's job is revived in a unit of that tenant, where its trail tells of it.
const SCOPE: SystemScope = SystemScope::for_worker();

/// Revives dead letters, without a caller on the wire.
#[derive(Clone)]
pub struct DeadLetterService {
    /// Where they are.
    pub queue: Arc<dyn JobQueue>,
    /// Those of workspaces.
    pub workspaces: Arc<WorkspaceUow>,
    /// Those of none.
    pub platform: Arc<RelayUow>,
    /// Clock and ids.
    pub env: Environment,
}

impl DeadLetterService {
    /// Wants the oldest ones after this one again, of this kind only when there is one. Each is a unit of its own, so that
    /// one that fails takes none with it. May be cut off and repeated.
    ///
    /// # Errors
    /// The store's.
    pub async fn replay(
        &self,
        ctx: &CallContext,
        kind: Option<&str>,
        after: Option<JobId>,
    ) -> Result<Replay> {
        let mut dead = self.queue.dead_letters(&SCOPE, kind, after, Replay::AT_ONCE + 1).await?;
        let mut replay = Replay::of(&mut dead);
        for job in &dead {
            replay.note(self.revive(ctx, job).await?);
        }
        Ok(replay)
    }

    async fn revive(&self, ctx: &CallContext, job: &Job) -> Result<Revival> {
        let env = &self.env;
        match WorkspaceScope::for_job(job) {
            Some(scope) => {
                self.workspaces.run(&scope, async |tx| revive_dead(tx, env, ctx, job.id).await).await
            }
            None => self.platform.run(&SCOPE, async |tx| revive_dead(tx, env, ctx, job.id).await).await,
        }
    }
}
