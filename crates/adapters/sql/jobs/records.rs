//! A workspace's own jobs, and those of none.

use super::{Row, Waiting};
use crate::{
    dialect,
    sql::{
        Id, Store, Time, Uid, add_readable, readable,
        schema::jobs,
        unit::{Scope, Unit},
    },
};
use async_trait::async_trait;
use diesel::{dsl::sql, prelude::*, sql_types::Bool};
use diesel_async::RunQueryDsl;
use kernel::{
    Job, JobFilter, JobId, JobReader, JobRepository, JobTx, Page, PageRequest, StoreResult, Timestamp,
    WorkspaceScope,
};

#[async_trait]
impl<S: Scope> JobRepository for Unit<S> {
    async fn find(&mut self, id: JobId) -> StoreResult<Option<Job>> {
        let tenant = Uid(self.scope.tenant().unwrap_or_default());
        let one = jobs::table
            .filter(sql::<Bool>(dialect::JOB_OF).bind::<Id, _>(tenant))
            .filter(jobs::id.eq(Uid::from(id)))
            .select(Row::as_select());
        let found = dialect::held!(one).first::<Row>(self.conn()?).await.optional();
        self.note(found)?.map(Job::try_from).transpose()
    }

    async fn last_turn(&mut self, job: &Job, run_at: Timestamp) -> StoreResult<Option<Timestamp>> {
        let workspace = self.scope.tenant().map(Uid);
        self.last_turn_of(&Waiting { workspace, ..job.into() }, run_at).await
    }

    async fn has_twin(&mut self, job: &Job) -> StoreResult<bool> {
        let Some(key) = job.dedup_key.clone() else { return Ok(false) };
        let tenant = Uid(self.scope.tenant().unwrap_or_default());
        let twins = jobs::table
            .filter(sql::<Bool>(dialect::JOB_OF).bind::<Id, _>(tenant))
            .filter(jobs::kind.eq(job.kind.clone()))
            .filter(jobs::dedup_key.eq(key))
            // Written out, as the unique index has it.
            .filter(sql::<Bool>("jobs.state in ('queued', 'running')"))
            .filter(jobs::id.ne(Uid::from(job.id)))
            .count()
            .get_result::<i64>(self.conn()?)
            .await;
        Ok(self.note(twins)? > 0)
    }

    async fn save(&mut self, job: &Job) -> StoreResult<()> {
        let tenant = Uid(self.scope.tenant().unwrap_or_default());
        let stored = jobs::table
            .filter(sql::<Bool>(dialect::JOB_OF).bind::<Id, _>(tenant))
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

/// Dead letters after this one, the oldest first, `most` at most.
fn dead_letters(
    kind: Option<&str>,
    after: Option<JobId>,
    most: i64,
) -> jobs::BoxedQuery<'static, dialect::Backend> {
    // Written out, as the partial index serves no state that is a parameter.
    let dead =
        jobs::table.filter(sql::<Bool>("jobs.state = 'failed'")).order(jobs::id).limit(most).into_boxed();
    let dead = match kind {
        Some(kind) => dead.filter(jobs::kind.eq(kind.to_owned())),
        None => dead,
    };
    match after {
        Some(after) => dead.filter(jobs::id.gt(Uid::from(after))),
        None => dead,
    }
}

impl Store {
    /// Those that this version can read, of one workspace or of all and none.
    pub(super) async fn list_dead_letters<S: Scope>(
        &self,
        scope: &S,
        kind: Option<&str>,
        mut after: Option<JobId>,
        most: i64,
    ) -> StoreResult<Vec<Job>> {
        let mut found = Vec::new();
        loop {
            let dead = dead_letters(kind, after, most);
            let dead = match scope.tenant() {
                Some(workspace) => dead.filter(jobs::workspace_id.eq(Uid(workspace))),
                None => dead,
            };
            let rows: Vec<Row> = self.read(scope, dead.select(Row::as_select())).await?;
            after = add_readable("jobs", &mut found, rows, most, |row| row.id.into());
            if after.is_none() {
                return Ok(found);
            }
        }
    }
}

impl<S: Scope> JobTx for Unit<S> {
    fn job_records(&mut self) -> &mut dyn JobRepository {
        self
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
        Ok(Page::cut(rows, request.limit, |row| row.id.0).filter_map(|row| readable("jobs", row)))
    }

    async fn dead_letters(
        &self,
        scope: &WorkspaceScope,
        kind: Option<&str>,
        after: Option<JobId>,
        most: i64,
    ) -> StoreResult<Vec<Job>> {
        self.list_dead_letters(scope, kind, after, most).await
    }
}
