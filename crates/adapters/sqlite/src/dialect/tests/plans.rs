//! How the database goes about what it is asked most: what that costs must not grow with what it is not about.

use super::Backend;
use crate::sql::{Explained, Next, SystemUnit, places_after};
use conformance::block_on;
use diesel::{
    query_builder::QueryFragment,
    sql_types::{Integer, Text},
};
use diesel_async::RunQueryDsl;
use kernel::{Kinds, StoreResult, StreamId, SystemScope, Timestamp, UnitOfWork};
use std::time::Duration;

pub(crate) const EXPLAIN: &str = "explain query plan ";
/// Its number, that of the line which it is a part of, nothing, and what is done.
pub(crate) type Line = (Integer, Integer, Integer, Text);

/// What is done by the statement: the number of each step, that of the step which it is a part of, and what.
async fn plan(statement: Explained<impl QueryFragment<Backend> + Send + 'static>) -> Vec<(i32, i32, String)> {
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
    planned.unwrap().into_iter().map(|(id, part_of, _, what)| (id, part_of, what)).collect()
}

#[test]
fn a_claim_that_finds_nothing_looks_at_no_job_whose_time_has_not_come() {
    block_on(async {
        let now: Timestamp = "2026-03-02T09:00:00Z".parse().unwrap();
        for kinds in [Kinds::All, Kinds::Only(&["test.job"])] {
            let plan = plan(Explained("select ", Next::of(kinds, now))).await;
            let by = |index: &str| {
                plan.iter()
                    .map(|(.., what)| what.as_str())
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

#[test]
fn the_next_facts_of_a_stream_are_had_without_those_behind_them() {
    block_on(async {
        let stream = StreamId::new(uuid::Uuid::from_u128(7));
        let plan = plan(Explained("", places_after(stream, 10, 100))).await;
        let facts: Vec<_> = plan.iter().filter(|(.., what)| what.starts_with("SEARCH events")).collect();
        assert_eq!(facts.len(), 2, "{plan:?}");
        for (_, half, what) in facts {
            assert!(what.ends_with("number>?)"), "{plan:?}");
            // A half that comes in its order: neither one of several ways to a half, nor sorted.
            assert!(plan.iter().any(|(id, _, what)| id == half && what == "CO-ROUTINE half"), "{plan:?}");
            assert_eq!(plan.iter().filter(|(_, part_of, _)| part_of == half).count(), 1, "{plan:?}");
        }
    });
}
