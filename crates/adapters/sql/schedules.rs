//! Work that comes again and again.

use super::{
    SystemUnit, Time, Uid,
    json::{Json, from_json},
    readable,
    schema::schedules,
    text,
    unit::{Scope, Unit},
};
use crate::dialect::{self, Backend};
use async_trait::async_trait;
use diesel::{prelude::*, sql_types::Bool};
use diesel_async::RunQueryDsl;
use kernel::{
    Kinds, Misfire, Priority, Schedule, ScheduleId, ScheduleQueue, Schedules, StoreError, StoreResult,
    Timestamp,
};
use std::time::Duration;

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = schedules, check_for_backend(Backend))]
struct Row {
    id: Uid,
    name: String,
    kind: String,
    payload: Json,
    timing: Json,
    misfire: String,
    priority: String,
    workspace_id: Option<Uid>,
    next_run: Time,
}

impl TryFrom<Schedule> for Row {
    type Error = StoreError;

    fn try_from(schedule: Schedule) -> StoreResult<Self> {
        let timing = serde_json::to_value(&schedule.timing);
        Ok(Self {
            id: schedule.id.into(),
            name: schedule.name,
            kind: schedule.kind,
            payload: schedule.payload,
            timing: timing.map_err(|error| StoreError::Internal(error.to_string()))?,
            misfire: schedule.misfire.name().to_owned(),
            priority: schedule.priority.name().to_owned(),
            workspace_id: schedule.workspace_id.map(Into::into),
            next_run: schedule.next_run.into(),
        })
    }
}

impl TryFrom<Row> for Schedule {
    type Error = StoreError;

    fn try_from(row: Row) -> StoreResult<Self> {
        Ok(Self {
            id: row.id.into(),
            name: row.name,
            kind: row.kind,
            payload: row.payload,
            timing: from_json("schedules.timing", row.timing)?,
            misfire: text("schedules.misfire", &row.misfire, Misfire::from_name)?,
            priority: text("schedules.priority", &row.priority, Priority::from_name)?,
            workspace_id: row.workspace_id.map(Into::into),
            next_run: row.next_run.0,
        })
    }
}

/// A workspace's, or the platform's.
fn of_workspace(
    workspace: Option<Uid>,
) -> Box<dyn BoxableExpression<schedules::table, Backend, SqlType = Bool>> {
    match workspace {
        Some(workspace) => Box::new(schedules::workspace_id.eq(Some(workspace)).assume_not_null()),
        None => Box::new(schedules::workspace_id.is_null()),
    }
}

#[async_trait]
impl<S: Scope> Schedules for Unit<S> {
    async fn put(&mut self, schedule: &Schedule) -> StoreResult<()> {
        let workspace_id = self.scope.tenant().map(Into::into).or(schedule.workspace_id);
        let schedule = Schedule { workspace_id, ..schedule.clone() };
        let named = schedules::table
            .filter(of_workspace(workspace_id.map(Into::into)))
            .filter(schedules::name.eq(schedule.name.clone()))
            .select(Row::as_select());
        let found = dialect::held!(named).first::<Row>(self.conn()?).await.optional();
        let Some(row) = self.note(found)? else {
            let inserted = diesel::insert_into(schedules::table)
                .values(Row::try_from(schedule)?)
                .execute(self.conn()?)
                .await;
            return self.note(inserted).map(drop);
        };
        let id = row.id;
        // One that can't be read is replaced.
        if Schedule::try_from(row).is_ok_and(|stored| stored.says_the_same(&schedule)) {
            return Ok(());
        }
        let new = Row::try_from(schedule)?;
        let values = (
            schedules::kind.eq(new.kind),
            schedules::payload.eq(new.payload),
            schedules::timing.eq(new.timing),
            schedules::misfire.eq(new.misfire),
            schedules::priority.eq(new.priority),
            schedules::next_run.eq(new.next_run),
        );
        let stored = schedules::table.filter(schedules::id.eq(id));
        let changed = diesel::update(stored).set(values).execute(self.conn()?).await;
        self.note(changed).map(drop)
    }

    async fn remove_all(&mut self) -> StoreResult<usize> {
        let Some(workspace) = self.scope.tenant() else { return Ok(0) };
        let own = schedules::table.filter(of_workspace(Some(Uid(workspace))));
        let removed = diesel::delete(own).execute(self.conn()?).await;
        self.note(removed)
    }

    async fn list(&mut self) -> StoreResult<Vec<Schedule>> {
        let tenant = self.scope.tenant().map(Uid);
        let rows = schedules::table
            .filter(of_workspace(tenant))
            .order(schedules::name)
            .select(Row::as_select())
            .load::<Row>(self.conn()?)
            .await;
        self.note(rows)?.into_iter().map(Schedule::try_from).collect()
    }
}

fn of_kinds(kinds: Kinds<'_>) -> Box<dyn BoxableExpression<schedules::table, Backend, SqlType = Bool>> {
    match kinds {
        Kinds::All => Box::new(diesel::dsl::sql::<Bool>("true")),
        Kinds::Only(kinds) => Box::new(schedules::kind.eq_any(kinds.to_vec())),
    }
}

/// How long a schedule that can't be read is left alone: it must not keep the others waiting.
const SET_ASIDE: Duration = Duration::from_secs(60 * 60);

#[async_trait]
impl ScheduleQueue for SystemUnit {
    async fn due(&mut self, kinds: Kinds<'_>, now: Timestamp, most: i64) -> StoreResult<Vec<Schedule>> {
        let due = schedules::table
            .filter(schedules::next_run.le(Time(now)))
            .filter(of_kinds(kinds))
            .order((schedules::next_run, schedules::id))
            .limit(most)
            .select(Row::as_select());
        let rows = dialect::unheld!(due).load::<Row>(self.conn()?).await;
        let mut due = Vec::new();
        for row in self.note(rows)? {
            let id = row.id.into();
            match readable("schedules", row) {
                Some(schedule) => due.push(schedule),
                None => self.advance(id, now.plus(SET_ASIDE)).await?,
            }
        }
        Ok(due)
    }

    async fn advance(&mut self, id: ScheduleId, next_run: Timestamp) -> StoreResult<()> {
        let one = schedules::table.filter(schedules::id.eq(Uid::from(id)));
        let moved =
            diesel::update(one).set(schedules::next_run.eq(Time(next_run))).execute(self.conn()?).await;
        self.note(moved).map(drop)
    }
}
