//! A workspace's own jobs.

use super::Row;
use crate::{
    dialect,
    sql::{Store, TenantUnit, Time, Uid, schema::jobs},
};
use async_trait::async_trait;
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use kernel::{
    Job, JobFilter, JobId, JobReader, JobRepository, JobState, Page, PageRequest, StoreResult, WorkspaceScope,
};

#[async_trait]
impl JobRepository for TenantUnit {
    async fn find(&mut self, id: JobId) -> StoreResult<Option<Job>> {
        let one = jobs::table
            .filter(jobs::workspace_id.eq(self.workspace()))
            .filter(jobs::id.eq(Uid::from(id)))
            .select(Row::as_select());
        let found = dialect::held!(one).first::<Row>(self.conn()?).await.optional();
        self.note(found)?.map(Job::try_from).transpose()
    }

    async fn dead_letters(&mut self, kind: Option<&str>, most: i64) -> StoreResult<Vec<Job>> {
        let dead = jobs::table
            .filter(jobs::workspace_id.eq(self.workspace()))
            .filter(jobs::state.eq(JobState::Failed.name()));
        let rows = match kind {
            Some(kind) => {
                let of_kind = dead.filter(jobs::kind.eq(kind.to_owned()));
                let oldest = of_kind.order(jobs::id).limit(most).select(Row::as_select());
                dialect::held!(oldest).load::<Row>(self.conn()?).await
            }
            None => {
                let oldest = dead.order(jobs::id).limit(most).select(Row::as_select());
                dialect::held!(oldest).load::<Row>(self.conn()?).await
            }
        };
        self.note(rows)?.into_iter().map(Job::try_from).collect()
    }

    async fn has_twin(&mut self, job: &Job) -> StoreResult<bool> {
        let Some(key) = job.dedup_key.clone() else { return Ok(false) };
        let twins = jobs::table
            .filter(jobs::workspace_id.eq(self.workspace()))
            .filter(jobs::kind.eq(job.kind.clone()))
            .filter(jobs::dedup_key.eq(key))
            .filter(jobs::state.eq_any([JobState::Queued.name(), JobState::Running.name()]))
            .filter(jobs::id.ne(Uid::from(job.id)))
            .count()
            .get_result::<i64>(self.conn()?)
            .await;
        Ok(self.note(twins)? > 0)
    }

    async fn save(&mut self, job: &Job) -> StoreResult<()> {
        let stored = jobs::table
            .filter(jobs::workspace_id.eq(self.workspace()))
            .filter(jobs::id.eq(Uid::from(job.id)));
        let values = (
            jobs::state.eq(job.state.name()),
            jobs::run_at.eq(Time(job.run_at)),
            jobs::turn.eq(Time(job.turn)),
            jobs::attempts.eq(job.attempts),
            jobs::lease_until.eq(job.lease_until.map(Time)),
            jobs::worker.eq(job.worker.clone()),
            jobs::finished_at.eq(job.finished_at.map(Time)),
        );
        let saved = diesel::update(stored).set(values).execute(self.conn()?).await;
        self.note(saved).map(drop)
    }
}

#[async_trait]
impl JobReader for Store {
    async fn find(&self, scope: &WorkspaceScope, id: JobId) -> StoreResult<Option<Job>> {
        let query = jobs::table
            .filter(jobs::workspace_id.eq(Uid::from(scope.workspace())))
            .filter(jobs::id.eq(Uid::from(id)))
            .select(Row::as_select());
        let rows: Vec<Row> = self.read(scope, query).await?;
        rows.into_iter().next().map(Job::try_from).transpose()
    }

    async fn page(
        &self,
        scope: &WorkspaceScope,
        filter: &JobFilter,
        request: &PageRequest,
    ) -> StoreResult<Page<Job>> {
        let mut query = jobs::table
            .filter(jobs::workspace_id.eq(Uid::from(scope.workspace())))
            .order(jobs::id.desc())
            .limit(i64::from(request.limit.get()) + 1)
            .select(Row::as_select())
            .into_boxed();
        if let Some(state) = filter.state {
            query = query.filter(jobs::state.eq(state.name()));
        }
        if let Some(kind) = &filter.kind {
            query = query.filter(jobs::kind.eq(kind.clone()));
        }
        if let Some(after) = request.after {
            query = query.filter(jobs::id.lt(Uid(after)));
        }
        let rows: Vec<Row> = self.read(scope, query).await?;
        let jobs = rows.into_iter().map(Job::try_from).collect::<StoreResult<Vec<_>>>()?;
        Ok(Page::cut(jobs, request.limit, |job| job.id.uuid()))
    }
}
