use crate::{
    invitations::Invitations,
    store::Store,
    tables::{Row, Table},
    unit::Unit,
};
use ::workspace::{
    Membership, MembershipKey, MyWorkspace, Slug, Workspace, WorkspaceStatus,
    ports::{
        ApiKeyRepository, BudgetRepository, InvitationRepository, MembershipReader, MembershipRepository,
        WorkspaceReader, WorkspaceRepository, WorkspaceTx,
    },
};
use async_trait::async_trait;
use kernel::{
    Memberships, Page, PageRequest, Role, StoreError, StoreResult, UnitOfWork, UserId, UserScope, Work,
    WorkspaceId, WorkspaceScope,
};
use std::collections::BTreeMap;

#[derive(Clone, Default)]
pub(crate) struct State {
    workspaces: Table<Workspace>,
    memberships: BTreeMap<(WorkspaceId, UserId), Membership>,
    pub(crate) invitations: Invitations,
}

/// A workspace is its own tenant.
impl Row for Workspace {
    type Id = WorkspaceId;
    const TABLE: &'static str = "workspaces";

    fn id(&self) -> WorkspaceId {
        self.id
    }

    fn workspace(&self) -> WorkspaceId {
        self.id
    }

    fn version(&self) -> i32 {
        self.version
    }
}

impl State {
    pub(crate) fn is_deleted(&self, id: WorkspaceId) -> bool {
        let stored = self.workspaces.find(id, id);
        stored.is_some_and(|workspace| workspace.status == WorkspaceStatus::Deleted)
    }

    pub(crate) fn purge(&mut self, workspace: WorkspaceId) {
        let Self { workspaces, memberships, invitations } = self;
        invitations.purge(workspace);
        workspaces.retain(workspace, |_| false);
        memberships.retain(|(of, _), _| *of != workspace);
    }

    /// The role in a live workspace.
    pub(crate) fn role_of(&self, user: UserId, workspace: WorkspaceId) -> Option<Role> {
        let membership = self.memberships.get(&(workspace, user));
        self.live(workspace).and(membership).map(|membership| membership.role)
    }

    fn live(&self, id: WorkspaceId) -> Option<Workspace> {
        self.workspaces.find(id, id).filter(|workspace| workspace.status == WorkspaceStatus::Active)
    }

    /// The live workspaces of a person in the order of their list.
    fn of(&self, user: UserId) -> Vec<MyWorkspace> {
        let mine = self.memberships.values().filter(|membership| membership.user_id == user);
        let mut mine: Vec<MyWorkspace> = mine
            .filter_map(|membership| {
                let workspace = self.live(membership.workspace_id)?;
                Some(MyWorkspace { workspace, role: membership.role, joined_at: membership.joined_at })
            })
            .collect();
        mine.sort_by_key(MyWorkspace::key);
        mine
    }
}

type TenantUnit = Unit<WorkspaceScope>;

#[async_trait]
impl WorkspaceRepository for TenantUnit {
    async fn insert(&mut self, workspace: &Workspace) -> StoreResult<()> {
        self.statement(|unit| unit.state.workspace.workspaces.insert(workspace))
    }

    async fn find(&mut self) -> StoreResult<Option<Workspace>> {
        self.statement(|unit| Ok(unit.state.workspace.live(unit.scope.workspace())))
    }

    async fn save(&mut self, workspace: &Workspace, expected: i32) -> StoreResult<()> {
        self.statement(|unit| {
            unit.state.workspace.workspaces.save(unit.scope.workspace(), workspace, expected)
        })
    }

    async fn slugs_of(&mut self, user: UserId) -> StoreResult<Vec<Slug>> {
        self.statement(|unit| {
            let own = unit.scope.workspace();
            let mine = unit.state.workspace.of(user).into_iter().map(|mine| mine.workspace);
            Ok(mine.filter(|workspace| workspace.id != own).map(|workspace| workspace.slug).collect())
        })
    }
}

#[async_trait]
impl MembershipRepository for TenantUnit {
    async fn insert(&mut self, membership: &Membership) -> StoreResult<()> {
        self.statement(|unit| {
            let state = &mut unit.state.workspace;
            let id = membership.workspace_id;
            state.workspaces.find(id, id).ok_or_else(|| StoreError::Dangling("memberships".to_owned()))?;
            match state.memberships.insert((id, membership.user_id), *membership) {
                None => Ok(()),
                Some(_) => Err(StoreError::Conflict("memberships".to_owned())),
            }
        })
    }

    async fn find(&mut self, user: UserId) -> StoreResult<Option<Membership>> {
        self.statement(|unit| {
            let key = (unit.scope.workspace(), user);
            Ok(unit.state.workspace.memberships.get(&key).copied())
        })
    }

    async fn change_role(&mut self, user: UserId, role: Role) -> StoreResult<bool> {
        self.statement(|unit| {
            let key = (unit.scope.workspace(), user);
            let stored = unit.state.workspace.memberships.get_mut(&key);
            Ok(stored.map(|membership| membership.role = role).is_some())
        })
    }

    async fn remove(&mut self, user: UserId) -> StoreResult<bool> {
        self.statement(|unit| {
            let key = (unit.scope.workspace(), user);
            Ok(unit.state.workspace.memberships.remove(&key).is_some())
        })
    }

    async fn count(&mut self, role: Role) -> StoreResult<i64> {
        self.statement(|unit| {
            let wanted = (unit.scope.workspace(), role);
            let members = unit.state.workspace.memberships.values();
            let count = members.filter(|member| (member.workspace_id, member.role) == wanted).count();
            i64::try_from(count).map_err(|error| StoreError::Internal(error.to_string()))
        })
    }
}

impl WorkspaceTx for TenantUnit {
    fn workspaces(&mut self) -> &mut dyn WorkspaceRepository {
        self
    }

    fn memberships(&mut self) -> &mut dyn MembershipRepository {
        self
    }

    fn invitations(&mut self) -> &mut dyn InvitationRepository {
        self
    }

    fn api_keys(&mut self) -> &mut dyn ApiKeyRepository {
        self
    }

    fn budgets(&mut self) -> &mut dyn BudgetRepository {
        self
    }
}

#[async_trait]
impl UnitOfWork<dyn WorkspaceTx, WorkspaceScope> for Store {
    async fn run_erased(
        &self,
        scope: &WorkspaceScope,
        work: &mut dyn Work<dyn WorkspaceTx>,
    ) -> StoreResult<()> {
        self.run_unit(scope, work, |unit| unit).await
    }
}

#[async_trait]
impl Memberships for Store {
    async fn role_of(&self, user: UserId, workspace: WorkspaceId) -> StoreResult<Option<Role>> {
        Ok(self.state().await?.workspace.role_of(user, workspace))
    }
}

#[async_trait]
impl WorkspaceReader for Store {
    async fn find(&self, scope: &WorkspaceScope) -> StoreResult<Option<Workspace>> {
        Ok(self.state().await?.workspace.live(scope.workspace()))
    }

    async fn list_mine(
        &self,
        scope: &UserScope,
        request: &PageRequest<MembershipKey>,
    ) -> StoreResult<Page<MyWorkspace, MembershipKey>> {
        let mut rows = self.state().await?.workspace.of(scope.user());
        rows.retain(|mine| request.after.is_none_or(|after| mine.key() > after));
        Ok(Page::cut(rows, request.limit, MyWorkspace::key))
    }

    async fn first_of(&self, scope: &UserScope) -> StoreResult<Option<MyWorkspace>> {
        Ok(self.state().await?.workspace.of(scope.user()).into_iter().next())
    }
}

#[async_trait]
impl MembershipReader for Store {
    async fn page(
        &self,
        scope: &WorkspaceScope,
        request: &PageRequest<MembershipKey>,
    ) -> StoreResult<Page<Membership, MembershipKey>> {
        let state = self.state().await?;
        let members = state.workspace.memberships.values();
        let mut rows: Vec<Membership> = members
            .filter(|member| member.workspace_id == scope.workspace())
            .filter(|member| request.after.is_none_or(|after| member.key() > after))
            .copied()
            .collect();
        rows.sort_by_key(Membership::key);
        Ok(Page::cut(rows, request.limit, Membership::key))
    }

    async fn is_in_any(&self, user: UserId, workspaces: &[WorkspaceId]) -> StoreResult<bool> {
        let mine = self.state().await?.workspace.of(user);
        Ok(mine.iter().any(|mine| workspaces.contains(&mine.workspace.id)))
    }
}
