//! Wanting dead letters again, of all workspaces and of none: for whoever operates the service, after an outage.

use super::jobs::{Revival, revive_dead};
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

/// What became of some dead letters, and where to go on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Revived {
    /// So many wait again.
    pub replayed: u64,
    /// So many stayed, as a younger job does the same.
    pub superseded: u64,
    /// The last one that was looked at.
    pub last: JobId,
}

impl DeadLetterService {
    /// So many are revived in one call.
    pub const AT_ONCE: i64 = 100;

    /// Wants the oldest ones after this one again, of this kind only when there is one; `None` when there is none. Each is
    /// a unit of its own, so that one that fails takes none with it. May be cut off and repeated.
    ///
    /// # Errors
    /// The store's.
    pub async fn replay(
        &self,
        ctx: &CallContext,
        kind: Option<&str>,
        after: Option<JobId>,
    ) -> Result<Option<Revived>> {
        let dead = self.queue.dead_letters(&SCOPE, kind, after, Self::AT_ONCE).await?;
        let Some(last) = dead.last().map(|job| job.id) else { return Ok(None) };
        let mut revived = Revived { replayed: 0, superseded: 0, last };
        for job in &dead {
            match self.revive(ctx, job).await? {
                Revival::Revived => revived.replayed += 1,
                Revival::Superseded => revived.superseded += 1,
                Revival::Gone => {}
            }
        }
        Ok(Some(revived))
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
