use crate::{
    dialect::{self, Backend},
    sql::{Day, Store, TenantUnit, Time, Uid, schema::daily_wins, text},
};
use async_trait::async_trait;
use campaign::{
    DailyWin, WinKind, WinStatus,
    ports::{DailyWinReader, DailyWinRepository},
};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use kernel::{DailyWinId, Date, MoveId, StoreError, StoreResult, WorkspaceScope};

#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = daily_wins, check_for_backend(Backend), treat_none_as_null = true)]
struct Row {
    id: Uid,
    workspace_id: Uid,
    date: Day,
    kind: String,
    source: String,
    text: String,
    move_id: Option<Uid>,
    status: String,
    version: i32,
    created_at: Time,
    updated_at: Time,
}

impl From<&DailyWin> for Row {
    fn from(win: &DailyWin) -> Self {
        Self {
            id: win.id.into(),
            workspace_id: win.workspace_id.into(),
            date: win.date.into(),
            kind: win.kind.name().to_owned(),
            source: win.source.clone(),
            text: win.text.clone(),
            move_id: win.move_id.map(Into::into),
            status: win.status.name().to_owned(),
            version: win.version,
            created_at: win.created_at.into(),
            updated_at: win.updated_at.into(),
        }
    }
}

impl TryFrom<Row> for DailyWin {
    type Error = StoreError;

    fn try_from(row: Row) -> StoreResult<Self> {
        Ok(Self {
            id: row.id.into(),
            workspace_id: row.workspace_id.into(),
            date: row.date.0,
            kind: text("daily_wins.kind", &row.kind, WinKind::from_name)?,
            source: row.source,
            text: row.text,
            move_id: row.move_id.map(Into::into),
            status: text("daily_wins.status", &row.status, WinStatus::from_name)?,
            version: row.version,
            created_at: row.created_at.0,
            updated_at: row.updated_at.0,
        })
    }
}

#[async_trait]
impl DailyWinRepository for TenantUnit {
    async fn insert_missing(&mut self, win: &DailyWin) -> StoreResult<bool> {
        let inserted = diesel::insert_into(daily_wins::table)
            .values(Row::from(win))
            .on_conflict((daily_wins::workspace_id, daily_wins::date, daily_wins::source))
            .do_nothing()
            .execute(self.conn()?)
            .await;
        Ok(self.note(inserted)? == 1)
    }

    async fn find(&mut self, id: DailyWinId) -> StoreResult<Option<DailyWin>> {
        let one = daily_wins::table
            .filter(daily_wins::workspace_id.eq(self.workspace()))
            .filter(daily_wins::id.eq(Uid::from(id)))
            .select(Row::as_select());
        let found = dialect::held!(one).first::<Row>(self.conn()?).await.optional();
        self.note(found)?.map(DailyWin::try_from).transpose()
    }

    async fn list_open_of(&mut self, id: MoveId, date: Date) -> StoreResult<Vec<DailyWin>> {
        let open = daily_wins::table
            .filter(daily_wins::workspace_id.eq(self.workspace()))
            .filter(daily_wins::move_id.eq(Uid::from(id)))
            .filter(daily_wins::date.eq(Day(date)))
            .filter(daily_wins::status.eq(WinStatus::Open.name()))
            .order(daily_wins::id)
            .select(Row::as_select());
        let found = dialect::held!(open).load::<Row>(self.conn()?).await;
        self.note(found)?.into_iter().map(DailyWin::try_from).collect()
    }

    async fn save(&mut self, win: &DailyWin, expected: i32) -> StoreResult<()> {
        let stored = daily_wins::table
            .filter(daily_wins::workspace_id.eq(self.workspace()))
            .filter(daily_wins::id.eq(Uid::from(win.id)))
            .filter(daily_wins::version.eq(expected));
        let saved = diesel::update(stored).set(Row::from(win)).execute(self.conn()?).await;
        if self.note(saved)? == 1 { Ok(()) } else { Err(StoreError::Stale) }
    }
}

#[async_trait]
impl DailyWinReader for Store {
    async fn list_on(&self, scope: &WorkspaceScope, date: Date) -> StoreResult<Vec<DailyWin>> {
        let query = daily_wins::table
            .filter(daily_wins::workspace_id.eq(Uid::from(scope.workspace())))
            .filter(daily_wins::date.eq(Day(date)))
            .order(daily_wins::id)
            .select(Row::as_select());
        let rows: Vec<Row> = self.read(scope, query).await?;
        rows.into_iter().map(DailyWin::try_from).collect()
    }

    async fn done_days(&self, scope: &WorkspaceScope, until: Date) -> StoreResult<Vec<Date>> {
        let query = daily_wins::table
            .filter(daily_wins::workspace_id.eq(Uid::from(scope.workspace())))
            .filter(daily_wins::status.eq(WinStatus::Done.name()))
            .filter(daily_wins::date.le(Day(until)))
            .select(daily_wins::date)
            .distinct()
            .order(daily_wins::date.desc())
            .limit(400);
        let days: Vec<Day> = self.read(scope, query).await?;
        Ok(days.into_iter().map(|day| day.0).collect())
    }
}
