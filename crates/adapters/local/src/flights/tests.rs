use super::*;
use crate::{LocalCache, LocalLocks};
use async_trait::async_trait;
use kernel::{CacheAway, CacheEdition, CacheShelf, Clock, HeldLock, SystemClock};
use proptest::prelude::*;
use std::sync::atomic::{AtomicUsize, Ordering};
use tokio::{
    sync::oneshot,
    task::{JoinHandle, yield_now},
};

const HOUR: Duration = Duration::from_secs(3_600);

type Answer = Result<Vec<u8>, &'static str>;

fn key() -> CacheKey {
    CacheShelf::COMMON.key("a")
}

fn cache() -> Arc<LocalCache> {
    Arc::new(LocalCache::new(Arc::new(SystemClock), 1 << 20))
}

/// Those who are made to wait with what they make.
#[derive(Default)]
struct Makers {
    begun: AtomicUsize,
    at_work: AtomicUsize,
    waiting: Mutex<Vec<oneshot::Sender<Answer>>>,
}

/// One of them, until it ends or is cut off.
struct AtWork(Arc<Makers>);

impl Drop for AtWork {
    fn drop(&mut self) {
        self.0.at_work.fetch_sub(1, Ordering::SeqCst);
    }
}

impl Makers {
    async fn make(self: Arc<Self>) -> Answer {
        self.begun.fetch_add(1, Ordering::SeqCst);
        self.at_work.fetch_add(1, Ordering::SeqCst);
        let (end, ended) = oneshot::channel();
        self.waiting.lock().unwrap().push(end);
        let _at_work = AtWork(self.clone());
        ended.await.unwrap()
    }

    /// Ends whoever is at work; whether anybody was.
    fn end(&self, answer: &Answer) -> bool {
        let waiting = std::mem::take(&mut *self.waiting.lock().unwrap());
        waiting.into_iter().filter(|end| !end.is_closed()).any(|end| end.send(answer.clone()).is_ok())
    }

    fn begun(&self) -> usize {
        self.begun.load(Ordering::SeqCst)
    }
}

struct World {
    flights: Arc<Flights<&'static str>>,
    makers: Arc<Makers>,
}

impl World {
    fn over(cache: Arc<dyn Cache>) -> Self {
        Self { flights: Arc::new(Flights::new(cache)), makers: Arc::default() }
    }

    fn ask(&self) -> JoinHandle<Landed<&'static str>> {
        let (flights, makers) = (self.flights.clone(), self.makers.clone());
        tokio::spawn(async move { flights.get(key(), HOUR, || makers.make()).await })
    }
}

/// Lets every task run as far as it comes.
async fn settled() {
    for _ in 0..20 {
        yield_now().await;
    }
}

#[tokio::test]
async fn many_who_ask_at_once_get_what_one_has_made_and_later_ones_what_is_kept() {
    let world = World::over(cache());
    let asking: Vec<_> = (0..50).map(|_| world.ask()).collect();
    settled().await;
    assert!(world.makers.end(&Ok(b"x".to_vec())));
    for asked in asking {
        assert_eq!(asked.await.unwrap().unwrap()[..], *b"x");
    }
    assert_eq!(world.ask().await.unwrap().unwrap()[..], *b"x");
    assert_eq!(world.makers.begun(), 1);
}

#[tokio::test]
async fn a_failure_is_told_to_all_who_asked_meanwhile_and_to_nobody_else() {
    let world = World::over(cache());
    let asking = [world.ask(), world.ask()];
    settled().await;
    world.makers.end(&Err("broken"));
    for asked in asking {
        assert_eq!(asked.await.unwrap(), Err("broken"));
    }
    let again = world.ask();
    settled().await;
    world.makers.end(&Ok(b"x".to_vec()));
    assert!(again.await.unwrap().is_ok());
    assert_eq!(world.makers.begun(), 2);
}

#[tokio::test]
async fn whoever_asks_when_it_has_landed_does_not_join_those_who_have_not_noticed_yet() {
    let world = World::over(cache());
    let first = world.ask();
    settled().await;
    let mut slow = std::pin::pin!(world.flights.get(key(), HOUR, || world.makers.clone().make()));
    tokio::select! {
        biased;
        _ = &mut slow => panic!("nothing is made yet"),
        () = std::future::ready(()) => {}
    }
    world.makers.end(&Err("broken"));
    assert_eq!(first.await.unwrap(), Err("broken"));
    let again = world.ask();
    settled().await;
    assert!(world.makers.end(&Ok(b"x".to_vec())), "it is made again");
    assert!(again.await.unwrap().is_ok());
    assert_eq!(slow.await, Err("broken"));
}

#[tokio::test]
async fn when_the_one_who_has_it_made_goes_away_the_next_one_has_it_made() {
    let world = World::over(cache());
    let (first, second) = (world.ask(), world.ask());
    settled().await;
    first.abort();
    settled().await;
    assert_eq!((world.makers.begun(), world.makers.at_work.load(Ordering::SeqCst)), (2, 1));
    world.makers.end(&Ok(b"x".to_vec()));
    assert!(second.await.unwrap().is_ok());
}

#[tokio::test]
async fn what_was_under_way_while_its_shelf_was_cleared_is_not_kept() {
    let cache = cache();
    let world = World::over(cache.clone());
    let asked = world.ask();
    settled().await;
    cache.clear(CacheShelf::COMMON).await.unwrap();
    world.makers.end(&Ok(b"old".to_vec()));
    assert!(asked.await.unwrap().is_ok());
    assert!(matches!(cache.look(&key()).await, Ok(Cached::Nothing(_))));
}

/// Says that it is away.
struct Away;

#[async_trait]
impl Cache for Away {
    async fn look(&self, _: &CacheKey) -> Result<Cached, CacheAway> {
        Err(CacheAway("told to".to_owned()))
    }

    async fn put(&self, _: &CacheKey, _: &CacheEdition, _: &[u8], _: Duration) -> Result<(), CacheAway> {
        panic!("nobody puts into a cache that was away");
    }

    async fn clear(&self, _: CacheShelf) -> Result<(), CacheAway> {
        Err(CacheAway("told to".to_owned()))
    }
}

#[tokio::test]
async fn without_its_cache_a_thing_is_made_each_time_but_not_twice_at_once() {
    let world = World::over(Arc::new(Away));
    for round in 1..=2 {
        let asking = [world.ask(), world.ask()];
        settled().await;
        world.makers.end(&Ok(b"x".to_vec()));
        for asked in asking {
            assert!(asked.await.unwrap().is_ok());
        }
        assert_eq!(world.makers.begun(), round);
    }
}

/// Two processes with one cache and the same locks.
fn processes(locks: &Arc<dyn Locks>, patience: Duration) -> [World; 2] {
    let (cache, makers) = (cache(), Arc::<Makers>::default());
    [(); 2].map(|()| {
        let flights = Flights::new(cache.clone()).across(locks.clone(), patience);
        World { flights: Arc::new(flights), makers: makers.clone() }
    })
}

fn locks() -> Arc<dyn Locks> {
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    Arc::new(LocalLocks::new(clock))
}

#[tokio::test(start_paused = true)]
async fn of_two_processes_one_makes_it_and_the_other_finds_it() {
    let [one, other] = processes(&locks(), HOUR);
    let asking = [one.ask(), other.ask()];
    settled().await;
    assert!(one.makers.end(&Ok(b"x".to_vec())));
    for asked in asking {
        assert_eq!(asked.await.unwrap().unwrap()[..], *b"x");
    }
    assert_eq!(one.makers.begun(), 1);
}

#[tokio::test(start_paused = true)]
async fn when_the_maker_fails_or_goes_away_the_other_process_makes_it() {
    for goes_away in [true, false] {
        let [one, other] = processes(&locks(), HOUR);
        let first = one.ask();
        settled().await;
        let second = other.ask();
        settled().await;
        assert_eq!(one.makers.begun(), 1);
        if goes_away {
            first.abort();
        } else {
            one.makers.end(&Err("broken"));
            assert_eq!(first.await.unwrap(), Err("broken"));
        }
        for _ in 0..100 {
            tokio::time::advance(Duration::from_millis(10)).await;
            settled().await;
        }
        assert_eq!(one.makers.begun(), 2);
        assert!(one.makers.end(&Ok(b"x".to_vec())));
        assert!(second.await.unwrap().is_ok());
    }
}

/// Locks that are away, or held for ever.
struct Stubborn(bool);

#[async_trait]
impl Locks for Stubborn {
    async fn take(&self, _: &str, _: Duration) -> Result<Option<HeldLock>, kernel::LocksAway> {
        if self.0 { Ok(None) } else { Err(kernel::LocksAway("told to".to_owned())) }
    }

    async fn release(&self, _: &HeldLock) -> Result<(), kernel::LocksAway> {
        panic!("nobody holds any");
    }
}

#[tokio::test(start_paused = true)]
async fn locks_that_are_away_or_never_come_free_cost_a_second_making_and_no_more_than_the_patience() {
    for is_held in [false, true] {
        let [one, other] = processes(&(Arc::new(Stubborn(is_held)) as Arc<dyn Locks>), HOUR);
        let began = tokio::time::Instant::now();
        let asking = [one.ask(), other.ask()];
        while one.makers.begun() < 2 && began.elapsed() < HOUR * 2 {
            tokio::time::advance(Duration::from_secs(1)).await;
            settled().await;
        }
        let waited = began.elapsed();
        assert!(if is_held { (HOUR..HOUR * 2).contains(&waited) } else { waited < HOUR }, "{waited:?}");
        let waiting = std::mem::take(&mut *one.makers.waiting.lock().unwrap());
        for end in waiting {
            end.send(Ok(b"x".to_vec())).unwrap();
        }
        for asked in asking {
            assert!(asked.await.unwrap().is_ok());
        }
    }
}

#[derive(Debug, Clone)]
enum Step {
    Ask,
    GoAway(usize),
    End(bool),
    Clear,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => Just(Step::Ask),
        2 => (0_usize..8).prop_map(Step::GoAway),
        2 => any::<bool>().prop_map(Step::End),
        1 => Just(Step::Clear),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    /// One maker at most, an answer for everybody who stays, and nothing left behind.
    #[test]
    fn whoever_comes_and_goes_one_makes_it_and_all_who_stay_are_answered(
        steps in prop::collection::vec(step(), 1..80),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(async {
            let cache = cache();
            let world = World::over(cache.clone());
            let mut asking = Vec::new();
            for step in steps {
                match step {
                    Step::Ask => asking.push(world.ask()),
                    Step::GoAway(which) if !asking.is_empty() => {
                        let which = which % asking.len();
                        asking.swap_remove(which).abort();
                    }
                    Step::GoAway(_) => {}
                    Step::End(is_ok) => {
                        world.makers.end(&if is_ok { Ok(b"x".to_vec()) } else { Err("broken") });
                    }
                    Step::Clear => cache.clear(CacheShelf::COMMON).await.unwrap(),
                }
                settled().await;
                let at_work = world.makers.at_work.load(Ordering::SeqCst);
                let waiting = asking.iter().filter(|asked| !asked.is_finished()).count();
                prop_assert_eq!(at_work, usize::from(waiting > 0), "{} wait", waiting);
            }
            world.makers.end(&Ok(b"x".to_vec()));
            for asked in asking {
                let answer = asked.await.unwrap();
                prop_assert!(answer.as_deref() == Ok(b"x".as_slice()) || answer == Err("broken"));
            }
            prop_assert!(world.flights.under_way().is_empty());
            Ok(())
        })?;
    }
}
