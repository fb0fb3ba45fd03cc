//! Connections of one role, lent to one caller at a time.

use super::pool::Conn;
use crate::sql::{Fail, Settings};
use deadpool::Status;
use diesel_async::pooled_connection::PoolableConnection;
use futures_util::future::BoxFuture;
use std::{
    collections::VecDeque,
    ops::{Deref, DerefMut},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
    time::Duration,
};
use tokio::{
    runtime::{self, Handle},
    sync::oneshot,
    time::{Instant, timeout},
};

/// How long a connection may take to be made.
const OPENING: Duration = Duration::from_secs(5);
/// For so long a connection is new. When a new one leads to a server that takes no writes, another one would, too: it is kept. So a
/// database that is read-only for long has its connections made anew now and then, not with each write that it refuses; and
/// when a fail-over is slower to be known than connections are made, writes go on no more than so much later.
const NEW: Duration = Duration::from_secs(5);
/// So often in a row at most somebody is passed over who waits on another runtime.
const PASSED_OVER: usize = 8;
/// Of so many that are lent to another runtime one is given up instead.
const MOVED: usize = 10_000;

/// How a connection is made.
pub(super) type Open = dyn Fn() -> BoxFuture<'static, diesel::ConnectionResult<Conn>> + Send + Sync;

/// A bounded number of connections, made when they are needed.
///
/// A connection is driven by a task of the runtime that made it, and each thread of the HTTP server is a runtime. So a
/// caller gets a connection of its own runtime wherever that is possible: then what it sends leaves in one packet, and no
/// thread wakes another one. Where it is not possible it gets another runtime's, which costs two changes of thread and
/// nothing else. A connection that comes back goes to the first who waits on its own runtime, as long as the first of all
/// was not passed over [`PASSED_OVER`] times. And where one runtime lives of another's connections, now and then one of those is
/// given up for one of its own, so that they come to lie where they are needed.
///
/// A connection dies with its runtime. Whoever gets a dead one next throws it away.
///
/// Each remembers the scope that its last read has set, and goes to who asks under the same one, if it can: then there is nothing
/// to be set.
///
/// When one turns out to lead to a server that is no longer the one to write to, as after a fail-over, it goes, and with it
/// every other one from before: new ones find the new server. Unless it was made just now.
#[derive(Clone)]
pub(crate) struct ConnPool(Arc<Inner>);

struct Inner {
    open: Box<Open>,
    most: usize,
    wait: Duration,
    kept: Mutex<Kept>,
    /// Connections of an earlier era are not lent again.
    era: AtomicU64,
}

#[derive(Default)]
struct Kept {
    /// How many there are or are being made, lent ones included.
    open: usize,
    /// Those that nobody uses, those used last about last; none while somebody waits.
    idle: Vec<Homed>,
    waiting: VecDeque<Waiter>,
    passed_over: usize,
    /// So often an idle one of another runtime was lent.
    borrowed: usize,
}

/// A connection, and the runtime that drives it.
struct Homed {
    home: runtime::Id,
    conn: Conn,
    /// What is set for it; `None` when nobody can say.
    scope: Option<Settings>,
    /// In which era it was made.
    era: u64,
    /// When it was made.
    made: Instant,
}

struct Waiter {
    home: runtime::Id,
    turn: oneshot::Sender<Turn>,
}

/// What somebody gets whose turn it is.
enum Turn {
    Lent(Box<Held>),
    MayOpen(Opening),
}

/// A place for a connection that is being made. When nothing comes of it, the next one may try.
struct Opening(Option<Arc<Inner>>);

impl Drop for Opening {
    fn drop(&mut self) {
        if let Some(inner) = self.0.take() {
            inner.lost_one();
        }
    }
}

impl Kept {
    /// Who is next for a connection of this home; for one that is still to be made, when there is none.
    fn next(&mut self, home: Option<runtime::Id>) -> Option<Waiter> {
        let own = self.waiting.iter().position(|waiter| home.is_none_or(|home| waiter.home == home));
        let at = if self.passed_over < PASSED_OVER { own.unwrap_or(0) } else { 0 };
        self.passed_over = if at == 0 { 0 } else { self.passed_over + 1 };
        self.waiting.remove(at)
    }
}

impl Inner {
    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether it may be lent again.
    fn is_good(&self, homed: &mut Homed) -> bool {
        homed.era == self.era.load(Relaxed) && !homed.conn.is_broken()
    }

    /// What there is for a caller at once.
    fn try_next(
        self: &Arc<Self>,
        here: runtime::Id,
        scope: Option<Settings>,
    ) -> Result<Turn, oneshot::Receiver<Turn>> {
        let mut kept = self.kept();
        loop {
            let scoped = kept.idle.iter().rposition(|idle| idle.home == here && idle.scope == scope);
            let own = scoped.or_else(|| kept.idle.iter().rposition(|idle| idle.home == here));
            let any = || if kept.open < self.most { None } else { kept.idle.len().checked_sub(1) };
            let Some(at) = own.or_else(any) else { break };
            let mut idle = kept.idle.swap_remove(at);
            kept.borrowed += usize::from(idle.home != here);
            let is_moved = idle.home != here && kept.borrowed.is_multiple_of(MOVED);
            if !is_moved && self.is_good(&mut idle) {
                return Ok(Turn::Lent(Box::new(Held { homed: Some(idle), inner: self.clone() })));
            }
            kept.open -= 1;
        }
        if kept.open < self.most {
            kept.open += 1;
            return Ok(Turn::MayOpen(Opening(Some(self.clone()))));
        }
        // Those who gave up meanwhile: while nothing comes back, nobody else finds them.
        kept.waiting.retain(|waiter| !waiter.turn.is_closed());
        let (turn, comes) = oneshot::channel();
        kept.waiting.push_back(Waiter { home: here, turn });
        Err(comes)
    }

    /// Gives a connection to whoever is next, or keeps it.
    fn give_back(self: &Arc<Self>, homed: Homed) {
        let mut held = Box::new(Held { homed: Some(homed), inner: self.clone() });
        loop {
            let Some(home) = held.homed.as_ref().map(|homed| homed.home) else { return };
            let next = {
                let mut kept = self.kept();
                let next = kept.next(Some(home));
                if next.is_none() {
                    kept.idle.extend(held.homed.take());
                }
                next
            };
            let Some(waiter) = next else { return };
            match waiter.turn.send(Turn::Lent(held)) {
                // Who waited has gone away.
                Err(Turn::Lent(back)) => held = back,
                Ok(()) | Err(Turn::MayOpen(_)) => return,
            }
        }
    }

    /// There is one connection less: the next one may make another.
    fn lost_one(self: Arc<Self>) {
        loop {
            let next = {
                let mut kept = self.kept();
                let next = kept.next(None);
                if next.is_none() {
                    kept.open -= 1;
                }
                next
            };
            let Some(waiter) = next else { return };
            match waiter.turn.send(Turn::MayOpen(Opening(Some(self.clone())))) {
                // Who waited has gone away; the place is passed on here, not by the drop.
                Err(Turn::MayOpen(mut place)) => drop(place.0.take()),
                Ok(()) | Err(Turn::Lent(_)) => return,
            }
        }
    }
}

impl ConnPool {
    /// `most` connections; a caller waits for one no longer than `wait`.
    pub(super) fn new(most: usize, wait: Duration, open: Box<Open>) -> Self {
        let (most, kept, era) = (most.max(1), Mutex::default(), AtomicU64::default());
        Self(Arc::new(Inner { open, most, wait, kept, era }))
    }

    /// Lends one, of which nobody can say any more what is set for it: the borrower may do with it what they like.
    pub(super) async fn get(&self) -> Result<Held, Fail> {
        let mut held = self.lend(None).await?;
        held.set_scope(None);
        Ok(held)
    }

    /// Lends one for a read, best one that has this scope.
    pub(super) async fn get_for(&self, scope: Settings) -> Result<Held, Fail> {
        self.lend(Some(scope)).await
    }

    async fn lend(&self, scope: Option<Settings>) -> Result<Held, Fail> {
        let home = Handle::current().id();
        let turn = match self.0.try_next(home, scope) {
            Ok(turn) => turn,
            Err(comes) => match timeout(self.0.wait, comes).await {
                Ok(Ok(turn)) => turn,
                _ => {
                    let waited = self.0.wait.as_millis();
                    return Err(Fail::Pool(format!("no connection was free within {waited} ms")));
                }
            },
        };
        match turn {
            Turn::Lent(held) => Ok(*held),
            Turn::MayOpen(place) => self.open(home, place).await,
        }
    }

    async fn open(&self, home: runtime::Id, mut place: Opening) -> Result<Held, Fail> {
        let era = self.0.era.load(Relaxed);
        match timeout(OPENING, (self.0.open)()).await {
            Ok(Ok(conn)) => {
                place.0.take();
                let homed = Homed { home, conn, scope: None, era, made: Instant::now() };
                Ok(Held { homed: Some(homed), inner: self.0.clone() })
            }
            Ok(Err(error)) => Err(Fail::Pool(error.to_string())),
            Err(_) => Err(Fail::Pool(format!("the server did not answer within {} s", OPENING.as_secs()))),
        }
    }

    /// How full it is.
    pub(crate) fn status(&self) -> Status {
        let kept = self.0.kept();
        let waiting = kept.waiting.iter().filter(|waiter| !waiter.turn.is_closed()).count();
        Status { max_size: self.0.most, size: kept.open, available: kept.idle.len(), waiting }
    }
}

/// A connection that is lent; it goes back when it is dropped.
pub(crate) struct Held {
    /// There until the drop.
    homed: Option<Homed>,
    inner: Arc<Inner>,
}

impl Held {
    /// What is set for it; `None` when nobody can say.
    pub(super) fn scope(&self) -> Option<Settings> {
        self.homed.as_ref().and_then(|homed| homed.scope)
    }

    /// Notes what is set for it. MUST be `None` before anything is sent that sets something else.
    pub(super) fn set_scope(&mut self, scope: Option<Settings>) {
        if let Some(homed) = &mut self.homed {
            homed.scope = scope;
        }
    }

    /// It leads to a server that takes no writes: it is not lent again, nor is any other one that was made before now; unless it
    /// is [`NEW`]. Those of one era end it once.
    pub(super) fn leads_astray(&self) {
        if let Some(Homed { era, made, .. }) = self.homed
            && made.elapsed() >= NEW
        {
            let _ = self.inner.era.compare_exchange(era, era + 1, Relaxed, Relaxed);
        }
    }
}

impl Deref for Held {
    type Target = Conn;

    fn deref(&self) -> &Conn {
        match &self.homed {
            Some(homed) => &homed.conn,
            None => unreachable!("it is given back in the drop only"),
        }
    }
}

impl DerefMut for Held {
    fn deref_mut(&mut self) -> &mut Conn {
        match &mut self.homed {
            Some(homed) => &mut homed.conn,
            None => unreachable!("it is given back in the drop only"),
        }
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        let Some(mut homed) = self.homed.take() else { return };
        // What a panic interrupted may be half said.
        if std::thread::panicking() || !self.inner.is_good(&mut homed) {
            drop(homed);
            self.inner.clone().lost_one();
        } else {
            self.inner.give_back(homed);
        }
    }
}

#[cfg(test)]
mod tests;
