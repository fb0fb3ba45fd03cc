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

impl Unit<InWorkspace> {
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
