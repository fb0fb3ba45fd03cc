//! Counts in Redis are those that one process would come to.

use crate::{quota, redis};
use futures_util::future::join_all;
use kernel::{Quota, RateLimiter, testing::ManualClock};
use local::Limiter;
use proptest::{prelude::*, test_runner::TestRunner};
use redis_adapter::SharedLimiter;
use servers::Redis as Server;
use std::{num::NonZeroU32, sync::Arc, time::Duration};

const MINUTE: Duration = Duration::from_secs(60);

fn within_a_minute(limit: u32) -> Quota {
    Quota::within(MINUTE, NonZeroU32::new(limit).unwrap())
}

#[tokio::test]
async fn of_parallel_calls_in_two_processes_no_more_pass_than_the_window_has() {
    let server = Server::start();
    let processes = [SharedLimiter::new(redis(&server)), SharedLimiter::new(redis(&server))];
    let calls = (0..50).map(|call| processes[call % 2].take("a", within_a_minute(10)));
    let answers: Vec<_> = join_all(calls).await.into_iter().map(Result::unwrap).collect();
    let mut remaining: Vec<u32> =
        answers.iter().filter(|answer| answer.is_allowed).map(|answer| answer.remaining).collect();
    remaining.sort_unstable();
    assert_eq!(remaining, (0..10).collect::<Vec<_>>());
    for answer in answers.iter().filter(|answer| !answer.is_allowed) {
        assert!(answer.retry_after > MINUTE / 2 && answer.retry_after <= MINUTE, "{answer:?}");
    }
    assert!(processes[0].take("a", quota(10)).await.unwrap().is_allowed, "a bucket is another count");
    let left: i64 = server.send("PTTL {test}:window:a").await;
    assert!((1..=60_000).contains(&left), "{left}");
}

#[derive(Debug, Clone)]
enum Step {
    Advance(u64),
    PutBack(u64),
    Take { key: usize, is_window: bool, limit: u32 },
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        3 => (0_u64..40_000_000).prop_map(Step::Advance),
        1 => (0_u64..40_000_000).prop_map(Step::PutBack),
        8 => (0_usize..2, any::<bool>(), 1_u32..6)
            .prop_map(|(key, is_window, limit)| Step::Take { key, is_window, limit }),
    ]
}

/// Microseconds pass, clocks are put back, limits change: to each call both say the same.
#[test]
fn both_limiters_give_the_same_answers_to_the_same_calls() {
    let server = Server::start();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let clock = Arc::new(ManualClock::at("2026-03-02T09:00:00Z"));
    let shared = SharedLimiter::new(redis(&server)).with_clock(clock.clone());
    let config = ProptestConfig { cases: 60, failure_persistence: None, ..ProptestConfig::default() };
    let steps = prop::collection::vec(step(), 1..60);
    let ran = TestRunner::new(config).run(&steps, |steps| {
        let local = Limiter::new(clock.clone());
        runtime.block_on(async {
            let _: String = server.send("FLUSHALL").await;
            for step in steps {
                match step {
                    Step::Advance(micros) => clock.advance(Duration::from_micros(micros)),
                    Step::PutBack(micros) => clock.put_back(Duration::from_micros(micros)),
                    Step::Take { key, is_window, limit } => {
                        let quota = if is_window { within_a_minute(limit) } else { quota(limit) };
                        let key = ["a", "b"][key];
                        let (here, there) = (local.take(key, quota).await, shared.take(key, quota).await);
                        prop_assert_eq!(here, there, "{:?}", quota);
                    }
                }
            }
            Ok(())
        })
    });
    ran.unwrap();
}
