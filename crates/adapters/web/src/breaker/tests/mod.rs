mod board;

use super::*;
use crate::{BreakerReport, testing::breakers};
use kernel::{BreakerNote, testing::ManualClock};
use proptest::prelude::*;

const SECOND: Duration = Duration::from_secs(1);
const POLICY: BreakerPolicy = BreakerPolicy { failures: 3, wait: Duration::from_secs(30) };

fn clock() -> Arc<ManualClock> {
    Arc::new(ManualClock::at("2026-03-02T09:00:00Z"))
}

fn fail(breaker: &Breaker, times: u32) {
    for _ in 0..times {
        breaker.admit().unwrap().failed();
    }
}

fn report(breakers: &Breakers) -> BreakerReport {
    breakers.list().remove(0)
}

#[test]
fn a_row_of_failures_opens_it_and_an_answered_probe_closes_it() {
    let clock = clock();
    let (breakers, _) = breakers(&clock);
    let breaker = breakers.breaker("thing", POLICY);
    fail(&breaker, 2);
    breaker.admit().unwrap().answered();
    fail(&breaker, 2);
    assert_eq!(report(&breakers).state, BreakerState::Closed, "an answer between them begins a new row");
    fail(&breaker, 1);
    let opened = breakers.now();
    let open = report(&breakers);
    assert_eq!((open.state, open.since, open.failures), (BreakerState::Open, opened, 3));
    assert_eq!(open.open_until, Some(opened.plus(POLICY.wait)));

    clock.advance(SECOND * 29);
    let refused = breaker.admit().err().unwrap();
    assert_eq!((refused.retry_after, refused.until), (SECOND, opened.plus(POLICY.wait)));
    assert_eq!(refused.to_string(), "thing is unavailable until 2026-03-02T09:00:30Z: its last calls failed");
    clock.advance(SECOND);
    let over = report(&breakers);
    assert_eq!(
        (over.state, over.open_until),
        (BreakerState::HalfOpen, None),
        "its state is known before anybody calls"
    );
    let probe = breaker.admit().unwrap();
    assert_eq!(report(&breakers).state, BreakerState::HalfOpen);
    assert!(breaker.admit().is_err(), "one probe at a time");
    probe.answered();
    assert_eq!((report(&breakers).state, report(&breakers).failures), (BreakerState::Closed, 0));
    assert!(breaker.admit().is_ok());
}

#[test]
fn a_probe_that_fails_opens_it_for_another_wait() {
    let clock = clock();
    let (breakers, _) = breakers(&clock);
    let breaker = breakers.breaker("thing", POLICY);
    fail(&breaker, 3);
    clock.advance(POLICY.wait);
    fail(&breaker, 1);
    clock.advance(SECOND * 29);
    assert!(breaker.admit().is_err());
    clock.advance(SECOND);
    assert!(breaker.admit().is_ok());
}

#[test]
fn a_probe_whose_caller_goes_away_makes_room_for_the_next() {
    let clock = clock();
    let (breakers, _) = breakers(&clock);
    let breaker = breakers.breaker("thing", POLICY);
    fail(&breaker, 3);
    clock.advance(POLICY.wait);
    for _ in 0..3 {
        drop(breaker.admit().unwrap());
        assert_eq!(report(&breakers).state, BreakerState::HalfOpen);
    }
    breaker.admit().unwrap().answered();
    assert_eq!(report(&breakers).state, BreakerState::Closed);
}

#[tokio::test]
async fn a_call_that_is_broken_off_in_the_middle_is_a_probe_that_went_away() {
    let clock = clock();
    let (breakers, _) = breakers(&clock);
    let breaker = breakers.breaker("thing", POLICY);
    fail(&breaker, 3);
    clock.advance(POLICY.wait);
    let never = breaker.call(std::future::pending::<Result<(), Failed<()>>>());
    assert!(tokio::time::timeout(Duration::ZERO, never).await.is_err());
    assert_eq!(breaker.call(async { Ok::<_, Failed<()>>(7) }).await, Ok(7));
}

#[test]
fn results_of_calls_that_began_before_a_change_say_nothing() {
    let clock = clock();
    let (breakers, _) = breakers(&clock);
    let breaker = breakers.breaker("thing", POLICY);
    let late: Vec<_> = (0..9).map(|_| breaker.admit().unwrap()).collect();
    fail(&breaker, 3);
    let mut late = late.into_iter();
    late.next().unwrap().answered();
    assert_eq!(report(&breakers).state, BreakerState::Open, "it was sent while the dependency was there");
    clock.advance(POLICY.wait);
    let probe = breaker.admit().unwrap();
    late.next().unwrap().failed();
    drop(late.next());
    assert_eq!(report(&breakers).state, BreakerState::HalfOpen, "only the probe decides");
    probe.answered();
    late.for_each(Permit::failed);
    assert_eq!((report(&breakers).state, report(&breakers).failures), (BreakerState::Closed, 0));
}

#[test]
fn a_clock_that_is_put_back_keeps_nothing_open() {
    let clock = clock();
    let (breakers, _) = breakers(&clock);
    let breaker = breakers.breaker("thing", POLICY);
    fail(&breaker, 3);
    clock.put_back(SECOND * 3_600);
    breaker.admit().unwrap().failed();
    assert!(breaker.admit().is_err(), "from now on by the clock as it is");
    clock.advance(POLICY.wait);
    assert!(breaker.admit().is_ok());
}

#[test]
fn one_name_is_one_breaker_and_the_list_is_by_name() {
    let (breakers, _) = breakers(&clock());
    let first = breakers.breaker("b", POLICY);
    fail(&breakers.breaker("b", BreakerPolicy::NEVER), 3);
    assert!(first.admit().is_err(), "who names it first says its policy");
    assert!(breakers.breaker("a", POLICY).admit().is_ok());
    let listed: Vec<_> = breakers.list().into_iter().map(|it| (it.name.to_string(), it.state)).collect();
    assert_eq!(listed, [("a".to_owned(), BreakerState::Closed), ("b".to_owned(), BreakerState::Open)]);
}

#[derive(Debug, Clone)]
enum Step {
    Ask,
    Answered(usize),
    Failed(usize),
    Dropped(usize),
    Advance(u64),
    PutBack(u64),
    Told { since: i64, until: i64 },
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => Just(Step::Ask),
        2 => (0_usize..8).prop_map(Step::Answered),
        4 => (0_usize..8).prop_map(Step::Failed),
        1 => (0_usize..8).prop_map(Step::Dropped),
        2 => (0_u64..40).prop_map(Step::Advance),
        1 => (0_u64..40).prop_map(Step::PutBack),
        1 => (-40_i64..40, -10_i64..400).prop_map(|(since, until)| Step::Told { since, until }),
    ]
}

/// What an outsider sees: who was let through as a probe, and until when nobody should be.
struct Watcher {
    breakers: Breakers,
    breaker: Breaker,
    clock: Arc<ManualClock>,
    /// The calls on their way; `true` for probes.
    on_their_way: Vec<(Permit, bool)>,
}

impl Watcher {
    /// The state, and when it was decided.
    fn state(&self) -> (BreakerState, Timestamp) {
        let memory = self.breaker.inner.memory();
        (memory.state, memory.decided)
    }

    fn take(&mut self, which: usize) -> Option<Permit> {
        let count = self.on_their_way.len();
        (count > 0).then(|| self.on_their_way.swap_remove(which % count).0)
    }

    fn ask(&mut self) {
        let before = report(&self.breakers);
        let now = self.breakers.now();
        let (was, decided) = self.state();
        let admitted = self.breaker.admit();
        let waits = before.open_until.is_some_and(|until| now < until && now >= decided);
        let may = !waits && was != BreakerState::HalfOpen;
        assert_eq!(admitted.is_ok(), may, "{before:?} at {now}");
        if let Ok(permit) = admitted {
            self.on_their_way.push((permit, was == BreakerState::Open));
        }
    }

    fn go(&mut self, step: Step) {
        match step {
            Step::Ask => self.ask(),
            Step::Answered(which) => self.take(which).into_iter().for_each(Permit::answered),
            Step::Failed(which) => self.take(which).into_iter().for_each(Permit::failed),
            Step::Dropped(which) => drop(self.take(which)),
            Step::Advance(seconds) => self.clock.advance(Duration::from_secs(seconds)),
            Step::PutBack(seconds) => self.clock.put_back(Duration::from_secs(seconds)),
            Step::Told { since, until } => {
                let now = self.breakers.now();
                let at = |seconds: i64| Timestamp::from_micros(now.micros() + seconds * 1_000_000);
                let (since, until) = (at(since), at(until));
                let note = BreakerNote { dependency: "thing".to_owned(), since, until };
                self.breaker.inner.memory().told(&note, now);
            }
        }
        let (now, seen) = (self.breakers.now(), report(&self.breakers));
        let (state, decided) = self.state();
        let probes = self.on_their_way.iter().filter(|(_, is_probe)| *is_probe).count();
        assert_eq!(probes, usize::from(state == BreakerState::HalfOpen), "{state:?}");
        if now >= decided {
            assert!(seen.open_until.is_none_or(|until| until <= now.plus(POLICY.wait)), "{seen:?} at {now}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    /// Never more than one probe, never a call while it is open, and always a way back.
    #[test]
    fn whatever_happens_one_probe_at_most_is_on_its_way(steps in prop::collection::vec(step(), 1..120)) {
        let clock = clock();
        let (breakers, _) = breakers(&clock);
        let breaker = breakers.breaker("thing", POLICY);
        let mut watcher = Watcher { breakers, breaker, clock, on_their_way: Vec::new() };
        steps.into_iter().for_each(|step| watcher.go(step));
        watcher.on_their_way.clear();
        // From wherever the clock was put, a wait is all that keeps it open.
        let probe = watcher.breaker.admit().or_else(|_| {
            watcher.clock.advance(POLICY.wait);
            watcher.breaker.admit()
        });
        probe.unwrap().answered();
        prop_assert_eq!(report(&watcher.breakers).state, BreakerState::Closed);
    }
}
