//! What every request asks the store, remembered for seconds: the session behind a token, the role in a workspace, the
//! key of a program, the limit of a budget. [`Standings`] says how long, and forgets what changes.

use async_trait::async_trait;
use identity::{
    Session,
    ports::{SessionReader, SessionStanding},
};
use kernel::{
    ApiKeyId, Memberships, Page, PageRequest, Revocations, Role, SessionId, StoreResult, SystemScope,
    Timestamp, TokenHash, UserId, UserScope, WorkspaceId, WorkspaceScope,
};
use local::{Remembered, Standings};
use std::sync::Arc;
use workspace::{
    ApiKey, Budget, KeyStanding,
    ports::{ApiKeyDirectory, BudgetReader},
};

/// How many sessions, roles and keys are remembered at most: a few megabytes.
const MOST: usize = 10_000;

/// Sessions.
pub(super) struct RememberedSessions {
    store: Arc<dyn SessionReader>,
    read: Remembered<SessionId, SessionStanding>,
}

impl RememberedSessions {
    pub(super) fn new(store: Arc<dyn SessionReader>, standings: Arc<Standings>) -> Self {
        Self { store, read: Remembered::new(standings, MOST) }
    }
}

#[async_trait]
impl SessionReader for RememberedSessions {
    async fn find_standing(
        &self,
        scope: &SystemScope,
        id: SessionId,
    ) -> StoreResult<Option<SessionStanding>> {
        let about = |standing: &SessionStanding| vec![id.uuid(), standing.session.user_id.uuid()];
        self.read.find(id, about, self.store.find_standing(scope, id)).await
    }

    async fn page(
        &self,
        scope: &UserScope,
        request: &PageRequest,
        now: Timestamp,
    ) -> StoreResult<Page<Session>> {
        self.store.page(scope, request, now).await
    }
}

/// Who is a member where, as what.
pub(super) struct RememberedMemberships {
    store: Arc<dyn Memberships>,
    read: Remembered<(UserId, WorkspaceId), Role>,
}

impl RememberedMemberships {
    pub(super) fn new(store: Arc<dyn Memberships>, standings: Arc<Standings>) -> Self {
        Self { store, read: Remembered::new(standings, MOST) }
    }
}

#[async_trait]
impl Memberships for RememberedMemberships {
    async fn role_of(&self, user: UserId, workspace: WorkspaceId) -> StoreResult<Option<Role>> {
        let about = |_: &Role| vec![user.uuid(), workspace.uuid()];
        self.read.find((user, workspace), about, self.store.role_of(user, workspace)).await
    }
}

/// What owners have set as the most that models may cost.
pub(super) struct RememberedBudgets {
    store: Arc<dyn BudgetReader>,
    read: Remembered<WorkspaceId, Budget>,
}

impl RememberedBudgets {
    pub(super) fn new(store: Arc<dyn BudgetReader>, standings: Arc<Standings>) -> Self {
        Self { store, read: Remembered::new(standings, MOST) }
    }
}

#[async_trait]
impl BudgetReader for RememberedBudgets {
    async fn find(&self, scope: &WorkspaceScope) -> StoreResult<Budget> {
        let workspace = scope.workspace();
        let about = |_: &Budget| vec![workspace.uuid()];
        let find = async { self.store.find(scope).await.map(Some) };
        Ok(self.read.find(workspace, about, find).await?.unwrap_or(Budget::UNSET))
    }
}

/// API keys, by the hash of their text.
pub(super) struct RememberedKeys {
    store: Arc<dyn ApiKeyDirectory>,
    standings: Arc<Standings>,
    read: Remembered<TokenHash, KeyStanding>,
}

impl RememberedKeys {
    pub(super) fn new(store: Arc<dyn ApiKeyDirectory>, standings: Arc<Standings>) -> Self {
        Self { store, read: Remembered::new(standings.clone(), MOST), standings }
    }
}

#[async_trait]
impl ApiKeyDirectory for RememberedKeys {
    async fn find_standing(&self, scope: &SystemScope, hash: &TokenHash) -> StoreResult<Option<KeyStanding>> {
        let about = |KeyStanding { key, .. }: &KeyStanding| {
            vec![key.id.uuid(), key.created_by.uuid(), key.workspace_id.uuid()]
        };
        self.read.find(*hash, about, self.store.find_standing(scope, hash)).await
    }

    async fn note_use(&self, scope: &SystemScope, key: ApiKeyId, at: Timestamp) -> StoreResult<()> {
        let noted = self.store.note_use(scope, key, at).await;
        // Else the use would be news to every request until the key is read again.
        self.standings.changed(&[key.uuid()]);
        noted
    }

    async fn list_by(&self, scope: &SystemScope, maker: UserId) -> StoreResult<Vec<ApiKey>> {
        self.store.list_by(scope, maker).await
    }
}
