//! The cache of one process.

use async_trait::async_trait;
use kernel::{
    Cache, CacheAway, CacheEdition, CacheKey, CacheShelf, Cached, Clock, LARGEST_CACHED, Timestamp,
};
use quick_cache::{Weighter, sync};
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

/// Values in the memory of this process, so many bytes at most; those that are seldom asked for go first.
///
/// Looks and clearings are numbered. A value bears the number of the look after which it was made, and holds while no
/// clearing of its shelf has a higher one.
pub struct LocalCache {
    clock: Arc<dyn Clock>,
    values: sync::Cache<CacheKey, Kept, Bytes>,
    editions: Mutex<Editions>,
}

#[derive(Clone)]
struct Kept {
    value: Arc<[u8]>,
    number: u64,
    from: Timestamp,
    until: Timestamp,
}

#[derive(Default)]
struct Editions {
    number: u64,
    cleared: HashMap<CacheShelf, u64>,
    /// Below this number nothing holds, whatever its shelf.
    void_below: u64,
}

impl Editions {
    /// So many clearings are remembered. Beyond, everything is taken for cleared, which happens seldom and costs little.
    const MOST: usize = 4_096;

    fn next(&mut self) -> u64 {
        self.number += 1;
        self.number
    }

    fn clear(&mut self, shelf: CacheShelf) {
        let number = self.next();
        if self.cleared.len() >= Self::MOST {
            self.cleared.clear();
            self.void_below = number;
        }
        self.cleared.insert(shelf, number);
    }

    fn holds(&self, shelf: CacheShelf, number: u64) -> bool {
        let cleared = self.cleared.get(&shelf).copied().unwrap_or(0);
        number > cleared.max(self.void_below)
    }
}

/// What a value weighs: its bytes and its key's, and what is kept beside them.
#[derive(Debug, Clone)]
struct Bytes;

impl Bytes {
    const BESIDE: usize = 160;
}

impl Weighter<CacheKey, Kept> for Bytes {
    fn weight(&self, key: &CacheKey, kept: &Kept) -> u64 {
        u64::try_from(Self::BESIDE + key.name().len() + kept.value.len()).unwrap_or(u64::MAX)
    }
}

impl LocalCache {
    /// Nothing is kept yet; `bytes` at most ever will be.
    #[must_use]
    pub fn new(clock: Arc<dyn Clock>, bytes: usize) -> Self {
        // As if all were of the largest size: then no part of the cache is too small for several such values.
        let count = (bytes / LARGEST_CACHED).max(1);
        let values = sync::Cache::with_weighter(count, u64::try_from(bytes).unwrap_or(u64::MAX), Bytes);
        Self { clock, values, editions: Mutex::default() }
    }

    fn editions(&self) -> MutexGuard<'_, Editions> {
        self.editions.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl Cache for LocalCache {
    async fn look(&self, key: &CacheKey) -> Result<Cached, CacheAway> {
        let now = self.clock.now();
        let kept = self.values.get(key);
        let mut editions = self.editions();
        // A clock that was put back makes nothing young again.
        let holds =
            |kept: &Kept| (kept.from..kept.until).contains(&now) && editions.holds(key.shelf(), kept.number);
        if let Some(kept) = kept.filter(holds) {
            return Ok(Cached::Value(kept.value.to_vec()));
        }
        Ok(Cached::Nothing(CacheEdition(editions.next().to_string())))
    }

    async fn put(
        &self,
        key: &CacheKey,
        edition: &CacheEdition,
        value: &[u8],
        stays: Duration,
    ) -> Result<(), CacheAway> {
        let Ok(number) = edition.0.parse() else { return Ok(()) };
        if value.len() > LARGEST_CACHED || stays.is_zero() || !self.editions().holds(key.shelf(), number) {
            return Ok(());
        }
        let from = self.clock.now();
        let kept = Kept { value: value.into(), number, from, until: from.plus(stays) };
        // One that was cleared since a line ago is put there and does not hold.
        self.values.insert(key.clone(), kept);
        Ok(())
    }

    async fn clear(&self, shelf: CacheShelf) -> Result<(), CacheAway> {
        self.editions().clear(shelf);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use kernel::testing::{ManualClock, environment, owner_of_new_workspace};

    const HOUR: Duration = Duration::from_secs(3_600);

    fn cache(bytes: usize) -> (LocalCache, Arc<ManualClock>) {
        let clock = Arc::new(ManualClock::at("2026-03-02T09:00:00Z"));
        (LocalCache::new(clock.clone(), bytes), clock)
    }

    async fn keep(cache: &LocalCache, key: &CacheKey, value: &[u8], stays: Duration) {
        let Cached::Nothing(edition) = cache.look(key).await.unwrap() else { panic!("{key} is there") };
        cache.put(key, &edition, value, stays).await.unwrap();
    }

    async fn is_there(cache: &LocalCache, key: &CacheKey) -> bool {
        matches!(cache.look(key).await.unwrap(), Cached::Value(_))
    }

    #[tokio::test]
    async fn a_value_goes_when_its_time_is_over_and_does_not_get_young_again() {
        let (cache, clock) = cache(1 << 20);
        let key = CacheShelf::COMMON.key("a");
        keep(&cache, &key, b"x", HOUR).await;
        clock.advance(HOUR - Duration::from_micros(1));
        assert!(is_there(&cache, &key).await);
        clock.advance(Duration::from_micros(1));
        assert!(!is_there(&cache, &key).await);
        clock.put_back(2 * HOUR);
        assert!(!is_there(&cache, &key).await);
    }

    #[tokio::test]
    async fn it_stays_within_its_bytes_and_keeps_the_largest_values_too() {
        let (cache, _) = cache(8 << 20);
        for number in 0..200 {
            keep(&cache, &CacheShelf::COMMON.key(number.to_string()), &vec![0; LARGEST_CACHED], HOUR).await;
            assert!(cache.values.weight() <= 8 << 20);
        }
        assert!(cache.values.len() >= 24, "{} of 31 are kept", cache.values.len());
    }

    #[tokio::test]
    async fn clearings_do_not_fill_the_memory_and_none_is_forgotten() {
        let (cache, _) = cache(1 << 20);
        let (env, _) = environment();
        let shelves: Vec<_> =
            (0..2 * Editions::MOST).map(|_| CacheShelf::of(&owner_of_new_workspace(&env).0)).collect();
        keep(&cache, &shelves[0].key("a"), b"x", HOUR).await;
        for shelf in &shelves {
            cache.clear(*shelf).await.unwrap();
        }
        assert!(cache.editions().cleared.len() <= Editions::MOST);
        assert!(!is_there(&cache, &shelves[0].key("a")).await);
        keep(&cache, &shelves[0].key("a"), b"x", HOUR).await;
        assert!(is_there(&cache, &shelves[0].key("a")).await, "a cleared shelf is used again");
    }
}
