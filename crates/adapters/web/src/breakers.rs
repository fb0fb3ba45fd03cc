//! All breakers of a process.

use crate::{
    Breaker, BreakerPolicy, BreakerState, Dependency, NoClient, Policy, breaker::Inner, client,
    pause::RealTime,
};
use kernel::{BreakerBoard, BreakerNote, Clock, Pause, Randomness, Timestamp};
use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};
use tokio::{runtime::Handle, time::timeout};

/// Between two looks at the board.
const REFRESH: Duration = Duration::from_secs(5);
/// How long the board may take.
const PATIENCE: Duration = Duration::from_secs(2);

/// The breakers of a process, one a dependency. Clones are the same ones.
///
/// With a [board](Self::with_board) each tells the others' processes when it opens and when it closes again, and opens for
/// the rest of the wait of whom it hears. That happens in tasks of their own: no call waits for the board, and none fails
/// with it.
#[derive(Clone)]
pub struct Breakers(Arc<Registry>);

#[derive(Clone)]
struct Registry {
    clock: Arc<dyn Clock>,
    randomness: Arc<dyn Randomness>,
    pause: Arc<dyn Pause>,
    board: Option<Arc<dyn BreakerBoard>>,
    known: Arc<Mutex<BTreeMap<Arc<str>, Arc<Inner>>>>,
    read_at: Arc<Mutex<Option<Timestamp>>>,
    /// One note at a time, so that the last one says how things are.
    publishing: Arc<tokio::sync::Mutex<()>>,
}

/// How one breaker is, for health and metrics.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BreakerReport {
    /// The dependency.
    pub name: Arc<str>,
    /// How it is. One whose wait is over is half-open: it goes by the next call, whenever that comes.
    pub state: BreakerState,
    /// Since when.
    pub since: Timestamp,
    /// Failures since the last call that was answered.
    pub failures: u32,
    /// Until when nobody is called; `None` unless it is open.
    pub open_until: Option<Timestamp>,
}

impl Breakers {
    /// No breakers yet, and nobody to share with.
    #[must_use]
    pub fn new(clock: Arc<dyn Clock>, randomness: Arc<dyn Randomness>) -> Self {
        Self(Arc::new(Registry {
            clock,
            randomness,
            pause: Arc::new(RealTime),
            board: None,
            known: Arc::default(),
            read_at: Arc::default(),
            publishing: Arc::default(),
        }))
    }

    /// The same, shared with other processes. To be said before breakers are made.
    #[must_use]
    pub fn with_board(self, board: Arc<dyn BreakerBoard>) -> Self {
        Self(Arc::new(Registry { board: Some(board), ..(*self.0).clone() }))
    }

    /// The same with another way to wait between attempts. To be said before breakers are made.
    #[must_use]
    pub fn with_pause(self, pause: Arc<dyn Pause>) -> Self {
        Self(Arc::new(Registry { pause, ..(*self.0).clone() }))
    }

    /// The breaker of this name, closed when it is new. Whoever names it first says its policy.
    #[must_use]
    pub fn breaker(&self, name: &str, policy: BreakerPolicy) -> Breaker {
        let now = self.now();
        let mut known = self.known();
        let inner = match known.get(name) {
            Some(inner) => inner.clone(),
            None => {
                let inner = Arc::new(Inner::new(name, policy, now));
                known.insert(inner.name.clone(), inner.clone());
                inner
            }
        };
        drop(known);
        Breaker { breakers: self.clone(), inner }
    }

    /// A dependency of this name, called by a client of its own under the breaker of that name.
    ///
    /// # Errors
    /// [`NoClient`].
    pub fn dependency(&self, name: &str, policy: Policy) -> Result<Dependency, NoClient> {
        let http = client(policy.attempt)?;
        Ok(Dependency::new(http, policy.retry, self.breaker(name, policy.breaker)))
    }

    /// How each breaker is, by name.
    #[must_use]
    pub fn list(&self) -> Vec<BreakerReport> {
        let now = self.now();
        let report = |inner: &Arc<Inner>| {
            let memory = inner.memory();
            let state = memory.seen(now);
            BreakerReport {
                name: inner.name.clone(),
                state,
                since: memory.since,
                failures: memory.failures,
                open_until: (state == BreakerState::Open).then_some(memory.until),
            }
        };
        self.known().values().map(report).collect()
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.0.clock.now()
    }

    /// A random byte; without randomness those who failed together come back together.
    pub(crate) fn jitter(&self) -> u8 {
        let mut byte = [0];
        self.0.randomness.fill(&mut byte).map_or(0, |()| byte[0])
    }

    pub(crate) async fn pause(&self, wait: Duration) {
        self.0.pause.pause(wait).await;
    }

    fn known(&self) -> MutexGuard<'_, BTreeMap<Arc<str>, Arc<Inner>>> {
        self.0.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Looks at the board behind the call's back, now and then.
    pub(crate) fn refresh(&self) {
        let (Some(board), Ok(runtime)) = (&self.0.board, Handle::try_current()) else { return };
        let now = self.now();
        {
            let mut read_at = self.0.read_at.lock().unwrap_or_else(PoisonError::into_inner);
            if read_at.is_some_and(|at| now >= at && now.since(at) < REFRESH) {
                return;
            }
            *read_at = Some(now);
        }
        let (board, breakers) = (board.clone(), self.clone());
        runtime.spawn(async move { breakers.look_at(&*board).await });
    }

    async fn look_at(&self, board: &dyn BreakerBoard) {
        let known: Vec<_> = self.known().values().cloned().collect();
        let names: Vec<&str> = known.iter().map(|inner| &*inner.name).collect();
        let notes = match timeout(PATIENCE, board.read(&names)).await {
            Ok(Ok(notes)) => notes,
            Ok(Err(error)) => return tracing::debug!(error = %error, "the board of breakers was not read"),
            Err(_) => return tracing::debug!("the board of breakers was not read in time"),
        };
        let now = self.now();
        for note in notes {
            let Some(inner) = known.iter().find(|inner| *inner.name == *note.dependency) else { continue };
            if inner.memory().told(&note, now) {
                tracing::warn!(
                    dependency.name = note.dependency,
                    retry_at = %note.until,
                    "another process has found a dependency down; it is left alone"
                );
            }
        }
    }

    /// Tells others how a breaker is that has changed.
    pub(crate) fn publish(&self, inner: &Arc<Inner>) {
        let (Some(board), Ok(runtime)) = (&self.0.board, Handle::try_current()) else { return };
        let (board, inner, turn) = (board.clone(), inner.clone(), self.0.publishing.clone());
        runtime.spawn(async move {
            let _turn = turn.lock().await;
            if let Ok(Err(error)) = timeout(PATIENCE, tell(&*board, &inner)).await {
                tracing::debug!(error = %error, "the board of breakers was not told");
            }
        });
    }
}

/// How the breaker is by now: what it was when the task was made may be over.
async fn tell(board: &dyn BreakerBoard, inner: &Inner) -> Result<(), kernel::BoardAway> {
    let (state, is_own, since, until) = {
        let memory = inner.memory();
        (memory.state, memory.is_own, memory.since, memory.until)
    };
    match state {
        BreakerState::Open if is_own => {
            board.put_up(&BreakerNote { dependency: inner.name.to_string(), since, until }).await
        }
        BreakerState::Closed => board.take_down(&inner.name).await,
        BreakerState::Open | BreakerState::HalfOpen => Ok(()),
    }
}
