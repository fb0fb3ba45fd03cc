//! What one process finds down spares the others.

use crate::redis;
use kernel::{BreakerBoard, BreakerNote, SystemRandomness, Timestamp, testing::ManualClock};
use redis_adapter::RedisBoard;
use servers::{Redis as Server, until};
use std::{sync::Arc, time::Duration};
use web::{Breaker, BreakerPolicy, Breakers};

const POLICY: BreakerPolicy = BreakerPolicy::USUAL;

fn note(dependency: &str, seconds: u64) -> BreakerNote {
    let since: Timestamp = "2026-03-02T09:00:00Z".parse().unwrap();
    BreakerNote { dependency: dependency.to_owned(), since, until: since.plus(Duration::from_secs(seconds)) }
}

#[tokio::test]
async fn a_note_is_read_by_all_until_it_is_taken_down_and_what_is_none_hides_no_other() {
    let server = Server::start();
    let (one, other) = (RedisBoard::new(redis(&server)), RedisBoard::new(redis(&server)));
    assert_eq!(one.read(&[]).await.unwrap(), []);
    one.put_up(&note("mail", 60)).await.unwrap();
    one.put_up(&note("mail", 30)).await.unwrap();
    let _: String = server.send("SET {test}:down:broken half.a.note").await;
    let _: u64 = server.send("LPUSH {test}:down:list 1").await;
    let text: String = server.send("GET {test}:down:mail").await;
    let _: String = server.send(&format!("SET {{test}}:down:strange {text}")).await;
    let all = ["unknown", "broken", "mail", "list", "strange"];
    assert_eq!(other.read(&all).await.unwrap(), [note("mail", 30)]);
    other.take_down("mail").await.unwrap();
    other.take_down("mail").await.unwrap();
    assert_eq!(one.read(&all).await.unwrap(), []);
}

#[tokio::test]
async fn a_note_goes_by_itself_when_its_wait_is_over_however_long_it_says_that_is() {
    let server = Server::start();
    let board = RedisBoard::new(redis(&server));
    board.put_up(&note("mail", 30)).await.unwrap();
    board.put_up(&BreakerNote { until: Timestamp::NEVER, ..note("model", 0) }).await.unwrap();
    let left: (i64, i64) =
        (server.send("PTTL {test}:down:mail").await, server.send("PTTL {test}:down:model").await);
    assert!((1..=30_000).contains(&left.0) && (1..=3_600_000).contains(&left.1), "{left:?}");
    board.put_up(&note("gone", 0)).await.unwrap();
    until(async || board.read(&["gone"]).await.unwrap().is_empty()).await;
}

#[tokio::test]
async fn a_board_that_is_away_says_so() {
    let mut server = Server::start();
    let board = RedisBoard::new(redis(&server));
    board.put_up(&note("mail", 30)).await.unwrap();
    server.stop();
    assert!(board.read(&["mail"]).await.is_err());
    assert!(board.put_up(&note("mail", 30)).await.is_err());
    assert!(board.take_down("mail").await.is_err());
}

fn process(server: &Server, clock: &Arc<ManualClock>) -> Breaker {
    let board = Arc::new(RedisBoard::new(redis(server)));
    let breakers = Breakers::new(clock.clone(), Arc::new(SystemRandomness)).with_board(board);
    breakers.breaker("thing", POLICY)
}

#[tokio::test]
async fn a_dependency_that_one_process_finds_down_is_left_alone_by_the_other_until_it_answers_again() {
    let server = Server::start();
    let clock = Arc::new(ManualClock::at("2026-03-02T09:00:00Z"));
    let board = RedisBoard::new(redis(&server));
    let notes = async || board.read(&["thing"]).await.unwrap().len();
    let (first, second) = (process(&server, &clock), process(&server, &clock));
    for _ in 0..POLICY.failures {
        first.admit().unwrap().failed();
    }
    until(async || notes().await == 1).await;
    clock.advance(Duration::from_secs(10));
    // It looks behind the call's back.
    until(async || second.admit().is_err()).await;
    let refused = second.admit().err().unwrap();
    assert_eq!(refused.retry_after, POLICY.wait - Duration::from_secs(10));
    clock.advance(refused.retry_after);
    first.admit().unwrap().answered();
    until(async || notes().await == 0).await;
    second.admit().unwrap().answered();
    assert!(second.admit().is_ok());
}
