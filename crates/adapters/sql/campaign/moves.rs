use crate::{
    dialect::{self, Backend},
    sql::{
        Day, Store, TenantUnit, Time, Uid, currency,
        json::{Json, from_json, to_json},
        schema::{campaigns, daily_wins, moves},
        text,
    },
};
use async_trait::async_trait;
use campaign::{
    CampaignStatus, Move, MoveStatus, Origin, WinStatus,
    ports::{DueKey, MoveFilter, MoveReader, MoveRepository},
};
use diesel::{
    dsl::{exists, not},
    prelude::*,
};
use diesel_async::RunQueryDsl;
use kernel::{
    CampaignId, Date, MoveId, Page, PageRequest, StoreError, StoreResult, WorkspaceScope,
    channels::ChannelSlug,
};

#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = moves, check_for_backend(Backend), treat_none_as_null = true)]
struct Row {
    id: Uid,
    workspace_id: Uid,
    campaign_id: Option<Uid>,
    title: String,
    channel: String,
    stage: String,
    audience: String,
    objective: String,
    brief: String,
    tasks: Json,
    draft: Option<String>,
    measure: String,
    budget_amount: Option<i64>,
    budget_currency: Option<String>,
    due_on: Day,
    status: String,
    origin: String,
    result: Option<Json>,
    version: i32,
    created_at: Time,
    updated_at: Time,
}

impl TryFrom<&Move> for Row {
    type Error = StoreError;

    fn try_from(m: &Move) -> StoreResult<Self> {
        Ok(Self {
            id: m.id.into(),
            workspace_id: m.workspace_id.into(),
            campaign_id: m.campaign_id.map(Into::into),
            title: m.title.clone(),
            channel: m.channel.as_str().to_owned(),
            stage: m.stage.clone(),
            audience: m.audience.clone(),
            objective: m.objective.clone(),
            brief: m.brief.clone(),
            tasks: to_json(&m.tasks)?,
            draft: m.draft.clone(),
            measure: m.measure.clone(),
            budget_amount: m.budget.map(|budget| budget.amount),
            budget_currency: m.budget.map(|budget| budget.currency.code().to_owned()),
            due_on: m.due_on.into(),
            status: m.status.name().to_owned(),
            origin: m.origin.name().to_owned(),
            result: m.result.as_ref().map(to_json).transpose()?,
            version: m.version,
            created_at: m.created_at.into(),
            updated_at: m.updated_at.into(),
        })
    }
}

impl TryFrom<Row> for Move {
    type Error = StoreError;

    fn try_from(row: Row) -> StoreResult<Self> {
        Ok(Self {
            id: row.id.into(),
            workspace_id: row.workspace_id.into(),
            campaign_id: row.campaign_id.map(Into::into),
            title: row.title,
            channel: text("moves.channel", &row.channel, |slug| ChannelSlug::parse(slug).ok())?,
            stage: row.stage,
            audience: row.audience,
            objective: row.objective,
            brief: row.brief,
            tasks: from_json("moves.tasks", row.tasks)?,
            draft: row.draft,
            measure: row.measure,
            budget: currency(row.budget_amount, row.budget_currency.as_deref())?,
            due_on: row.due_on.0,
            status: text("moves.status", &row.status, MoveStatus::from_name)?,
            origin: text("moves.origin", &row.origin, Origin::from_name)?,
            result: row.result.map(|result| from_json("moves.result", result)).transpose()?,
            version: row.version,
            created_at: row.created_at.0,
            updated_at: row.updated_at.0,
        })
    }
}

fn moves_of(rows: Vec<Row>) -> StoreResult<Vec<Move>> {
    rows.into_iter().map(Move::try_from).collect()
}

#[async_trait]
impl MoveRepository for TenantUnit {
    async fn insert(&mut self, m: &Move) -> StoreResult<()> {
        let row = Row::try_from(m)?;
        let inserted = diesel::insert_into(moves::table).values(row).execute(self.conn()?).await;
        self.note(inserted).map(drop)
    }

    async fn find(&mut self, id: MoveId) -> StoreResult<Option<Move>> {
        let one = moves::table
            .filter(moves::workspace_id.eq(self.workspace()))
            .filter(moves::id.eq(Uid::from(id)))
            .select(Row::as_select());
        let found = dialect::held!(one).first::<Row>(self.conn()?).await.optional();
        self.note(found)?.map(Move::try_from).transpose()
    }

    async fn save(&mut self, m: &Move, expected: i32) -> StoreResult<()> {
        let stored = moves::table
            .filter(moves::workspace_id.eq(self.workspace()))
            .filter(moves::id.eq(Uid::from(m.id)))
            .filter(moves::version.eq(expected));
        let saved = diesel::update(stored).set(Row::try_from(m)?).execute(self.conn()?).await;
        if self.note(saved)? == 1 { Ok(()) } else { Err(StoreError::Stale) }
    }

    /// The wins are held first: one that is being decided at this moment is then seen as decided.
    async fn remove_untouched(&mut self, campaign: CampaignId) -> StoreResult<u32> {
        let workspace = self.workspace();
        let of_campaign = moves::table
            .filter(moves::workspace_id.eq(workspace))
            .filter(moves::campaign_id.eq(Uid::from(campaign)))
            .select(moves::id.nullable());
        let wins = daily_wins::table
            .filter(daily_wins::workspace_id.eq(workspace))
            .filter(daily_wins::move_id.eq_any(of_campaign))
            .order(daily_wins::id)
            .select(daily_wins::id);
        let held = dialect::held!(wins).load::<Uid>(self.conn()?).await;
        self.note(held)?;
        let decided = daily_wins::table
            .filter(daily_wins::workspace_id.eq(workspace))
            .filter(daily_wins::move_id.eq(moves::id.nullable()))
            .filter(daily_wins::status.ne(WinStatus::Open.name()))
            .select(daily_wins::id);
        let untouched = moves::table
            .filter(moves::workspace_id.eq(workspace))
            .filter(moves::campaign_id.eq(Uid::from(campaign)))
            .filter(moves::status.eq(MoveStatus::Planned.name()))
            .filter(moves::version.eq(1))
            .filter(not(exists(decided)));
        let removed = diesel::delete(untouched).execute(self.conn()?).await;
        Ok(u32::try_from(self.note(removed)?).unwrap_or(u32::MAX))
    }
}

#[async_trait]
impl MoveReader for Store {
    async fn find(&self, scope: &WorkspaceScope, id: MoveId) -> StoreResult<Option<Move>> {
        let query = moves::table
            .filter(moves::workspace_id.eq(Uid::from(scope.workspace())))
            .filter(moves::id.eq(Uid::from(id)))
            .select(Row::as_select());
        let rows: Vec<Row> = self.read(scope, query).await?;
        rows.into_iter().next().map(Move::try_from).transpose()
    }

    async fn page(
        &self,
        scope: &WorkspaceScope,
        filter: MoveFilter,
        request: &PageRequest<DueKey>,
    ) -> StoreResult<Page<Move, DueKey>> {
        let mut query = moves::table
            .filter(moves::workspace_id.eq(Uid::from(scope.workspace())))
            .order((moves::due_on, moves::id))
            .limit(i64::from(request.limit.get()) + 1)
            .select(Row::as_select())
            .into_boxed();
        if let Some(campaign) = filter.campaign {
            query = query.filter(moves::campaign_id.eq(Uid::from(campaign)));
        }
        if let Some(status) = filter.status {
            query = query.filter(moves::status.eq(status.name()));
        }
        if let Some((due_on, id)) = request.after {
            let later = moves::due_on.gt(Day(due_on));
            query = query.filter(later.or(moves::due_on.eq(Day(due_on)).and(moves::id.gt(Uid(id)))));
        }
        let rows: Vec<Row> = self.read(scope, query).await?;
        Ok(Page::cut(moves_of(rows)?, request.limit, |m| (m.due_on, m.id.uuid())))
    }

    async fn agenda(&self, scope: &WorkspaceScope, until: Date) -> StoreResult<Vec<Move>> {
        let workspace = Uid::from(scope.workspace());
        let live = campaigns::table
            .filter(campaigns::workspace_id.eq(workspace))
            .filter(
                campaigns::status
                    .eq(CampaignStatus::Planned.name())
                    .or(campaigns::status.eq(CampaignStatus::Active.name())),
            )
            .select(campaigns::id.nullable());
        let due = moves::status.eq(MoveStatus::Planned.name()).and(moves::due_on.le(Day(until)));
        let query = moves::table
            .filter(moves::workspace_id.eq(workspace))
            .filter(due.or(moves::status.eq(MoveStatus::InProgress.name())))
            .filter(moves::campaign_id.is_null().or(moves::campaign_id.eq_any(live).assume_not_null()))
            .order((moves::due_on, moves::id))
            .limit(100)
            .select(Row::as_select());
        moves_of(self.read(scope, query).await?)
    }
}
