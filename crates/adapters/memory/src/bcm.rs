use crate::{
    store::Store,
    tables::{Table, rows},
    unit::Unit,
};
use ::bcm::{
    ContextSummary, ContextVersion, Foundation, Icp, OnboardingSession,
    ports::{
        BcmTx, ContextReader, ContextRepository, FoundationReader, FoundationRepository, IcpReader,
        IcpRepository, OnboardingReader, OnboardingRepository,
    },
};
use async_trait::async_trait;
use kernel::{
    FoundationId, IcpId, OnboardingId, Page, PageRequest, StoreError, StoreResult, UnitOfWork, Work,
    WorkspaceId, WorkspaceScope,
};
use std::collections::{BTreeMap, BTreeSet};

#[derive(Clone, Default)]
pub(crate) struct State {
    sessions: Table<OnboardingSession>,
    foundations: Table<Foundation>,
    icps: Table<Icp>,
    versions: BTreeMap<(WorkspaceId, i32), ContextVersion>,
}

rows! {
    OnboardingSession, OnboardingId, "onboarding_sessions";
    Foundation, FoundationId, "foundations";
    Icp, IcpId, "icps";
}

impl State {
    pub(crate) fn purge(&mut self, workspace: WorkspaceId) {
        let Self { sessions, foundations, icps, versions } = self;
        sessions.retain(workspace, |_| false);
        foundations.retain(workspace, |_| false);
        icps.retain(workspace, |_| false);
        versions.retain(|(of, _), _| *of != workspace);
    }

    fn open_session(&self, workspace: WorkspaceId) -> Option<&OnboardingSession> {
        self.sessions.of(workspace).find(|session| session.finalised_at.is_none())
    }

    fn foundation(&self, workspace: WorkspaceId) -> Option<&Foundation> {
        self.foundations.of(workspace).next()
    }

    /// What the stored session breaks: a second one that is open, a version that is not there.
    fn session_rules(&self, session: &OnboardingSession) -> StoreResult<()> {
        let workspace = session.workspace_id;
        if self.sessions.of(workspace).filter(|session| session.finalised_at.is_none()).count() > 1 {
            return Err(StoreError::Conflict("onboarding_sessions".to_owned()));
        }
        match session.context_number {
            Some(number) if !self.versions.contains_key(&(workspace, number)) => {
                Err(StoreError::Dangling("onboarding_sessions".to_owned()))
            }
            Some(_) | None => Ok(()),
        }
    }

    /// The tenant's versions in order of their numbers.
    fn versions_of(&self, workspace: WorkspaceId) -> impl DoubleEndedIterator<Item = &ContextVersion> {
        self.versions.range((workspace, i32::MIN)..=(workspace, i32::MAX)).map(|(_, version)| version)
    }

    fn current(&self, workspace: WorkspaceId) -> Option<&ContextVersion> {
        self.versions_of(workspace).next_back()
    }

    fn append(&mut self, workspace: WorkspaceId, version: &ContextVersion) -> StoreResult<()> {
        let before = self.current(workspace).map_or(0, |current| current.number);
        if version.number.checked_sub(1) != Some(before) {
            return Err(StoreError::Stale);
        }
        if self.versions.values().any(|stored| stored.id == version.id) {
            return Err(StoreError::Conflict("context_versions".to_owned()));
        }
        self.versions.insert((workspace, version.number), version.clone());
        Ok(())
    }
}

type TenantUnit = Unit<WorkspaceScope>;

#[async_trait]
impl OnboardingRepository for TenantUnit {
    async fn insert(&mut self, session: &OnboardingSession) -> StoreResult<()> {
        self.statement(|unit| {
            unit.state.bcm.sessions.insert(session)?;
            unit.state.bcm.session_rules(session)
        })
    }

    async fn find(&mut self, id: OnboardingId) -> StoreResult<Option<OnboardingSession>> {
        self.statement(|unit| Ok(unit.state.bcm.sessions.find(unit.scope.workspace(), id)))
    }

    async fn find_open(&mut self) -> StoreResult<Option<OnboardingSession>> {
        self.statement(|unit| Ok(unit.state.bcm.open_session(unit.scope.workspace()).cloned()))
    }

    async fn save(&mut self, session: &OnboardingSession, expected: i32) -> StoreResult<()> {
        self.statement(|unit| {
            unit.state.bcm.sessions.save(unit.scope.workspace(), session, expected)?;
            unit.state.bcm.session_rules(session)
        })
    }
}

#[async_trait]
impl FoundationRepository for TenantUnit {
    async fn insert(&mut self, foundation: &Foundation) -> StoreResult<()> {
        self.statement(|unit| match unit.state.bcm.foundation(foundation.workspace_id) {
            Some(_) => Err(StoreError::Conflict("foundations".to_owned())),
            None => unit.state.bcm.foundations.insert(foundation),
        })
    }

    async fn find(&mut self) -> StoreResult<Option<Foundation>> {
        self.statement(|unit| Ok(unit.state.bcm.foundation(unit.scope.workspace()).cloned()))
    }

    async fn save(&mut self, foundation: &Foundation, expected: i32) -> StoreResult<()> {
        self.statement(|unit| unit.state.bcm.foundations.save(unit.scope.workspace(), foundation, expected))
    }
}

#[async_trait]
impl IcpRepository for TenantUnit {
    async fn insert(&mut self, icp: &Icp) -> StoreResult<()> {
        self.statement(|unit| unit.state.bcm.icps.insert(icp))
    }

    async fn find(&mut self, id: IcpId) -> StoreResult<Option<Icp>> {
        self.statement(|unit| Ok(unit.state.bcm.icps.find(unit.scope.workspace(), id)))
    }

    async fn list(&mut self) -> StoreResult<Vec<Icp>> {
        self.statement(|unit| {
            let mut icps: Vec<Icp> = unit.state.bcm.icps.of(unit.scope.workspace()).cloned().collect();
            icps.sort_by_key(|icp| (icp.profile.priority, icp.id));
            Ok(icps)
        })
    }

    async fn save(&mut self, icp: &Icp, expected: i32) -> StoreResult<()> {
        self.statement(|unit| unit.state.bcm.icps.save(unit.scope.workspace(), icp, expected))
    }

    async fn delete(&mut self, id: IcpId, expected: i32) -> StoreResult<()> {
        self.statement(|unit| {
            let other = |icp: &Icp| icp.id != id || icp.version != expected;
            let gone = unit.state.bcm.icps.retain(unit.scope.workspace(), other);
            if gone == 1 { Ok(()) } else { Err(StoreError::Stale) }
        })
    }
}

#[async_trait]
impl ContextRepository for TenantUnit {
    async fn current(&mut self) -> StoreResult<Option<ContextVersion>> {
        self.statement(|unit| Ok(unit.state.bcm.current(unit.scope.workspace()).cloned()))
    }

    async fn find(&mut self, number: i32) -> StoreResult<Option<ContextVersion>> {
        self.statement(|unit| Ok(unit.state.bcm.versions.get(&(unit.scope.workspace(), number)).cloned()))
    }

    async fn append(&mut self, version: &ContextVersion) -> StoreResult<()> {
        self.statement(|unit| unit.state.bcm.append(unit.scope.workspace(), version))
    }
}

impl BcmTx for TenantUnit {
    fn onboarding(&mut self) -> &mut dyn OnboardingRepository {
        self
    }

    fn foundations(&mut self) -> &mut dyn FoundationRepository {
        self
    }

    fn icps(&mut self) -> &mut dyn IcpRepository {
        self
    }

    fn contexts(&mut self) -> &mut dyn ContextRepository {
        self
    }
}

#[async_trait]
impl UnitOfWork<dyn BcmTx, WorkspaceScope> for Store {
    async fn run_erased(&self, scope: &WorkspaceScope, work: &mut dyn Work<dyn BcmTx>) -> StoreResult<()> {
        self.run_unit(scope, work, |unit| unit).await
    }
}

#[async_trait]
impl OnboardingReader for Store {
    async fn find(&self, scope: &WorkspaceScope, id: OnboardingId) -> StoreResult<Option<OnboardingSession>> {
        Ok(self.state().await?.bcm.sessions.find(scope.workspace(), id))
    }

    async fn find_latest(&self, scope: &WorkspaceScope) -> StoreResult<Option<OnboardingSession>> {
        let state = self.state().await?;
        let sessions = state.bcm.sessions.of(scope.workspace());
        Ok(sessions.max_by_key(|session| (session.finalised_at.is_none(), session.id)).cloned())
    }
}

#[async_trait]
impl FoundationReader for Store {
    async fn find(&self, scope: &WorkspaceScope) -> StoreResult<Option<Foundation>> {
        Ok(self.state().await?.bcm.foundation(scope.workspace()).cloned())
    }
}

#[async_trait]
impl IcpReader for Store {
    async fn find(&self, scope: &WorkspaceScope, id: IcpId) -> StoreResult<Option<Icp>> {
        Ok(self.state().await?.bcm.icps.find(scope.workspace(), id))
    }

    async fn existing(&self, scope: &WorkspaceScope, ids: &[IcpId]) -> StoreResult<Vec<IcpId>> {
        let state = self.state().await?;
        let wanted: BTreeSet<&IcpId> = ids.iter().collect();
        let known = state.bcm.icps.of(scope.workspace()).map(|icp| icp.id);
        Ok(known.filter(|id| wanted.contains(id)).collect())
    }

    async fn page(&self, scope: &WorkspaceScope, request: &PageRequest) -> StoreResult<Page<Icp>> {
        let state = self.state().await?;
        let newer = |icp: &&Icp| request.after.is_none_or(|after| icp.id.uuid() > after);
        let rows = state.bcm.icps.of(scope.workspace()).filter(newer);
        let rows = rows.take(request.limit.get() as usize + 1).cloned().collect();
        Ok(Page::cut(rows, request.limit, |icp: &Icp| icp.id.uuid()))
    }
}

#[async_trait]
impl ContextReader for Store {
    async fn current(&self, scope: &WorkspaceScope) -> StoreResult<Option<ContextVersion>> {
        Ok(self.state().await?.bcm.current(scope.workspace()).cloned())
    }

    async fn find(&self, scope: &WorkspaceScope, number: i32) -> StoreResult<Option<ContextVersion>> {
        Ok(self.state().await?.bcm.versions.get(&(scope.workspace(), number)).cloned())
    }

    async fn page(
        &self,
        scope: &WorkspaceScope,
        request: &PageRequest<i32>,
    ) -> StoreResult<Page<ContextSummary, i32>> {
        let state = self.state().await?;
        let older = |version: &&ContextVersion| request.after.is_none_or(|after| version.number < after);
        let rows = state.bcm.versions_of(scope.workspace()).rev().filter(older);
        let rows = rows.take(request.limit.get() as usize + 1).cloned().map(ContextSummary::from).collect();
        Ok(Page::cut(rows, request.limit, |version: &ContextSummary| version.number))
    }

    async fn chain(
        &self,
        scope: &WorkspaceScope,
        after: i32,
        limit: u32,
    ) -> StoreResult<Vec<ContextVersion>> {
        let state = self.state().await?;
        let later = state.bcm.versions_of(scope.workspace()).filter(|version| version.number > after);
        Ok(later.take(limit as usize).cloned().collect())
    }
}
