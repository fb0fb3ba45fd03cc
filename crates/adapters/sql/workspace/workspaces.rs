use crate::{
    dialect::{self, Backend},
    sql::{
        Store, TenantUnit, Time, Uid,
        json::{Json, from_json, to_json},
        schema::{memberships, workspaces},
        text,
    },
};
use async_trait::async_trait;
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use kernel::{Page, PageRequest, Role, StoreError, StoreResult, UserId, UserScope, WorkspaceScope};
use workspace::{
    MembershipKey, MyWorkspace, Slug, Workspace, WorkspaceStatus,
    ports::{WorkspaceReader, WorkspaceRepository},
};

#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = workspaces, check_for_backend(Backend), treat_none_as_null = true)]
struct Row {
    id: Uid,
    name: String,
    slug: String,
    time_zone: String,
    settings: Json,
    status: String,
    version: i32,
    created_at: Time,
    updated_at: Time,
}

impl TryFrom<&Workspace> for Row {
    type Error = StoreError;

    fn try_from(workspace: &Workspace) -> StoreResult<Self> {
        Ok(Self {
            id: workspace.id.into(),
            name: workspace.name.clone(),
            slug: workspace.slug.as_str().to_owned(),
            time_zone: workspace.time_zone.name().to_owned(),
            settings: to_json(&workspace.settings)?,
            status: workspace.status.name().to_owned(),
            version: workspace.version,
            created_at: workspace.created_at.into(),
            updated_at: workspace.updated_at.into(),
        })
    }
}

impl TryFrom<Row> for Workspace {
    type Error = StoreError;

    fn try_from(row: Row) -> StoreResult<Self> {
        Ok(Self {
            id: row.id.into(),
            name: row.name,
            slug: slug(&row.slug)?,
            time_zone: text("workspaces.time_zone", &row.time_zone, |name| {
                kernel::TimeZone::parse(name).ok()
            })?,
            settings: from_json("workspaces.settings", row.settings)?,
            status: text("workspaces.status", &row.status, WorkspaceStatus::from_name)?,
            version: row.version,
            created_at: row.created_at.0,
            updated_at: row.updated_at.0,
        })
    }
}

fn slug(slug: &str) -> StoreResult<Slug> {
    text("workspaces.slug", slug, |slug| Slug::parse(slug).ok())
}

impl Store {
    /// The person's live workspaces in the order of their list.
    async fn workspaces_of(
        &self,
        scope: &UserScope,
        after: Option<MembershipKey>,
        limit: u32,
    ) -> StoreResult<Vec<MyWorkspace>> {
        let mut query = memberships::table
            .inner_join(workspaces::table.on(workspaces::id.eq(memberships::workspace_id)))
            .filter(memberships::user_id.eq(Uid::from(scope.user())))
            .filter(workspaces::status.eq(WorkspaceStatus::Active.name()))
            .order((memberships::joined_at, memberships::workspace_id))
            .limit(i64::from(limit))
            .select((Row::as_select(), memberships::role, memberships::joined_at))
            .into_boxed();
        if let Some(MembershipKey { joined_at, id }) = after {
            let same = memberships::joined_at.eq(Time(joined_at)).and(memberships::workspace_id.gt(Uid(id)));
            query = query.filter(memberships::joined_at.gt(Time(joined_at)).or(same));
        }
        let rows: Vec<(Row, String, Time)> = self.read(scope, query).await?;
        rows.into_iter().map(mine).collect()
    }
}

fn mine((row, role, joined_at): (Row, String, Time)) -> StoreResult<MyWorkspace> {
    Ok(MyWorkspace {
        workspace: row.try_into()?,
        role: text("memberships.role", &role, Role::from_name)?,
        joined_at: joined_at.0,
    })
}

#[async_trait]
impl WorkspaceRepository for TenantUnit {
    async fn insert(&mut self, workspace: &Workspace) -> StoreResult<()> {
        let row = Row::try_from(workspace)?;
        let inserted = diesel::insert_into(workspaces::table).values(row).execute(self.conn()?).await;
        self.note(inserted).map(drop)
    }

    async fn find(&mut self) -> StoreResult<Option<Workspace>> {
        let live = workspaces::table
            .filter(workspaces::id.eq(self.workspace()))
            .filter(workspaces::status.eq(WorkspaceStatus::Active.name()))
            .select(Row::as_select());
        let found = dialect::held!(live).first::<Row>(self.conn()?).await.optional();
        self.note(found)?.map(Workspace::try_from).transpose()
    }

    async fn save(&mut self, workspace: &Workspace, expected: i32) -> StoreResult<()> {
        let stored = workspaces::table
            .filter(workspaces::id.eq(self.workspace()))
            .filter(workspaces::id.eq(Uid::from(workspace.id)))
            .filter(workspaces::version.eq(expected));
        let saved = diesel::update(stored).set(Row::try_from(workspace)?).execute(self.conn()?).await;
        if self.note(saved)? == 1 { Ok(()) } else { Err(StoreError::Stale) }
    }

    async fn slugs_of(&mut self, user: UserId) -> StoreResult<Vec<Slug>> {
        let held = dialect::hold(self.conn()?, &format!("slugs of {user}")).await;
        self.note(held)?;
        let slugs = memberships::table
            .inner_join(workspaces::table.on(workspaces::id.eq(memberships::workspace_id)))
            .filter(memberships::user_id.eq(Uid::from(user)))
            .filter(memberships::workspace_id.ne(self.workspace()))
            .filter(workspaces::status.eq(WorkspaceStatus::Active.name()))
            .order((memberships::joined_at, memberships::workspace_id))
            .select(workspaces::slug)
            .load::<String>(self.conn()?)
            .await;
        self.note(slugs)?.iter().map(|found| slug(found)).collect()
    }
}

#[async_trait]
impl WorkspaceReader for Store {
    async fn find(&self, scope: &WorkspaceScope) -> StoreResult<Option<Workspace>> {
        let query = workspaces::table
            .filter(workspaces::id.eq(Uid::from(scope.workspace())))
            .filter(workspaces::status.eq(WorkspaceStatus::Active.name()))
            .select(Row::as_select());
        let rows: Vec<Row> = self.read(scope, query).await?;
        rows.into_iter().next().map(Workspace::try_from).transpose()
    }

    async fn list_mine(
        &self,
        scope: &UserScope,
        request: &PageRequest<MembershipKey>,
    ) -> StoreResult<Page<MyWorkspace, MembershipKey>> {
        let mine = self.workspaces_of(scope, request.after, request.limit.get() + 1).await?;
        Ok(Page::cut(mine, request.limit, MyWorkspace::key))
    }

    async fn first_of(&self, scope: &UserScope) -> StoreResult<Option<MyWorkspace>> {
        Ok(self.workspaces_of(scope, None, 1).await?.into_iter().next())
    }
}
