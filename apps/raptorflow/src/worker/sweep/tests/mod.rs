use super::*;
use kernel::testing::{call_by, environment};
use kernel::{NewJob, StoreError, StoreResult};
use std::sync::Mutex;

/// Has so many rows, and notes what is asked of it.
struct Rows {
    left: Mutex<u64>,
    asked: Mutex<Vec<Ended>>,
}

#[async_trait]
impl Retention for Rows {
    async fn sweep(&self, _: &SystemScope, ended: Ended, most: i64) -> StoreResult<u64> {
        let mut left = self.left.lock().unwrap();
        let gone = (*left).min(most.unsigned_abs());
        *left -= gone;
        self.asked.lock().unwrap().push(ended);
        Ok(gone)
    }
}

/// Is away.
struct Away;

#[async_trait]
impl Retention for Away {
    async fn sweep(&self, _: &SystemScope, _: Ended, _: i64) -> StoreResult<u64> {
        Err(StoreError::Unavailable("test".to_owned()))
    }
}

fn job(env: &Environment) -> Job {
    NewJob::new(env, &call_by(env.id()), KIND, serde_json::json!({})).queued(env.now())
}

#[tokio::test]
async fn it_goes_on_until_nothing_is_left() {
    let batch = BATCH.unsigned_abs();
    for (rows, times) in [(0, 1), (batch - 1, 1), (batch, 2), (2 * batch + 1, 3)] {
        let (env, _) = environment();
        let rows = Arc::new(Rows { left: Mutex::new(rows), asked: Mutex::default() });
        let sweep = Sweep { retention: rows.clone(), env: env.clone() };
        assert_eq!(sweep.handle(&job(&env)).await, Ok(()));
        assert_eq!(*rows.left.lock().unwrap(), 0);
        assert_eq!(*rows.asked.lock().unwrap(), vec![Ended::by(env.now()); times]);
    }
}

#[tokio::test]
async fn it_is_tried_again_when_the_store_is_away() {
    let (env, _) = environment();
    let ended = Sweep { retention: Arc::new(Away), env: env.clone() }.handle(&job(&env)).await;
    assert!(matches!(ended, Err(JobFailure::Transient(_))), "{ended:?}");
}

#[test]
fn it_comes_every_hour_and_once_for_all_that_were_missed() {
    let (env, clock) = environment();
    let (begun, hour) = (env.now(), Duration::from_secs(60 * 60));
    let schedule = Sweep::schedule(&env);
    let of_it = Sweep { retention: Arc::new(Away), env: env.clone() };
    assert_eq!((&*schedule.kind, schedule.next_run), (of_it.kind(), begun.plus(hour)));
    clock.advance(hour * 5 / 2);
    let due = schedule.due(env.now());
    assert_eq!((due.runs, due.next_run), (vec![begun.plus(2 * hour)], begun.plus(3 * hour)));
}
