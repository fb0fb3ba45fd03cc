//! What processes tell each other.

use super::*;
use async_trait::async_trait;
use kernel::{BoardAway, BreakerBoard};
use tokio::{sync::Notify, task::yield_now};

/// A board in memory, which can be told to hang or to fail.
#[derive(Default)]
struct Board {
    notes: Mutex<Vec<BreakerNote>>,
    reads: Mutex<u32>,
    mood: Mutex<Mood>,
    changed: Notify,
}

#[derive(Default, Clone, Copy, PartialEq)]
enum Mood {
    #[default]
    Usual,
    Fails,
    Hangs,
}

impl Board {
    async fn answer(&self) -> Result<(), BoardAway> {
        let mood = *self.mood.lock().unwrap();
        match mood {
            Mood::Usual => Ok(()),
            Mood::Fails => Err(BoardAway("told to".to_owned())),
            Mood::Hangs => std::future::pending().await,
        }
    }

    fn notes(&self) -> Vec<BreakerNote> {
        self.notes.lock().unwrap().clone()
    }

    async fn until_it_holds(&self, count: usize) {
        while self.notes().len() != count {
            self.changed.notified().await;
        }
    }
}

#[async_trait]
impl BreakerBoard for Board {
    async fn put_up(&self, note: &BreakerNote) -> Result<(), BoardAway> {
        self.answer().await?;
        self.take_down(&note.dependency).await?;
        self.notes.lock().unwrap().push(note.clone());
        self.changed.notify_one();
        Ok(())
    }

    async fn take_down(&self, dependency: &str) -> Result<(), BoardAway> {
        self.answer().await?;
        self.notes.lock().unwrap().retain(|note| note.dependency != dependency);
        self.changed.notify_one();
        Ok(())
    }

    async fn read(&self, dependencies: &[&str]) -> Result<Vec<BreakerNote>, BoardAway> {
        *self.reads.lock().unwrap() += 1;
        self.answer().await?;
        Ok(self.notes().into_iter().filter(|note| dependencies.contains(&&*note.dependency)).collect())
    }
}

fn process(clock: &Arc<ManualClock>, board: &Arc<Board>) -> (Breakers, Breaker) {
    let breakers = breakers(clock).0.with_board(board.clone());
    let breaker = breakers.breaker("thing", POLICY);
    (breakers, breaker)
}

/// Lets the tasks that were spawned run: they wait for nothing but the board, which answers at once.
async fn settled() {
    for _ in 0..10 {
        yield_now().await;
    }
}

#[tokio::test]
async fn what_one_process_finds_down_the_others_leave_alone_for_the_rest_of_the_wait() {
    let (clock, board) = (clock(), Arc::new(Board::default()));
    let ((_, first), (others, second)) = (process(&clock, &board), process(&clock, &board));
    fail(&first, 3);
    board.until_it_holds(1).await;
    clock.advance(SECOND * 10);
    assert!(second.admit().is_ok(), "the first look is behind this call's back");
    settled().await;
    let refused = second.admit().err().unwrap();
    assert_eq!(refused.retry_after, SECOND * 20);
    assert_eq!(report(&others).failures, 0);

    clock.advance(SECOND * 20);
    second.admit().unwrap().answered();
    board.until_it_holds(0).await;
    clock.advance(SECOND * 5);
    first.admit().unwrap().failed();
    board.until_it_holds(1).await;
    settled().await;
    clock.advance(SECOND * 5);
    assert!(second.admit().is_ok());
    settled().await;
    assert!(second.admit().is_err(), "it was found down after it had answered");
}

#[tokio::test]
async fn news_that_is_older_than_a_success_of_ones_own_is_none() {
    let (clock, board) = (clock(), Arc::new(Board::default()));
    let (_, breaker) = process(&clock, &board);
    fail(&breaker, 3);
    board.until_it_holds(1).await;
    let note = board.notes().remove(0);
    clock.advance(POLICY.wait);
    breaker.admit().unwrap().answered();
    board.until_it_holds(0).await;
    let until = note.until.plus(POLICY.wait);
    board.put_up(&BreakerNote { until, ..note }).await.unwrap();
    clock.advance(SECOND * 5);
    assert!(breaker.admit().is_ok());
    settled().await;
    assert!(breaker.admit().is_ok());
}

#[tokio::test]
async fn who_alone_has_no_way_to_a_dependency_does_not_keep_others_from_it() {
    let (clock, board) = (clock(), Arc::new(Board::default()));
    let ((_, cut_off), (_, well)) = (process(&clock, &board), process(&clock, &board));
    fail(&cut_off, 3);
    board.until_it_holds(1).await;
    clock.advance(SECOND);
    well.admit().unwrap().answered();
    settled().await;
    clock.advance(SECOND * 5);
    drop(well.admit());
    settled().await;
    assert!(well.admit().is_ok(), "it has had an answer since");
}

#[tokio::test]
async fn a_note_is_believed_for_one_wait_and_not_told_on() {
    let (clock, board) = (clock(), Arc::new(Board::default()));
    let (breakers, breaker) = process(&clock, &board);
    let note = BreakerNote { dependency: "thing".to_owned(), since: breakers.now(), until: Timestamp::NEVER };
    board.put_up(&note).await.unwrap();
    assert!(breaker.admit().is_ok());
    settled().await;
    assert_eq!(breaker.admit().err().unwrap().retry_after, POLICY.wait, "whatever the other's clock says");
    assert_eq!(board.notes(), [note], "it is the other's to say");
}

#[tokio::test]
async fn the_board_is_looked_at_once_in_five_seconds() {
    let (clock, board) = (clock(), Arc::new(Board::default()));
    let (_, breaker) = process(&clock, &board);
    for _ in 0..20 {
        drop(breaker.admit());
        settled().await;
        clock.advance(SECOND);
    }
    assert_eq!(*board.reads.lock().unwrap(), 4);
}

#[tokio::test(start_paused = true)]
async fn a_board_that_fails_or_hangs_delays_no_call_and_changes_nothing() {
    for mood in [Mood::Fails, Mood::Hangs] {
        let (clock, board) = (clock(), Arc::new(Board::default()));
        *board.mood.lock().unwrap() = mood;
        let (_, breaker) = process(&clock, &board);
        fail(&breaker, 3);
        assert!(breaker.admit().is_err());
        clock.advance(POLICY.wait);
        breaker.admit().unwrap().answered();
        tokio::time::advance(SECOND * 10).await;
        settled().await;
        assert!(breaker.admit().is_ok() && board.notes().is_empty());
        *board.mood.lock().unwrap() = Mood::Usual;
        fail(&breaker, 3);
        board.until_it_holds(1).await;
    }
}
