//! Who does the work.

use super::{At, Store, SystemUnit, Time, schema::workers};
use crate::dialect::{self, Backend};
use async_trait::async_trait;
use diesel::{dsl::sql, prelude::*};
use diesel_async::RunQueryDsl;
use kernel::{StoreResult, SystemScope, Timestamp, UnitOfWork, WorkerNote, WorkerRegistry};

#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = workers, check_for_backend(Backend))]
struct Row {
    name: String,
    started_at: Time,
    seen_at: Time,
    running: i32,
}

impl From<&WorkerNote> for Row {
    fn from(note: &WorkerNote) -> Self {
        let WorkerNote { name, started_at, seen_at, running } = note.clone();
        Self { name, started_at: started_at.into(), seen_at: seen_at.into(), running }
    }
}

impl From<Row> for WorkerNote {
    fn from(Row { name, started_at, seen_at, running }: Row) -> Self {
        Self { name, started_at: started_at.0, seen_at: seen_at.0, running }
    }
}

impl SystemUnit {
    async fn note_worker(&mut self, note: &WorkerNote) -> StoreResult<()> {
        let forgotten = workers::seen_at.lt(Time(note.seen_at.minus(WorkerNote::REMEMBERED)));
        let forgotten = diesel::delete(workers::table.filter(forgotten)).execute(self.conn()?).await;
        self.note(forgotten)?;
        let noted = diesel::insert_into(workers::table)
            .values(Row::from(note))
            .on_conflict(workers::name)
            .do_update()
            .set(Row::from(note))
            .execute(self.conn()?)
            .await;
        self.note(noted).map(drop)
    }

    async fn drop_worker(&mut self, name: &str) -> StoreResult<()> {
        let gone = diesel::delete(workers::table.find(name.to_owned())).execute(self.conn()?).await;
        self.note(gone).map(drop)
    }
}

#[async_trait]
impl WorkerRegistry for Store {
    async fn announce(&self, scope: &SystemScope, note: &WorkerNote) -> StoreResult<()> {
        let units: &dyn UnitOfWork<SystemUnit, SystemScope> = self;
        units.run(scope, async |unit| unit.note_worker(note).await).await
    }

    async fn leave(&self, scope: &SystemScope, name: &str) -> StoreResult<()> {
        let units: &dyn UnitOfWork<SystemUnit, SystemScope> = self;
        units.run(scope, async |unit| unit.drop_worker(name).await).await
    }

    async fn list_workers(&self, scope: &SystemScope, since: Timestamp) -> StoreResult<Vec<WorkerNote>> {
        let query = workers::table
            .filter(workers::seen_at.ge(Time(since)))
            .order(workers::name)
            .select(Row::as_select());
        let rows: Vec<Row> = self.read(scope, query).await?;
        Ok(rows.into_iter().map(WorkerNote::from).collect())
    }

    async fn time(&self, scope: &SystemScope) -> StoreResult<Option<Timestamp>> {
        let Some(clock) = dialect::CLOCK else { return Ok(None) };
        let told: Vec<Time> = self.read(scope, diesel::select(sql::<At>(clock))).await?;
        Ok(told.into_iter().next().map(|at| at.0))
    }
}
