//! Values on their shelves, and what becomes of them when they or their shelves are lost.

use crate::{hasty, redis};
use kernel::{
    Cache, CacheKey, CacheShelf, Cached, LARGEST_CACHED, SystemClock,
    testing::{environment, owner_of_new_workspace},
};
use local::LocalCache;
use redis_adapter::RedisCache;
use servers::{Redis as Server, until};
use std::{sync::Arc, time::Duration};
use tokio::time::Instant;

const HOUR: Duration = Duration::from_secs(3_600);

async fn keep(cache: &dyn Cache, key: &CacheKey, value: &[u8], stays: Duration) {
    let Cached::Nothing(edition) = cache.look(key).await.unwrap() else { panic!("{key} is there") };
    cache.put(key, &edition, value, stays).await.unwrap();
}

async fn value(cache: &dyn Cache, key: &CacheKey) -> Option<Vec<u8>> {
    match cache.look(key).await.unwrap() {
        Cached::Value(value) => Some(value),
        Cached::Nothing(_) => None,
    }
}

fn shelves() -> [CacheShelf; 3] {
    let (env, _) = environment();
    let own = || CacheShelf::of(&owner_of_new_workspace(&env).0);
    [own(), own(), CacheShelf::COMMON]
}

/// What every cache must do.
async fn conforms(cache: &dyn Cache) {
    let [mine, theirs, common] = shelves();
    let all = [mine, theirs, common].map(|shelf| shelf.key("a"));
    let bytes = [0, 255, b' ', 10, 128];
    for key in &all {
        assert_eq!(value(cache, key).await, None);
        keep(cache, key, &[&bytes[..], key.to_string().as_bytes()].concat(), HOUR).await;
    }
    for key in &all {
        let expected = [&bytes[..], key.to_string().as_bytes()].concat();
        assert_eq!(value(cache, key).await, Some(expected), "each shelf has its own, byte by byte");
    }
    keep(cache, &mine.key("b"), b"", HOUR).await;
    assert_eq!(value(cache, &mine.key("b")).await, Some(Vec::new()), "nothing is a value too");

    let Cached::Nothing(before) = cache.look(&mine.key("late")).await.unwrap() else { panic!("it is there") };
    cache.clear(mine).await.unwrap();
    cache.clear(mine).await.unwrap();
    cache.put(&mine.key("late"), &before, b"x", HOUR).await.unwrap();
    for name in ["a", "b", "late"] {
        assert_eq!(value(cache, &mine.key(name)).await, None, "{name} was cleared");
    }
    for key in &all[1..] {
        assert!(value(cache, key).await.is_some(), "others' shelves stay as they are");
    }
    keep(cache, &all[0], b"new", HOUR).await;
    cache.put(&all[0], &before, b"old", HOUR).await.unwrap();
    assert_eq!(
        value(cache, &all[0]).await.as_deref(),
        Some(b"new".as_slice()),
        "what is late displaces nothing"
    );

    keep(cache, &mine.key("largest"), &vec![7; LARGEST_CACHED], HOUR).await;
    assert_eq!(value(cache, &mine.key("largest")).await.map(|value| value.len()), Some(LARGEST_CACHED));
    keep(cache, &mine.key("too large"), &vec![7; LARGEST_CACHED + 1], HOUR).await;
    keep(cache, &mine.key("gone"), b"x", Duration::ZERO).await;
    for name in ["too large", "gone"] {
        assert_eq!(value(cache, &mine.key(name)).await, None, "{name} is not kept");
    }
    keep(cache, &mine.key("short"), b"x", Duration::from_millis(1)).await;
    until(async || value(cache, &mine.key("short")).await.is_none()).await;
}

#[tokio::test]
async fn the_cache_of_one_process_does_as_the_port_says() {
    conforms(&LocalCache::new(Arc::new(SystemClock), 16 << 20)).await;
}

#[tokio::test]
async fn the_cache_of_all_processes_does_as_the_port_says() {
    let server = Server::start();
    conforms(&RedisCache::new(redis(&server))).await;
}

#[tokio::test]
async fn what_one_process_keeps_or_clears_is_so_for_the_other_and_goes_by_itself() {
    let server = Server::start();
    let (one, other) = (RedisCache::new(redis(&server)), RedisCache::new(redis(&server)));
    let key = CacheShelf::COMMON.key("a");
    keep(&one, &key, b"x", 2 * HOUR).await;
    assert_eq!(value(&other, &key).await.as_deref(), Some(b"x".as_slice()));
    for kept in ["cache:common:a", "shelf:common"] {
        let left: i64 = server.send(&format!("PTTL {{test}}:{kept}")).await;
        assert!((3_600_001..=7_200_000).contains(&left), "{kept}: {left}");
    }
    other.clear(CacheShelf::COMMON).await.unwrap();
    assert_eq!(value(&one, &key).await, None);
}

#[tokio::test]
async fn a_shelf_whose_edition_is_lost_is_cleared_and_brings_nothing_back() {
    let server = Server::start();
    let cache = RedisCache::new(redis(&server));
    let key = CacheShelf::COMMON.key("a");
    keep(&cache, &key, b"old", HOUR).await;
    let Cached::Nothing(before) = cache.look(&CacheShelf::COMMON.key("b")).await.unwrap() else {
        panic!("it is there")
    };
    // As a full Redis does with keys.
    let _: u64 = server.send("DEL {test}:shelf:common").await;
    cache.put(&key, &before, b"old", HOUR).await.unwrap();
    assert_eq!(value(&cache, &key).await, None);
    keep(&cache, &key, b"new", HOUR).await;
    assert_eq!(value(&cache, &key).await.as_deref(), Some(b"new".as_slice()));
}

#[tokio::test]
async fn a_cache_that_is_away_frozen_or_full_says_so_at_once() {
    let mut server = Server::start();
    let cache = RedisCache::new(hasty(&server));
    let key = CacheShelf::COMMON.key("a");
    until(async || cache.look(&key).await.is_ok()).await;
    let Ok(Cached::Nothing(edition)) = cache.look(&key).await else { panic!("it is there") };
    let _: String = server.send("CONFIG SET maxmemory 1").await;
    assert!(cache.put(&key, &edition, b"x", HOUR).await.is_err());
    let _: String = server.send("CONFIG SET maxmemory 0").await;
    until(async || cache.put(&key, &edition, b"x", HOUR).await.is_ok()).await;
    let _: String = server.send("CLIENT PAUSE 2000 ALL").await;
    let began = Instant::now();
    for _ in 0..100 {
        assert!(cache.look(&key).await.is_err());
    }
    assert!(began.elapsed() < Duration::from_secs(1), "{:?}", began.elapsed());
    until(async || cache.look(&key).await.is_ok()).await;
    server.stop();
    assert!(cache.look(&key).await.is_err() && cache.clear(CacheShelf::COMMON).await.is_err());
}
