//! A small store for these tests: tables that a unit copies and puts back on commit. It can pretend that another unit
//! was faster.

use async_trait::async_trait;
use bcm::ports::{
    BcmTx, ContextReader, ContextRepository, FoundationReader, FoundationRepository, IcpReader,
    IcpRepository, OnboardingReader, OnboardingRepository,
};
use bcm::{ContextSummary, ContextVersion, Foundation, Icp, OnboardingSession};
use kernel::{
    EventOutbox, IcpId, IdempotencyKey, IdempotencyRecords, JobOutbox, NewEvent, NewJob, OnboardingId, Page,
    PageRequest, StoreError, StoreResult, Timestamp, Tx, UnitOfWork, Verdict, Work, WorkspaceId,
    WorkspaceScope,
};
use serde_json::Value;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

#[derive(Clone, Default)]
pub(crate) struct Tables {
    pub(crate) sessions: Vec<OnboardingSession>,
    pub(crate) foundations: Vec<Foundation>,
    pub(crate) icps: Vec<Icp>,
    pub(crate) versions: Vec<ContextVersion>,
    pub(crate) events: Vec<NewEvent>,
    answers: BTreeMap<String, Value>,
    rivals: u32,
}

#[derive(Clone, Default)]
pub(crate) struct Store(Arc<Mutex<Tables>>);

impl Store {
    pub(crate) fn tables(&self) -> Tables {
        self.0.lock().unwrap().clone()
    }

    pub(crate) fn change(&self, change: impl FnOnce(&mut Tables)) {
        change(&mut self.0.lock().unwrap());
    }

    /// The next so many units find that another one was faster.
    pub(crate) fn let_rivals_win(&self, times: u32) {
        self.change(|tables| tables.rivals = times);
    }
}

struct Unit {
    tables: Tables,
    workspace: WorkspaceId,
}

#[async_trait]
impl UnitOfWork<dyn BcmTx, WorkspaceScope> for Store {
    async fn run_erased(&self, scope: &WorkspaceScope, work: &mut dyn Work<dyn BcmTx>) -> StoreResult<()> {
        let mut unit = Unit { tables: self.tables(), workspace: scope.workspace() };
        if work.go(&mut unit).await == Verdict::Rollback {
            return Ok(());
        }
        let mut tables = self.0.lock().unwrap();
        if tables.rivals > 0 {
            tables.rivals -= 1;
            return Err(StoreError::Stale);
        }
        *tables = unit.tables;
        Ok(())
    }
}

#[async_trait]
impl EventOutbox for Unit {
    async fn append(&mut self, event: NewEvent) -> StoreResult<()> {
        self.tables.events.push(event);
        Ok(())
    }
}

#[async_trait]
impl JobOutbox for Unit {
    async fn enqueue(&mut self, job: NewJob) -> StoreResult<bool> {
        Err(StoreError::Internal(format!("no job is expected here: {job:?}")))
    }
}

#[async_trait]
impl IdempotencyRecords for Unit {
    async fn claim(&mut self, key: &IdempotencyKey, _now: Timestamp) -> StoreResult<Option<Value>> {
        Ok(self.tables.answers.get(&key.key).cloned())
    }

    async fn store(
        &mut self,
        key: &IdempotencyKey,
        answer: &Value,
        _expires_at: Timestamp,
    ) -> StoreResult<()> {
        self.tables.answers.insert(key.key.clone(), answer.clone());
        Ok(())
    }
}

/// Puts `row` in the place of the one that `same` finds.
fn replace<T: Clone>(rows: &mut [T], row: &T, same: impl Fn(&T) -> bool) -> StoreResult<()> {
    let stored = rows.iter_mut().find(|stored| same(stored)).ok_or(StoreError::Stale)?;
    *stored = row.clone();
    Ok(())
}

#[async_trait]
impl OnboardingRepository for Unit {
    async fn insert(&mut self, session: &OnboardingSession) -> StoreResult<()> {
        if self.find_open().await?.is_some() {
            return Err(StoreError::Conflict("onboarding_sessions".to_owned()));
        }
        self.tables.sessions.push(session.clone());
        Ok(())
    }

    async fn find(&mut self, id: OnboardingId) -> StoreResult<Option<OnboardingSession>> {
        let mine = |s: &&OnboardingSession| s.id == id && s.workspace_id == self.workspace;
        Ok(self.tables.sessions.iter().find(mine).cloned())
    }

    async fn find_open(&mut self) -> StoreResult<Option<OnboardingSession>> {
        let open = |s: &&OnboardingSession| s.finalised_at.is_none() && s.workspace_id == self.workspace;
        Ok(self.tables.sessions.iter().find(open).cloned())
    }

    async fn save(&mut self, session: &OnboardingSession, expected: i32) -> StoreResult<()> {
        replace(&mut self.tables.sessions, session, |s| s.id == session.id && s.version == expected)
    }
}

#[async_trait]
impl FoundationRepository for Unit {
    async fn insert(&mut self, foundation: &Foundation) -> StoreResult<()> {
        self.tables.foundations.push(foundation.clone());
        Ok(())
    }

    async fn find(&mut self) -> StoreResult<Option<Foundation>> {
        Ok(self.tables.foundations.iter().find(|f| f.workspace_id == self.workspace).cloned())
    }

    async fn save(&mut self, foundation: &Foundation, expected: i32) -> StoreResult<()> {
        replace(&mut self.tables.foundations, foundation, |f| f.id == foundation.id && f.version == expected)
    }
}

#[async_trait]
impl IcpRepository for Unit {
    async fn insert(&mut self, icp: &Icp) -> StoreResult<()> {
        self.tables.icps.push(icp.clone());
        Ok(())
    }

    async fn find(&mut self, id: IcpId) -> StoreResult<Option<Icp>> {
        Ok(self.tables.icps.iter().find(|i| i.id == id && i.workspace_id == self.workspace).cloned())
    }

    async fn list(&mut self) -> StoreResult<Vec<Icp>> {
        let mut icps = self.tables.icps.clone();
        icps.retain(|icp| icp.workspace_id == self.workspace);
        icps.sort_by_key(|icp| (icp.profile.priority, icp.id));
        Ok(icps)
    }

    async fn save(&mut self, icp: &Icp, expected: i32) -> StoreResult<()> {
        replace(&mut self.tables.icps, icp, |i| i.id == icp.id && i.version == expected)
    }

    async fn delete(&mut self, id: IcpId, expected: i32) -> StoreResult<()> {
        let before = self.tables.icps.len();
        self.tables.icps.retain(|icp| icp.id != id || icp.version != expected);
        if self.tables.icps.len() < before { Ok(()) } else { Err(StoreError::Stale) }
    }
}

#[async_trait]
impl ContextRepository for Unit {
    async fn current(&mut self) -> StoreResult<Option<ContextVersion>> {
        Ok(self.tables.versions.iter().rfind(|v| v.workspace_id == self.workspace).cloned())
    }

    async fn find(&mut self, number: i32) -> StoreResult<Option<ContextVersion>> {
        let mine = |v: &&ContextVersion| v.workspace_id == self.workspace && v.number == number;
        Ok(self.tables.versions.iter().find(mine).cloned())
    }

    async fn append(&mut self, version: &ContextVersion) -> StoreResult<()> {
        let current = self.current().await?.map_or(0, |version| version.number);
        if version.number != current + 1 {
            return Err(StoreError::Stale);
        }
        self.tables.versions.push(version.clone());
        Ok(())
    }
}

impl Tx for Unit {
    fn events(&mut self) -> &mut dyn EventOutbox {
        self
    }

    fn jobs(&mut self) -> &mut dyn JobOutbox {
        self
    }

    fn idempotency(&mut self) -> &mut dyn IdempotencyRecords {
        self
    }
}

impl BcmTx for Unit {
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

impl Store {
    fn unit(&self, scope: &WorkspaceScope) -> Unit {
        Unit { tables: self.tables(), workspace: scope.workspace() }
    }
}

#[async_trait]
impl OnboardingReader for Store {
    async fn find(&self, scope: &WorkspaceScope, id: OnboardingId) -> StoreResult<Option<OnboardingSession>> {
        OnboardingRepository::find(&mut self.unit(scope), id).await
    }

    async fn find_latest(&self, scope: &WorkspaceScope) -> StoreResult<Option<OnboardingSession>> {
        let mine = |s: &OnboardingSession| s.workspace_id == scope.workspace();
        let sessions = self.tables().sessions.into_iter().filter(mine);
        Ok(sessions.max_by_key(|session| (session.finalised_at.is_none(), session.id)))
    }
}

#[async_trait]
impl FoundationReader for Store {
    async fn find(&self, scope: &WorkspaceScope) -> StoreResult<Option<Foundation>> {
        FoundationRepository::find(&mut self.unit(scope)).await
    }
}

#[async_trait]
impl IcpReader for Store {
    async fn find(&self, scope: &WorkspaceScope, id: IcpId) -> StoreResult<Option<Icp>> {
        IcpRepository::find(&mut self.unit(scope), id).await
    }

    async fn existing(&self, scope: &WorkspaceScope, ids: &[IcpId]) -> StoreResult<Vec<IcpId>> {
        let mut known: Vec<IcpId> = self.unit(scope).list().await?.into_iter().map(|icp| icp.id).collect();
        known.retain(|id| ids.contains(id));
        known.sort_unstable();
        Ok(known)
    }

    async fn page(&self, scope: &WorkspaceScope, request: &PageRequest) -> StoreResult<Page<Icp>> {
        let mut icps = self.unit(scope).list().await?;
        icps.retain(|icp| request.after.is_none_or(|after| icp.id.uuid() > after));
        icps.sort_by_key(|icp| icp.id);
        Ok(Page::cut(icps, request.limit, |icp| icp.id.uuid()))
    }
}

#[async_trait]
impl ContextReader for Store {
    async fn current(&self, scope: &WorkspaceScope) -> StoreResult<Option<ContextVersion>> {
        self.unit(scope).current().await
    }

    async fn find(&self, scope: &WorkspaceScope, number: i32) -> StoreResult<Option<ContextVersion>> {
        ContextRepository::find(&mut self.unit(scope), number).await
    }

    async fn page(
        &self,
        scope: &WorkspaceScope,
        request: &PageRequest<i32>,
    ) -> StoreResult<Page<ContextSummary, i32>> {
        let wanted = |v: &ContextVersion| {
            v.workspace_id == scope.workspace() && request.after.is_none_or(|after| v.number < after)
        };
        let versions = self.tables().versions.into_iter().rev().filter(wanted).map(ContextSummary::from);
        Ok(Page::cut(versions.collect(), request.limit, |version| version.number))
    }

    async fn chain(
        &self,
        scope: &WorkspaceScope,
        after: i32,
        limit: u32,
    ) -> StoreResult<Vec<ContextVersion>> {
        let wanted = |v: &ContextVersion| v.workspace_id == scope.workspace() && v.number > after;
        Ok(self.tables().versions.into_iter().filter(wanted).take(limit as usize).collect())
    }
}
