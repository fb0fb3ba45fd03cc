//! Locks, and a thing that two processes have made once.

use crate::redis;
use kernel::{CacheShelf, Locks, SystemRandomness};
use local::Flights;
use redis_adapter::{RedisCache, RedisLocks};
use servers::{Redis as Server, until};
use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};
use tokio::sync::oneshot;

const MINUTE: Duration = Duration::from_secs(60);

fn locks(server: &Server) -> Arc<RedisLocks> {
    Arc::new(RedisLocks::new(redis(server), Arc::new(SystemRandomness)))
}

#[tokio::test]
async fn one_process_holds_a_lock_until_it_lets_go_or_its_time_is_over() {
    let server = Server::start();
    let (one, other) = (locks(&server), locks(&server));
    let first = one.take("a", MINUTE).await.unwrap().unwrap();
    assert_eq!(other.take("a", MINUTE).await.unwrap(), None);
    assert!(other.take("b", MINUTE).await.unwrap().is_some());
    let left: i64 = server.send("PTTL {test}:lock:a").await;
    assert!((1..=60_000).contains(&left), "{left}");
    // As if its time were over.
    let _: u64 = server.send("DEL {test}:lock:a").await;
    let second = other.take("a", MINUTE).await.unwrap().unwrap();
    assert_ne!(first.token, second.token);
    one.release(&first).await.unwrap();
    assert_eq!(one.take("a", MINUTE).await.unwrap(), None, "it is the second one's");
    other.release(&second).await.unwrap();
    assert!(one.take("a", Duration::from_millis(1)).await.unwrap().is_some());
    until(async || other.take("a", MINUTE).await.unwrap().is_some()).await;
}

#[tokio::test]
async fn locks_that_are_away_say_so() {
    let mut server = Server::start();
    let locks = locks(&server);
    let held = locks.take("a", MINUTE).await.unwrap().unwrap();
    server.stop();
    assert!(locks.release(&held).await.is_err());
    assert!(locks.take("a", MINUTE).await.is_err());
}

#[tokio::test]
async fn of_two_processes_that_want_the_same_one_makes_it_and_the_other_finds_it() {
    let server = Server::start();
    let process = || {
        let cache = Arc::new(RedisCache::new(redis(&server)));
        Arc::new(Flights::<()>::new(cache).across(locks(&server), MINUTE))
    };
    let (one, other) = (process(), process());
    let made = Arc::new(AtomicUsize::new(0));
    let key = CacheShelf::COMMON.key("a");
    let (end, ended) = oneshot::channel::<()>();
    let counted = made.clone();
    let first = tokio::spawn({
        let key = key.clone();
        async move {
            let make = || async move {
                counted.fetch_add(1, Ordering::SeqCst);
                ended.await.unwrap();
                Ok(b"x".to_vec())
            };
            one.get(key, MINUTE, make).await
        }
    });
    until(async || made.load(Ordering::SeqCst) == 1).await;
    let counted = made.clone();
    let second = tokio::spawn(async move {
        let make = || async move {
            counted.fetch_add(1, Ordering::SeqCst);
            Ok(b"y".to_vec())
        };
        other.get(key, MINUTE, make).await
    });
    // It has found that somebody is at it.
    until(async || server.send::<String>("INFO commandstats").await.contains("cmdstat_set:calls=3")).await;
    end.send(()).unwrap();
    for asked in [first, second] {
        assert_eq!(asked.await.unwrap().unwrap()[..], *b"x");
    }
    assert_eq!(made.load(Ordering::SeqCst), 1);
}
