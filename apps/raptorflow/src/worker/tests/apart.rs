//! What one part of a worker waits for keeps the others from nothing, in time that stands while anybody works.

use super::{wayward::Wayward, *};
use kernel::{Misfire, RelayTx, Schedule, Timing, UnitOfWork, Work, WorkerNote, WorkerRegistry};
use std::time::Duration;
use tokio::sync::{mpsc, watch};
use tokio::time::timeout;

/// What comes again.
const AGAIN: &str = "test.again";
const SECOND: Duration = Duration::from_secs(1);

async fn pass(time: Duration) {
    drop(timeout(time, std::future::pending::<()>()).await);
}

/// A store whose units take a second each, as those of many workspaces do together that want the same hour.
struct Slow(Arc<Store>);

#[async_trait]
impl UnitOfWork<dyn RelayTx, SystemScope> for Slow {
    async fn run_erased(&self, scope: &SystemScope, work: &mut dyn Work<dyn RelayTx>) -> StoreResult<()> {
        pass(SECOND).await;
        self.0.run_erased(scope, work).await
    }
}

/// Ten batches of what is due.
async fn much_to_plan(store: &Store, env: &Environment) {
    let (scope, units): (_, &RelayUow) = (SystemScope::for_relay(), store);
    let put = units.run(&scope, async |tx| {
        for number in 0..1_000 {
            let (name, every) = (format!("report {number}"), Timing::every(3_600 * SECOND).unwrap());
            let schedule = Schedule::new(env, &name, AGAIN, every, Misfire::Coalesce);
            tx.schedules().put(&Schedule { next_run: env.now(), ..schedule }).await?;
        }
        StoreResult::Ok(())
    });
    put.await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_job_begins_while_there_is_much_to_plan() {
    let (store, env) = (Arc::new(Store::default()), environment_in_runtime());
    much_to_plan(&store, &env).await;
    let ((begin, mut begun), (plan, mut planned)) = (mpsc::unbounded_channel(), mpsc::unbounded_channel());
    let handlers: Vec<Arc<dyn JobHandler>> =
        vec![Arc::new(Telling(KIND, begin)), Arc::new(Telling(AGAIN, plan))];
    let slow = WorkerParts { relay: Arc::new(Slow(store.clone())), ..parts(&store, &env, handlers) };
    let worker = Worker::new(slow, Arc::default());
    let (stop, stopped) = watch::channel(false);
    let looking = async {
        pass(SECOND).await;
        enqueue(&store, &env, KIND, 1).await;
        assert!(timeout(2 * SECOND, begun.recv()).await.is_ok(), "it waits for the planner");
        pass(20 * SECOND).await;
        stop.send_replace(true);
        assert_eq!(planned.recv_many(&mut Vec::new(), 2_000).await, 1_000, "and that is done as well");
    };
    tokio::join!(worker.run(stopped), looking);
}

#[tokio::test(start_paused = true)]
async fn a_worker_says_that_it_is_there_while_the_queue_hangs() {
    let (store, env) = (Arc::new(Store::default()), environment_in_runtime());
    let parts = parts(&store, &env, Vec::new());
    let worker = Worker::new(WorkerParts { queue: Wayward::hanging(&store), ..parts }, Arc::default());
    let (_stop, stopped) = watch::channel(false);
    assert!(timeout(2 * WorkerNote::SILENCE, worker.run(stopped)).await.is_err());
    let lately = env.now().minus(WorkerNote::BEAT);
    let seen = store.list_workers(&SystemScope::for_worker(), lately).await.unwrap();
    assert_eq!(seen.len(), 1);
}
