//! How the database goes about what it is asked most: what that costs must not grow with what it is not about.

use super::Backend;
use crate::sql::{Explained, Next, SystemUnit};
use conformance::block_on;
use diesel::{
    query_builder::QueryFragment,
    sql_types::{Integer, Text},
};
use diesel_async::RunQueryDsl;
use kernel::{Kinds, StoreResult, SystemScope, Timestamp, UnitOfWork};
use std::time::Duration;

pub(crate) const EXPLAIN: &str = "explain query plan ";
/// Its number, that of the line which it is a part of, nothing, and what is done.
pub(crate) type Line = (Integer, Integer, Integer, Text);

/// What is done by the statement, each with what it is a part of.
async fn plan(statement: Explained<impl QueryFragment<Backend> + Send + 'static>) -> Vec<(i32, String)> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("plan.db");
    crate::migrate(&path).await.unwrap();
    let options = super::Options { path, readers: 1, wait: Duration::from_secs(20) };
    let store = super::open(&options, conformance::home()).unwrap();
    let units: &dyn UnitOfWork<SystemUnit, SystemScope> = &store;
    let mut statement = Some(statement);
    let planned: StoreResult<Vec<(i32, i32, i32, String)>> = units
        .run(&SystemScope::for_worker(), async |unit| {
            let planned = statement.take().unwrap().load(unit.conn()?).await;
            unit.note(planned)
        })
        .await;
    planned.unwrap().into_iter().map(|(_, part_of, _, what)| (part_of, what)).collect()
}

#[test]
fn a_claim_that_finds_nothing_looks_at_no_job_whose_time_has_not_come() {
    block_on(async {
        let now: Timestamp = "2026-03-02T09:00:00Z".parse().unwrap();
        for kinds in [Kinds::All, Kinds::Only(&["test.job"])] {
            let plan = plan(Explained("select ", Next::of(kinds, now))).await;
            let by = |index: &str| {
                plan.iter()
                    .map(|(_, what)| what.as_str())
                    .filter(|what| what.contains(index))
                    .collect::<Vec<_>>()
            };
            // A bound of the turns that is null ends it before the first row.
            let [turns] = by("INDEX jobs_turn")[..] else { panic!("{plan:?}") };
            assert!(turns.starts_with("SEARCH jobs") && turns.ends_with("(turn>?)"), "{plan:?}");
            let [times] = by("INDEX jobs_waiting")[..] else { panic!("{plan:?}") };
            assert!(times.starts_with("SEARCH jobs") && times.ends_with("(run_at<?)"), "{plan:?}");
        }
    });
}
