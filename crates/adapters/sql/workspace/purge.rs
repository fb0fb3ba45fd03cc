//! Forgetting a deleted workspace, whatever domain its rows are of.

use crate::{
    dialect,
    sql::{
        Store, Uid, schema,
        unit::{InWorkspace, Unit},
    },
};
use async_trait::async_trait;
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use kernel::{JobId, NewEvent, StoreResult, SystemScope, Tx, UnitOfWork, WorkspaceId};
use workspace::{WorkspaceStatus, ports::WorkspacePurge};

/// Deletes the workspace's rows of these tables, in this order: what refers to another row before that row.
macro_rules! forget {
    ($unit:ident, $workspace:ident; $($table:ident)*) => { $({
        let rows = schema::$table::table.filter(schema::$table::workspace_id.eq($workspace));
        let deleted = diesel::delete(rows).execute($unit.conn()?).await;
        $unit.note(deleted)?;
    })* };
}

/// How many rows one transaction deletes of a table that grows for as long as a workspace is used. All of them may take longer
/// than a statement is given, and would then never be gone; and on SQLite nobody else writes meanwhile.
const BATCH: usize = 1_000;

/// Deletes some of the workspace's rows of the first of these tables that has any; answers `true` as long as there may be more.
macro_rules! forget_some {
    ($unit:ident, $workspace:ident; $($table:ident $(but $kept:expr)?),*) => { $({
        use schema::$table::{id, table, workspace_id};
        let all = table.filter(workspace_id.eq($workspace))$(.filter(id.ne($kept)))?;
        let some = all.select(id).limit(BATCH as i64).load::<Uid>($unit.conn()?).await;
        let some = $unit.note(some)?;
        let is_all = some.len() < BATCH;
        let rows = table.filter(workspace_id.eq($workspace)).filter(id.eq_any(some));
        let deleted = diesel::delete(rows).execute($unit.conn()?).await;
        $unit.note(deleted)?;
        if !is_all {
            return Ok(true);
        }
    })* };
}

impl Unit<InWorkspace> {
    /// Deletes some of what there may be much of.
    async fn forget_some(&mut self, job: JobId) -> StoreResult<bool> {
        if !self.is_deleted().await? {
            return Ok(false);
        }
        let own = Uid::from(self.scope.0);
        forget_some! { self, own; daily_wins, moves, agent_steps, model_calls, jobs but Uid::from(job), events }
        Ok(false)
    }

    async fn is_deleted(&mut self) -> StoreResult<bool> {
        let own = self.scope.0;
        let held = dialect::hold(self.conn()?, &format!("purge of {own}")).await;
        self.note(held)?;
        let found = schema::workspaces::table
            .filter(schema::workspaces::id.eq(Uid::from(own)))
            .filter(schema::workspaces::status.eq(WorkspaceStatus::Deleted.name()))
            .count()
            .get_result::<i64>(self.conn()?)
            .await;
        Ok(self.note(found)? == 1)
    }

    async fn forget(&mut self, job: JobId) -> StoreResult<()> {
        use schema::{consumer_positions, event_streams, idempotency_records as records, jobs, workspaces};
        let own = Uid::from(self.scope.0);
        // The job that does this outlives the workspace, as nobody's.
        let let_go = diesel::update(jobs::table.find(Uid::from(job)).filter(jobs::workspace_id.eq(own)))
            .set(jobs::workspace_id.eq(None::<Uid>))
            .execute(self.conn()?)
            .await;
        self.note(let_go)?;
        forget! { self, own;
            daily_wins moves campaigns
            agent_steps agent_runs agents
            model_calls model_holds budget_months provider_keys
            onboarding_sessions context_versions business_contexts foundations icps
            api_keys budgets invitations memberships
            jobs schedules events
        }
        let stream = event_streams::table.filter(event_streams::stream_id.eq(own));
        let deleted = diesel::delete(stream).execute(self.conn()?).await;
        self.note(deleted)?;
        let positions = consumer_positions::table.filter(consumer_positions::stream_id.eq(own));
        let deleted = diesel::delete(positions).execute(self.conn()?).await;
        self.note(deleted)?;
        // Answers of requests in the workspace, of which only the caller's name tells that they were.
        let of_it = records::table.filter(records::caller.like(format!("% {} %", self.scope.0)));
        let deleted = diesel::delete(of_it).execute(self.conn()?).await;
        self.note(deleted)?;
        let deleted = diesel::delete(workspaces::table.find(own)).execute(self.conn()?).await;
        self.note(deleted).map(drop)
    }
}

#[async_trait]
impl WorkspacePurge for Store {
    async fn purge(
        &self,
        _: &SystemScope,
        workspace: WorkspaceId,
        job: JobId,
        told: NewEvent,
    ) -> StoreResult<bool> {
        let units: &dyn UnitOfWork<Unit<InWorkspace>, InWorkspace> = self;
        while units.run(&InWorkspace(workspace), async |unit| unit.forget_some(job).await).await? {}
        units
            .run(&InWorkspace(workspace), async |unit| {
                if !unit.is_deleted().await? {
                    return Ok(false);
                }
                unit.forget(job).await?;
                unit.events().append(told).await?;
                Ok(true)
            })
            .await
    }
}
