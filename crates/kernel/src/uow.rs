//! The unit of work: what is written in it is committed whole or not at all.
//!
//! ```ignore
//! uow.run(scope, async |tx| {
//!     tx.campaigns().insert(&campaign).await?;
//!     tx.events().append(created).await?;
//!     Ok(campaign)
//! })
//! ```
//!
//! `Ok` commits, `Err` and a dropped future roll back, and a unit in which a statement has failed can't be committed
//! even when the closure swallows that failure. Remote calls happen before or after, never inside.

use crate::{
    CallContext, EventOutbox, IdempotencyKey, IdempotencyRecords, JobOutbox, Schedules, StoreError,
    StoreResult, Timestamp, idempotency::KEPT_FOR,
};
use async_trait::async_trait;
use serde::{Serialize, de::DeserializeOwned};

/// What every unit of work offers beside its domain's repositories.
pub trait Tx: Send {
    /// Facts, written last.
    fn events(&mut self) -> &mut dyn EventOutbox;
    /// Work for later.
    fn jobs(&mut self) -> &mut dyn JobOutbox;
    /// Work that comes again and again.
    fn schedules(&mut self) -> &mut dyn Schedules;
    /// Answers of earlier requests.
    fn idempotency(&mut self) -> &mut dyn IdempotencyRecords;
}

/// How a piece of work ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// Keep what was written.
    Commit,
    /// Forget it.
    Rollback,
}

/// A piece of work without its types; made by [`UnitOfWork`]'s `run`, never by hand.
#[async_trait]
pub trait Work<T: ?Sized + Send>: Send {
    /// Does the work.
    async fn go(&mut self, tx: &mut T) -> Verdict;
}

/// A store's transactions over the repositories `T`, under a scope `S`.
#[async_trait]
pub trait UnitOfWork<T: ?Sized + Send + 'static, S: Sync + 'static>: Send + Sync {
    /// Runs the work in one transaction. MUST commit when the verdict is `Commit` and no statement has failed; MUST
    /// answer [`StoreError::Poisoned`] when one has; MUST roll back on `Rollback`, on drop and on panic; MUST give a
    /// waiting caller up after a bounded time ([`StoreError::Unavailable`]).
    async fn run_erased(&self, scope: &S, work: &mut dyn Work<T>) -> StoreResult<()>;
}

/// An `AsyncFnOnce` whose future can be required to be `Send`, which the plain bound can't say yet.
///
/// The technique is diesel-async's (0.9): name the future through `FnOnce`'s output.
pub trait AsyncFunc<A, R>: AsyncFnOnce(A) -> R + FnOnce(A) -> <Self as AsyncFunc<A, R>>::Fut {
    /// The future of one call.
    type Fut: Future<Output = R>;
}

impl<F, A, Fut, R> AsyncFunc<A, R> for F
where
    F: AsyncFnOnce(A) -> R + FnOnce(A) -> Fut,
    Fut: Future<Output = R>,
{
    type Fut = Fut;
}

struct Once<F, R, E> {
    work: Option<F>,
    outcome: Option<Result<R, E>>,
}

#[async_trait]
impl<T, F, R, E> Work<T> for Once<F, R, E>
where
    T: ?Sized + Send,
    R: Send,
    E: Send,
    F: for<'r> AsyncFnOnce(&'r mut T) -> Result<R, E>
        + for<'r> AsyncFunc<&'r mut T, Result<R, E>, Fut: Send>
        + Send,
{
    async fn go(&mut self, tx: &mut T) -> Verdict {
        let Some(work) = self.work.take() else { return Verdict::Rollback };
        let outcome = work(tx).await;
        let verdict = if outcome.is_ok() { Verdict::Commit } else { Verdict::Rollback };
        self.outcome = Some(outcome);
        verdict
    }
}

struct Repeatable<'c, F, R, E> {
    inner: Once<F, R, E>,
    key: Option<&'c IdempotencyKey>,
    now: Timestamp,
}

impl<F, R, E> Repeatable<'_, F, R, E>
where
    R: Send + Serialize + DeserializeOwned,
    E: From<StoreError> + Send,
{
    async fn claim(&self, records: &mut dyn IdempotencyRecords) -> Result<Option<R>, E> {
        let Some(key) = self.key else { return Ok(None) };
        let stored = records.claim(key, self.now).await?;
        stored.map(serde_json::from_value).transpose().map_err(|e| StoreError::Corrupt(e.to_string()).into())
    }

    async fn remember(&self, records: &mut dyn IdempotencyRecords) -> Result<(), E> {
        let (Some(key), Some(Ok(answer))) = (self.key, &self.inner.outcome) else { return Ok(()) };
        let answer = serde_json::to_value(answer).map_err(|e| StoreError::Corrupt(e.to_string()))?;
        Ok(records.store(key, &answer, self.now.plus(KEPT_FOR)).await?)
    }
}

#[async_trait]
impl<T, F, R, E> Work<T> for Repeatable<'_, F, R, E>
where
    T: ?Sized + Tx,
    R: Send + Sync + Serialize + DeserializeOwned,
    E: From<StoreError> + Send + Sync,
    F: for<'r> AsyncFnOnce(&'r mut T) -> Result<R, E>
        + for<'r> AsyncFunc<&'r mut T, Result<R, E>, Fut: Send>
        + Send
        + Sync,
{
    async fn go(&mut self, tx: &mut T) -> Verdict {
        match self.claim(tx.idempotency()).await {
            Ok(None) => {}
            answered => {
                self.inner.outcome = answered.transpose();
                return Verdict::Rollback;
            }
        }
        let verdict = self.inner.go(tx).await;
        match self.remember(tx.idempotency()).await {
            Ok(()) => verdict,
            Err(error) => {
                self.inner.outcome = Some(Err(error));
                Verdict::Rollback
            }
        }
    }
}

fn outcome<R, E: From<StoreError>>(store: StoreResult<()>, work: Option<Result<R, E>>) -> Result<R, E> {
    match (store, work) {
        (_, Some(Err(error))) => Err(error),
        (Err(error), _) => Err(error.into()),
        (Ok(()), Some(done)) => done,
        (Ok(()), None) => Err(StoreError::Internal("the store did not run the work".to_owned()).into()),
    }
}

impl<T: ?Sized + Send + 'static, S: Sync + 'static> dyn UnitOfWork<T, S> + '_ {
    /// Runs `work` in one transaction; it may borrow freely.
    ///
    /// # Errors
    /// The work's own error, or the store's when it can't begin or commit.
    pub async fn run<R, E, F>(&self, scope: &S, work: F) -> Result<R, E>
    where
        R: Send,
        E: From<StoreError> + Send,
        F: for<'r> AsyncFnOnce(&'r mut T) -> Result<R, E>
            + for<'r> AsyncFunc<&'r mut T, Result<R, E>, Fut: Send>
            + Send,
    {
        let mut once = Once { work: Some(work), outcome: None };
        let store = self.run_erased(scope, &mut once).await;
        outcome(store, once.outcome)
    }

    /// Runs `work` once per idempotency key of the call: a repeated call gets the first one's answer, and nothing
    /// happens. Without a key it is `run`.
    ///
    /// # Errors
    /// As `run`; and [`StoreError::KeyReused`], [`StoreError::InFlight`].
    pub async fn run_once<R, E, F>(
        &self,
        scope: &S,
        ctx: &CallContext,
        now: Timestamp,
        work: F,
    ) -> Result<R, E>
    where
        T: Tx,
        R: Send + Sync + Serialize + DeserializeOwned,
        E: From<StoreError> + Send + Sync,
        F: for<'r> AsyncFnOnce(&'r mut T) -> Result<R, E>
            + for<'r> AsyncFunc<&'r mut T, Result<R, E>, Fut: Send>
            + Send
            + Sync,
    {
        let inner = Once { work: Some(work), outcome: None };
        let mut repeatable = Repeatable { inner, key: ctx.idempotency.as_ref(), now };
        let store = self.run_erased(scope, &mut repeatable).await;
        outcome(store, repeatable.inner.outcome)
    }
}
