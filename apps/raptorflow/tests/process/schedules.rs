//! What comes again and again, planned by two workers at once.

use super::{
    gate::Gate,
    server::{Database, redis},
};
use diesel::{QueryableByName, sql_query, sql_types::BigInt};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use servers::until;

/// Twice as many as a worker plans in one transaction, each missed three times.
const DUE: &str = "insert into schedules (id, name, kind, payload, timing, misfire, priority, next_run)
    select gen_random_uuid(), n::text, 'test.event', jsonb_build_object('first', first),
        '{\"every_seconds\": 3600}', 'catch_up', 'low', first
    from generate_series(1, 200) n,
        lateral (select now() - interval '150 minutes' - n * interval '1 second') as missed(first)";

/// Every instant that was missed or that has a job.
const INSTANTS: &str = "with missed as (
        select name, (payload->>'first')::timestamptz + n * interval '1 hour' as instant
        from schedules, generate_series(0, 2) n where kind = 'test.event'),
    made as (
        select payload->>'schedule' as name, (payload->>'at')::timestamptz as instant, count(*) as jobs,
            bool_and(state = 'succeeded') as is_done
        from jobs where kind = 'test.event' group by 1, 2)
    select count(*) filter (where jobs = 1 and missed.name is not null) as once,
        count(*) filter (where jobs is distinct from 1 or missed.name is null) as otherwise,
        count(*) filter (where is_done) as done
    from missed full join made on missed.name = made.name and missed.instant = made.instant";

#[derive(Debug, PartialEq, QueryableByName)]
pub(crate) struct Instants {
    #[diesel(sql_type = BigInt)]
    pub(crate) once: i64,
    #[diesel(sql_type = BigInt)]
    pub(crate) otherwise: i64,
    #[diesel(sql_type = BigInt)]
    pub(crate) done: i64,
}

async fn instants(system: &mut AsyncPgConnection) -> Instants {
    sql_query(INSTANTS).get_result(system).await.unwrap()
}

#[tokio::test]
async fn every_instant_has_one_job_though_a_worker_is_killed_while_two_plan() {
    let folder = tempfile::tempdir().unwrap();
    let database = Database::fresh(folder.path()).await;
    let redis = redis(10);
    let settings = [("REDIS_URL", redis.as_str())];
    let (doomed, _other) = (database.worker_with(&settings), database.worker_with(&settings));
    let mut system = database.system().await;
    // The longest due comes first: each of the two stands in the middle of its hundred.
    let halfway = "old.name in ('50', '150')";
    let mut gate = Gate::before("update on schedules", halfway, &database).await;
    sql_query(DUE).execute(&mut system).await.unwrap();
    gate.holds_up(2).await;
    assert_eq!(instants(&mut system).await, Instants { once: 0, otherwise: 600, done: 0 });
    drop(doomed);
    let _again = database.worker_with(&settings);
    gate.open().await;
    until(async || instants(&mut system).await.done == 600).await;
    assert_eq!(instants(&mut system).await, Instants { once: 600, otherwise: 0, done: 600 });
}
