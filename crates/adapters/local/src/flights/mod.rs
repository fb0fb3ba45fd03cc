//! Having a thing made once that many ask for.

#[cfg(test)]
mod tests;
mod turn;

use kernel::{Cache, CacheKey, Cached, Locks};
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};
use tokio::sync::OnceCell;
use turn::Turn;

/// What a flight came to.
type Landed<E> = Result<Arc<[u8]>, E>;

/// A cache in front of something costly: of those who ask for the same at the same time, one has it made, and all get
/// what that comes to, be it a failure.
///
/// ```text
///  first to ask ─▶ looks in the cache ─▶ has it made ─▶ puts it there ─▶ answer of all who asked meanwhile
///                                           │ goes away: the next one has it made
/// ```
///
/// What failed is kept nowhere: the next to ask tries again. A cache that is away is done without. Who asks while a
/// thing is being made gets that, also if its shelf was cleared meanwhile; it is then not kept.
pub struct Flights<E> {
    cache: Arc<dyn Cache>,
    turn: Option<Turn>,
    under_way: Mutex<HashMap<CacheKey, Flight<E>>>,
}

struct Flight<E> {
    landed: Arc<OnceCell<Landed<E>>>,
    aboard: usize,
}

impl<E: Clone> Flights<E> {
    /// Nothing is under way.
    #[must_use]
    pub fn new(cache: Arc<dyn Cache>) -> Self {
        Self { cache, turn: None, under_way: Mutex::default() }
    }

    /// One at a time over all processes, by these locks: who doesn't hold the lock of a thing looks for it in the cache
    /// until it is there, its maker gives up, or `patience` is over; then has it made as well.
    #[must_use]
    pub fn across(mut self, locks: Arc<dyn Locks>, patience: Duration) -> Self {
        self.turn = Some(Turn { locks, patience });
        self
    }

    /// What is cached, or what `make` makes of it, which is kept for `stays`.
    ///
    /// # Errors
    /// Those of `make`, whoever's it was.
    pub async fn get<F>(&self, key: CacheKey, stays: Duration, make: impl FnOnce() -> F) -> Landed<E>
    where
        F: Future<Output = Result<Vec<u8>, E>>,
    {
        let seat = self.board(key);
        let landed = seat.landed.get_or_init(|| async {
            let landed = self.fly(&seat.key, stays, make).await;
            // Who asks from now on is to look again.
            seat.close();
            landed
        });
        landed.await.clone()
    }

    async fn fly<F>(&self, key: &CacheKey, stays: Duration, make: impl FnOnce() -> F) -> Landed<E>
    where
        F: Future<Output = Result<Vec<u8>, E>>,
    {
        let mut found = self.cache.look(key).await;
        let turn = match (&found, &self.turn) {
            (Ok(Cached::Nothing(_)), Some(turn)) => turn.wait(&*self.cache, key, &mut found).await,
            _ => None,
        };
        let edition = match found {
            Ok(Cached::Value(value)) => return Ok(value.into()),
            Ok(Cached::Nothing(edition)) => Some(edition),
            Err(_) => None,
        };
        let made: Arc<[u8]> = make().await?.into();
        if let Some(edition) = edition
            && let Err(error) = self.cache.put(key, &edition, &made, stays).await
        {
            tracing::debug!(%error, "what was made is not kept");
        }
        drop(turn);
        Ok(made)
    }

    fn board(&self, key: CacheKey) -> Seat<'_, E> {
        let mut under_way = self.under_way();
        let flight =
            under_way.entry(key.clone()).or_insert_with(|| Flight { landed: Arc::default(), aboard: 0 });
        flight.aboard += 1;
        Seat { flights: self, key, landed: flight.landed.clone() }
    }
}

impl<E> Flights<E> {
    fn under_way(&self) -> MutexGuard<'_, HashMap<CacheKey, Flight<E>>> {
        self.under_way.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Somebody's part in a flight.
struct Seat<'f, E> {
    flights: &'f Flights<E>,
    key: CacheKey,
    landed: Arc<OnceCell<Landed<E>>>,
}

impl<E> Seat<'_, E> {
    /// Nobody joins this flight any more.
    fn close(&self) {
        let mut under_way = self.flights.under_way();
        if under_way.get(&self.key).is_some_and(|flight| Arc::ptr_eq(&flight.landed, &self.landed)) {
            under_way.remove(&self.key);
        }
    }
}

impl<E> Drop for Seat<'_, E> {
    fn drop(&mut self) {
        let mut under_way = self.flights.under_way();
        let Some(flight) = under_way.get_mut(&self.key) else { return };
        if Arc::ptr_eq(&flight.landed, &self.landed) {
            flight.aboard -= 1;
            if flight.aboard == 0 {
                under_way.remove(&self.key);
            }
        }
    }
}
