use crate::{
    dialect::{Backend, ConnPool},
    sql::{
        Pools, Scope, Settings, Store, TenantUnit, Time, Uid,
        schema::{memberships, workspaces},
        text,
    },
};
use async_trait::async_trait;
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use kernel::{
    Memberships, Page, PageRequest, Role, StoreError, StoreResult, UserId, WorkspaceId, WorkspaceScope,
};
use workspace::{
    Membership, MembershipKey, WorkspaceStatus,
    ports::{MembershipReader, MembershipRepository},
};

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = memberships, check_for_backend(Backend))]
struct Row {
    workspace_id: Uid,
    user_id: Uid,
    role: String,
    joined_at: Time,
}

impl From<&Membership> for Row {
    fn from(membership: &Membership) -> Self {
        Self {
            workspace_id: membership.workspace_id.into(),
            user_id: membership.user_id.into(),
            role: membership.role.name().to_owned(),
            joined_at: membership.joined_at.into(),
        }
    }
}

impl TryFrom<Row> for Membership {
    type Error = StoreError;

    fn try_from(row: Row) -> StoreResult<Self> {
        Ok(Self {
            workspace_id: row.workspace_id.into(),
            user_id: row.user_id.into(),
            role: text("memberships.role", &row.role, Role::from_name)?,
            joined_at: row.joined_at.0,
        })
    }
}

#[async_trait]
impl MembershipRepository for TenantUnit {
    async fn insert(&mut self, membership: &Membership) -> StoreResult<()> {
        let row = Row::from(membership);
        let inserted = diesel::insert_into(memberships::table).values(row).execute(self.conn()?).await;
        self.note(inserted).map(drop)
    }

    async fn find(&mut self, user: UserId) -> StoreResult<Option<Membership>> {
        let found = memberships::table
            .filter(memberships::workspace_id.eq(self.workspace()))
            .filter(memberships::user_id.eq(Uid::from(user)))
            .select(Row::as_select())
            .first::<Row>(self.conn()?)
            .await
            .optional();
        self.note(found)?.map(Membership::try_from).transpose()
    }

    async fn change_role(&mut self, user: UserId, role: Role) -> StoreResult<bool> {
        let stored = memberships::table
            .filter(memberships::workspace_id.eq(self.workspace()))
            .filter(memberships::user_id.eq(Uid::from(user)));
        let changed =
            diesel::update(stored).set(memberships::role.eq(role.name())).execute(self.conn()?).await;
        Ok(self.note(changed)? == 1)
    }

    async fn remove(&mut self, user: UserId) -> StoreResult<bool> {
        let stored = memberships::table
            .filter(memberships::workspace_id.eq(self.workspace()))
            .filter(memberships::user_id.eq(Uid::from(user)));
        let removed = diesel::delete(stored).execute(self.conn()?).await;
        Ok(self.note(removed)? == 1)
    }

    async fn count(&mut self, role: Role) -> StoreResult<i64> {
        let count = memberships::table
            .filter(memberships::workspace_id.eq(self.workspace()))
            .filter(memberships::role.eq(role.name()))
            .count()
            .get_result::<i64>(self.conn()?)
            .await;
        self.note(count)
    }
}

#[async_trait]
impl MembershipReader for Store {
    async fn page(
        &self,
        scope: &WorkspaceScope,
        request: &PageRequest<MembershipKey>,
    ) -> StoreResult<Page<Membership, MembershipKey>> {
        let mut query = memberships::table
            .filter(memberships::workspace_id.eq(Uid::from(scope.workspace())))
            .order((memberships::joined_at, memberships::user_id))
            .limit(i64::from(request.limit.get()) + 1)
            .select(Row::as_select())
            .into_boxed();
        if let Some(MembershipKey { joined_at, id }) = request.after {
            let same = memberships::joined_at.eq(Time(joined_at)).and(memberships::user_id.gt(Uid(id)));
            query = query.filter(memberships::joined_at.gt(Time(joined_at)).or(same));
        }
        let rows: Vec<Row> = self.read(scope, query).await?;
        let members = rows.into_iter().map(Membership::try_from).collect::<StoreResult<Vec<_>>>()?;
        Ok(Page::cut(members, request.limit, Membership::key))
    }

    async fn is_in_any(&self, user: UserId, among: &[WorkspaceId]) -> StoreResult<bool> {
        let among: Vec<Uid> = among.iter().copied().map(Uid::from).collect();
        let query = memberships::table
            .inner_join(workspaces::table.on(workspaces::id.eq(memberships::workspace_id)))
            .filter(memberships::user_id.eq(Uid::from(user)))
            .filter(memberships::workspace_id.eq_any(among))
            .filter(workspaces::status.eq(WorkspaceStatus::Active.name()))
            .limit(1)
            .select(memberships::workspace_id);
        let found: Vec<Uid> = self.read(&Asked(user), query).await?;
        Ok(!found.is_empty())
    }
}

/// Whose membership is looked up, before there is a scope: the lookup is what scopes are made of.
#[derive(Clone)]
struct Asked(UserId);

impl Scope for Asked {
    const IS_SHORT: bool = true;

    fn settings(&self) -> Settings {
        Settings { workspace: None, user: Some(self.0.uuid()) }
    }

    fn reads(pools: &Pools) -> &ConnPool {
        &pools.tenant_reads
    }

    fn writes(pools: &Pools) -> &ConnPool {
        &pools.tenant_writes
    }
}

#[async_trait]
impl Memberships for Store {
    async fn role_of(&self, user: UserId, workspace: WorkspaceId) -> StoreResult<Option<Role>> {
        let query = memberships::table
            .inner_join(workspaces::table.on(workspaces::id.eq(memberships::workspace_id)))
            .filter(memberships::workspace_id.eq(Uid::from(workspace)))
            .filter(memberships::user_id.eq(Uid::from(user)))
            .filter(workspaces::status.eq(WorkspaceStatus::Active.name()))
            .select(memberships::role);
        let roles: Vec<String> = self.read(&Asked(user), query).await?;
        roles.into_iter().next().map(|role| text("memberships.role", &role, Role::from_name)).transpose()
    }
}
