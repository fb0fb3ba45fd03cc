//! A queue that does what the store does, but for what goes wrong.

use async_trait::async_trait;
use kernel::{
    Job, JobId, JobQueue, JobState, Kinds, Settlement, StoreError, StoreResult, SystemScope, Timestamp,
};
use memory::Store;
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// What goes wrong with one call.
#[derive(Debug, Clone, Copy)]
pub(in crate::worker) enum Wrong {
    /// Nothing is stored, as the store is away.
    Away,
    /// It is stored, and nobody hears of it.
    Unheard,
    /// The store does not take it, however often it is asked.
    Refused,
}

/// The queue, and how often it was asked to settle.
pub(in crate::worker) struct Wayward {
    pub(in crate::worker) store: Arc<Store>,
    /// What goes wrong when it is asked to settle after so many times.
    pub(in crate::worker) settling: fn(u32) -> Option<Wrong>,
    /// Whether nothing comes of claiming, nor an answer.
    pub(in crate::worker) hangs: bool,
    pub(in crate::worker) asked: Mutex<u32>,
}

impl Wayward {
    /// One that goes wrong as it settles.
    pub(in crate::worker) fn settling(store: &Arc<Store>, settling: fn(u32) -> Option<Wrong>) -> Arc<Self> {
        Arc::new(Self { store: store.clone(), settling, hangs: false, asked: Mutex::default() })
    }

    /// One that hangs when a job is claimed.
    pub(in crate::worker) fn hanging(store: &Arc<Store>) -> Arc<Self> {
        Arc::new(Self { store: store.clone(), settling: |_| None, hangs: true, asked: Mutex::default() })
    }

    /// How often it was asked before.
    fn before(&self) -> u32 {
        let mut asked = self.asked.lock().unwrap();
        *asked += 1;
        *asked - 1
    }
}

#[async_trait]
impl JobQueue for Wayward {
    async fn claim(
        &self,
        scope: &SystemScope,
        kinds: Kinds<'_>,
        worker: &str,
        now: Timestamp,
        lease: Duration,
    ) -> StoreResult<Option<Job>> {
        if self.hangs {
            std::future::pending::<()>().await;
        }
        self.store.claim(scope, kinds, worker, now, lease).await
    }

    async fn renew(&self, scope: &SystemScope, job: &Job, until: Timestamp) -> StoreResult<bool> {
        self.store.renew(scope, job, until).await
    }

    async fn settle(
        &self,
        scope: &SystemScope,
        job: &Job,
        settlement: &Settlement,
        now: Timestamp,
    ) -> StoreResult<bool> {
        let away = || Err(StoreError::Unavailable("it is away".to_owned()));
        match (self.settling)(self.before()) {
            None => self.store.settle(scope, job, settlement, now).await,
            Some(Wrong::Away) => away(),
            Some(Wrong::Unheard) => {
                self.store.settle(scope, job, settlement, now).await?;
                away()
            }
            Some(Wrong::Refused) => Err(StoreError::Internal("no".to_owned())),
        }
    }

    async fn waiting_since(&self, scope: &SystemScope, now: Timestamp) -> StoreResult<Option<Timestamp>> {
        self.store.waiting_since(scope, now).await
    }

    async fn dead_letters(
        &self,
        scope: &SystemScope,
        kind: Option<&str>,
        after: Option<JobId>,
        most: i64,
    ) -> StoreResult<Vec<Job>> {
        JobQueue::dead_letters(self.store.as_ref(), scope, kind, after, most).await
    }

    async fn count(&self, scope: &SystemScope, state: JobState) -> StoreResult<i64> {
        self.store.count(scope, state).await
    }
}
