use super::*;
use async_trait::async_trait;
use futures_util::future::join_all;
use kernel::testing::{ManualClock, environment};
use kernel::{Job, JobQueue, Misfire, StoreError, Timestamp, Timing, UnitOfWork, Verdict, Work};
use memory::Store;
use std::time::Duration;

const HOUR: Duration = Duration::from_secs(3_600);
const RELAY: SystemScope = SystemScope::for_relay();

/// A store of nothing, at nine o'clock.
fn world() -> (Arc<Store>, Environment, Arc<ManualClock>) {
    let (env, clock) = environment();
    (Arc::new(Store::default()), env, clock)
}

fn planner(uow: Arc<RelayUow>, platform: Vec<Schedule>, env: &Environment) -> Planner {
    Planner { uow, kinds: vec!["test.job"], platform, is_set_up: AtomicBool::new(false), env: env.clone() }
}

fn hourly(env: &Environment, name: &str, misfire: Misfire) -> Schedule {
    Schedule::new(env, name, "test.job", Timing::every(HOUR).unwrap(), misfire)
}

async fn put(store: &Store, schedule: &Schedule) {
    let units: &RelayUow = store;
    let put: StoreResult<()> = units.run(&RELAY, async |tx| tx.schedules().put(schedule).await).await;
    put.unwrap();
}

async fn stored(store: &Store) -> Vec<Schedule> {
    let units: &RelayUow = store;
    let listed: StoreResult<_> = units.run(&RELAY, async |tx| tx.schedules().list().await).await;
    listed.unwrap()
}

/// The jobs that wait.
async fn jobs(store: &Store, env: &Environment) -> Vec<Job> {
    let (scope, mut jobs) = (SystemScope::for_worker(), Vec::new());
    while let Some(job) = store.claim(&scope, Kinds::All, "w", env.now(), HOUR).await.unwrap() {
        jobs.push(job);
    }
    jobs
}

/// The instants that they are of, in order.
async fn instants(store: &Store, env: &Environment) -> Vec<Timestamp> {
    let instant = |job: Job| serde_json::from_value(job.payload["at"].clone()).unwrap();
    let mut instants: Vec<Timestamp> = jobs(store, env).await.into_iter().map(instant).collect();
    instants.sort_unstable();
    instants
}

#[tokio::test]
async fn the_platforms_own_are_stored_once_whatever_processes_begin_later() {
    let (store, env, clock) = world();
    let first = hourly(&env, "sweep", Misfire::Coalesce);
    assert_eq!(planner(store.clone(), vec![first.clone()], &env).pass().await, Ok(0));
    clock.advance(HOUR / 2);
    let later = hourly(&env, "sweep", Misfire::Coalesce);
    assert_eq!(planner(store.clone(), vec![later], &env).pass().await, Ok(0));
    assert_eq!(stored(&store).await, [first]);
}

#[tokio::test]
async fn an_edit_of_one_of_the_platforms_lasts_until_another_process_begins() {
    let (store, env, _) = world();
    let shipped = hourly(&env, "sweep", Misfire::Coalesce);
    let planning = planner(store.clone(), vec![shipped.clone()], &env);
    planning.pass().await.unwrap();
    let edited = Schedule { timing: Timing::every(24 * HOUR).unwrap(), ..shipped.clone() };
    put(&store, &edited).await;
    planning.pass().await.unwrap();
    assert_eq!(stored(&store).await, [edited]);
    planner(store.clone(), vec![shipped.clone()], &env).pass().await.unwrap();
    assert_eq!(stored(&store).await, [shipped]);
}

#[tokio::test]
async fn an_instant_becomes_one_job_though_ten_planners_look_at_once() {
    let (store, env, clock) = world();
    let schedule = hourly(&env, "report", Misfire::Coalesce);
    put(&store, &schedule).await;
    clock.advance(HOUR);
    let planners: Vec<_> = (0..10).map(|_| planner(store.clone(), Vec::new(), &env)).collect();
    let moved = join_all(planners.iter().map(Planner::pass)).await;
    let moved: usize = moved.into_iter().map(Result::unwrap).sum();
    assert_eq!((moved, instants(&store, &env).await), (1, vec![schedule.next_run]));
    assert_eq!(stored(&store).await[0].next_run, schedule.next_run.plus(HOUR));
}

#[tokio::test]
async fn what_was_missed_becomes_a_job_each_or_one_or_none_as_its_rule_says() {
    // Three instants are over, the last one by minutes.
    for (minutes, misfire, hours) in [
        (10, Misfire::CatchUp, vec![1, 2, 3]),
        (10, Misfire::Coalesce, vec![3]),
        (10, Misfire::Skip, vec![]),
        (4, Misfire::Skip, vec![3]),
    ] {
        let (store, env, clock) = world();
        let begun = env.now();
        put(&store, &hourly(&env, "report", misfire)).await;
        clock.advance(3 * HOUR + Duration::from_secs(60 * minutes));
        assert_eq!(planner(store.clone(), Vec::new(), &env).pass().await, Ok(1));
        let expected: Vec<_> = hours.into_iter().map(|hour| begun.plus(HOUR * hour)).collect();
        assert_eq!(instants(&store, &env).await, expected, "{misfire:?} {minutes}");
        assert_eq!(stored(&store).await[0].next_run, begun.plus(4 * HOUR));
    }
}

#[tokio::test]
async fn a_job_says_what_it_comes_of_and_what_it_is_given() {
    let (store, env, clock) = world();
    let payload = serde_json::json!({"a": 1});
    let schedule = Schedule { payload: payload.clone(), ..hourly(&env, "report", Misfire::Coalesce) };
    put(&store, &schedule).await;
    clock.advance(HOUR);
    planner(store.clone(), Vec::new(), &env).pass().await.unwrap();
    let job = jobs(&store, &env).await.remove(0);
    assert_eq!((&*job.kind, job.priority, job.workspace_id), ("test.job", schedule.priority, None));
    let told = serde_json::json!({"schedule": "report", "at": schedule.next_run, "with": payload});
    assert_eq!(job.payload, told);
}

#[tokio::test]
async fn one_of_a_kind_that_this_build_lacks_waits_for_one_that_has_it() {
    let (store, env, clock) = world();
    let newer = Schedule { kind: "test.newer".to_owned(), ..hourly(&env, "newer", Misfire::Coalesce) };
    put(&store, &newer).await;
    clock.advance(HOUR);
    assert_eq!(planner(store.clone(), Vec::new(), &env).pass().await, Ok(0));
    assert_eq!(stored(&store).await, [newer]);
    let knowing = Planner { kinds: vec!["test.newer"], ..planner(store.clone(), Vec::new(), &env) };
    assert_eq!(knowing.pass().await, Ok(1));
    assert_eq!(jobs(&store, &env).await.len(), 1);
}

#[tokio::test]
async fn a_pass_moves_on_more_of_them_than_one_transaction_takes() {
    let (store, env, clock) = world();
    let count = 2 * BATCH as usize + 1;
    for number in 0..count {
        put(&store, &hourly(&env, &format!("report {number}"), Misfire::Coalesce)).await;
    }
    clock.advance(HOUR);
    assert_eq!(planner(store.clone(), Vec::new(), &env).pass().await, Ok(count));
    assert_eq!(jobs(&store, &env).await.len(), count);
}

/// Does all of the work, and can't commit it.
struct Uncommitted(Arc<Store>);

struct RolledBack<'w>(&'w mut dyn Work<dyn RelayTx>);

#[async_trait]
impl Work<dyn RelayTx> for RolledBack<'_> {
    async fn go(&mut self, tx: &mut (dyn RelayTx + 'static)) -> Verdict {
        self.0.go(tx).await;
        Verdict::Rollback
    }
}

#[async_trait]
impl UnitOfWork<dyn RelayTx, SystemScope> for Uncommitted {
    async fn run_erased(&self, scope: &SystemScope, work: &mut dyn Work<dyn RelayTx>) -> StoreResult<()> {
        self.0.run_erased(scope, &mut RolledBack(work)).await?;
        Err(StoreError::Unavailable("test".to_owned()))
    }
}

#[tokio::test]
async fn what_a_store_does_not_take_is_left_for_the_next_pass() {
    let (store, env, clock) = world();
    let own = hourly(&env, "sweep", Misfire::Coalesce);
    let mut planning = planner(Arc::new(Uncommitted(store.clone())), vec![own.clone()], &env);
    assert!(planning.pass().await.is_err());
    assert_eq!(stored(&store).await, []);
    planning.uow = store.clone();
    assert_eq!(planning.pass().await, Ok(0));
    assert_eq!(stored(&store).await[0], own);

    clock.advance(HOUR);
    planning.uow = Arc::new(Uncommitted(store.clone()));
    assert!(planning.pass().await.is_err());
    assert_eq!((stored(&store).await, jobs(&store, &env).await), (vec![own.clone()], vec![]));
    planning.uow = store.clone();
    assert_eq!(planning.pass().await, Ok(1));
    assert_eq!(instants(&store, &env).await, [own.next_run]);
}
