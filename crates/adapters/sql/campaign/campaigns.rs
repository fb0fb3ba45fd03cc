use crate::{
    dialect::{self, Backend},
    sql::{
        Day, Prepared, Store, TenantUnit, Time, Uid, currency,
        json::{Json, from_json, to_json},
        schema::campaigns,
        text,
    },
};
use async_trait::async_trait;
use campaign::{
    Campaign, CampaignStatus,
    ports::{CampaignReader, CampaignRepository},
};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use kernel::{CampaignId, Page, PageRequest, StoreError, StoreResult, WorkspaceScope};

#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = campaigns, check_for_backend(Backend), treat_none_as_null = true)]
struct Row {
    id: Uid,
    workspace_id: Uid,
    name: String,
    goal: String,
    status: String,
    channels: Json,
    icp_ids: Json,
    starts_on: Day,
    ends_on: Day,
    budget_amount: Option<i64>,
    budget_currency: Option<String>,
    planned_by: Option<Uid>,
    version: i32,
    created_at: Time,
    updated_at: Time,
}

impl TryFrom<&Campaign> for Row {
    type Error = StoreError;

    fn try_from(campaign: &Campaign) -> StoreResult<Self> {
        Ok(Self {
            id: campaign.id.into(),
            workspace_id: campaign.workspace_id.into(),
            name: campaign.name.clone(),
            goal: campaign.goal.clone(),
            status: campaign.status.name().to_owned(),
            channels: to_json(&campaign.channels)?,
            icp_ids: to_json(&campaign.icp_ids)?,
            starts_on: campaign.starts_on.into(),
            ends_on: campaign.ends_on.into(),
            budget_amount: campaign.budget.map(|budget| budget.amount),
            budget_currency: campaign.budget.map(|budget| budget.currency.code().to_owned()),
            planned_by: campaign.planned_by.map(Into::into),
            version: campaign.version,
            created_at: campaign.created_at.into(),
            updated_at: campaign.updated_at.into(),
        })
    }
}

impl TryFrom<Row> for Campaign {
    type Error = StoreError;

    fn try_from(row: Row) -> StoreResult<Self> {
        Ok(Self {
            id: row.id.into(),
            workspace_id: row.workspace_id.into(),
            name: row.name,
            goal: row.goal,
            status: text("campaigns.status", &row.status, CampaignStatus::from_name)?,
            channels: from_json("campaigns.channels", row.channels)?,
            icp_ids: from_json("campaigns.icp_ids", row.icp_ids)?,
            starts_on: row.starts_on.0,
            ends_on: row.ends_on.0,
            budget: currency(row.budget_amount, row.budget_currency.as_deref())?,
            planned_by: row.planned_by.map(Into::into),
            version: row.version,
            created_at: row.created_at.0,
            updated_at: row.updated_at.0,
        })
    }
}

#[async_trait]
impl CampaignRepository for TenantUnit {
    async fn insert(&mut self, campaign: &Campaign) -> StoreResult<()> {
        let row = Row::try_from(campaign)?;
        let insert = Prepared(diesel::insert_into(campaigns::table).values(row));
        let inserted = insert.execute(self.conn()?).await;
        self.note(inserted).map(drop)
    }

    async fn find(&mut self, id: CampaignId) -> StoreResult<Option<Campaign>> {
        let one = campaigns::table
            .filter(campaigns::workspace_id.eq(self.workspace()))
            .filter(campaigns::id.eq(Uid::from(id)))
            .select(Row::as_select());
        let found = dialect::held!(one).first::<Row>(self.conn()?).await.optional();
        self.note(found)?.map(Campaign::try_from).transpose()
    }

    async fn save(&mut self, campaign: &Campaign, expected: i32) -> StoreResult<()> {
        let stored = campaigns::table
            .filter(campaigns::workspace_id.eq(self.workspace()))
            .filter(campaigns::id.eq(Uid::from(campaign.id)))
            .filter(campaigns::version.eq(expected));
        let saved = diesel::update(stored).set(Row::try_from(campaign)?).execute(self.conn()?).await;
        if self.note(saved)? == 1 { Ok(()) } else { Err(StoreError::Stale) }
    }
}

#[async_trait]
impl CampaignReader for Store {
    async fn find(&self, scope: &WorkspaceScope, id: CampaignId) -> StoreResult<Option<Campaign>> {
        let query = campaigns::table
            .filter(campaigns::workspace_id.eq(Uid::from(scope.workspace())))
            .filter(campaigns::id.eq(Uid::from(id)))
            .select(Row::as_select());
        let rows: Vec<Row> = self.read(scope, query).await?;
        rows.into_iter().next().map(Campaign::try_from).transpose()
    }

    async fn page(&self, scope: &WorkspaceScope, request: &PageRequest) -> StoreResult<Page<Campaign>> {
        let mut query = campaigns::table
            .filter(campaigns::workspace_id.eq(Uid::from(scope.workspace())))
            .order(campaigns::id.desc())
            .limit(i64::from(request.limit.get()) + 1)
            .select(Row::as_select())
            .into_boxed();
        if let Some(after) = request.after {
            query = query.filter(campaigns::id.lt(Uid(after)));
        }
        let rows: Vec<Row> = self.read(scope, query).await?;
        let campaigns = rows.into_iter().map(Campaign::try_from).collect::<StoreResult<Vec<_>>>()?;
        Ok(Page::cut(campaigns, request.limit, |campaign| campaign.id.uuid()))
    }
}
