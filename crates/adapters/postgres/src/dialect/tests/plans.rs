//! How the server goes about what it is asked most: what that costs must not grow with what it is not about.

use super::{go_by_index, support};
use crate::{
    Store,
    sql::{Explained, Next, SystemUnit, places_after},
};
use conformance::block_on;
use diesel::{query_builder::QueryFragment, sql_types::Text};
use diesel_async::{RunQueryDsl, SimpleAsyncConnection};
use kernel::{Kinds, StoreError, StoreResult, StreamId, SystemScope, Timestamp, UnitOfWork};

pub(crate) const EXPLAIN: &str = "explain (analyze, buffers, costs off, timing off, summary off) ";
pub(crate) type Line = Text;

const NOW: &str = "2026-03-02T09:00:00Z";

/// What a statement touches after `setup` was done, in a unit that is forgotten.
async fn touches(
    store: &Store,
    setup: &str,
    statement: Explained<impl QueryFragment<super::Backend> + Send + 'static>,
) -> Touched {
    let units: &dyn UnitOfWork<SystemUnit, SystemScope> = store;
    let (mut statement, mut lines) = (Some(statement), Vec::new());
    let unit: StoreResult<()> = units
        .run(&SystemScope::for_worker(), async |unit| {
            let conn = unit.conn()?;
            conn.batch_execute(setup).await.unwrap();
            go_by_index(conn);
            lines = statement.take().unwrap().load::<String>(conn).await.unwrap();
            Err(StoreError::Stale)
        })
        .await;
    assert_eq!(unit, Err(StoreError::Stale));
    Touched(lines)
}

/// A plan and what became of it.
struct Touched(Vec<String>);

impl Touched {
    /// How many pages, of tables and indexes.
    #[track_caller]
    fn pages(&self) -> u32 {
        let whole = self.0.iter().find_map(|line| line.trim().strip_prefix("Buffers: shared ")).unwrap();
        let counts = whole.split(' ').filter_map(|part| {
            let (what, count) = part.split_once('=')?;
            matches!(what, "hit" | "read").then(|| count.parse::<u32>().unwrap())
        });
        counts.sum()
    }

    #[track_caller]
    fn at_most(&self, pages: u32) {
        assert!(self.pages() <= pages, "{} pages:\n{}", self.pages(), self.0.join("\n"));
    }
}

/// Jobs whose time comes so many seconds from now, `kind` of them each second.
fn jobs(kind: &str, seconds: &str) -> String {
    format!(
        "insert into jobs (id, kind, payload, state, run_at, turn, attempts, max_attempts, actor_kind, correlation_id, created_at)
         select gen_random_uuid(), '{kind}', '{{}}', 'queued', timestamptz '{NOW}' + s * interval '1 second',
           timestamptz '{NOW}' + (s + 30) * interval '1 second', 0, 3, 'system', 'c', timestamptz '{NOW}'
         from generate_series({seconds}) s;"
    )
}

#[test]
fn a_claim_that_finds_nothing_looks_at_no_job_whose_time_has_not_come() {
    block_on(async {
        let store = support::fresh().await;
        let now: Timestamp = NOW.parse().unwrap();
        let later = jobs("test.job", "1, 10000");
        let all = Explained("select ", Next::of(Kinds::All, now));
        touches(&store, &later, all).await.at_most(10);
        let some = || Explained("select ", Next::of(Kinds::Only(&["test.other"]), now));
        touches(&store, &later, some()).await.at_most(10);
        let none_of_the_kind = later + &jobs("test.job", "-3, 0");
        touches(&store, &none_of_the_kind, some()).await.at_most(10);
    });
}

/// Its turn may be behind those of jobs that wait for their time: then they are passed over in the index.
#[test]
fn a_claim_passes_over_jobs_whose_time_has_not_come_without_a_look_at_their_rows() {
    block_on(async {
        let store = support::fresh().await;
        let now: Timestamp = NOW.parse().unwrap();
        let behind =
            format!("update jobs set turn = timestamptz '{NOW}' + interval '1 day' where run_at <= '{NOW}';");
        let setup = jobs("test.job", "0, 10000") + &behind;
        let rows = touches(
            &store,
            &setup,
            Explained("select count(*) from jobs where id = ", Next::of(Kinds::All, now)),
        );
        rows.await.at_most(150);
    });
}

#[test]
fn the_next_facts_of_a_stream_are_had_without_those_behind_them() {
    block_on(async {
        let store = support::fresh().await;
        for (id, of, of_none) in [(1, "workspace_id", "user_id"), (2, "user_id", "workspace_id")] {
            let stream = StreamId::new(uuid::Uuid::from_u128(id));
            let setup = format!(
                "insert into events (id, event_type, version, {of}, {of_none}, number, actor_kind, subject_kind, subject_id,
                   correlation_id, payload, occurred_at)
                 select gen_random_uuid(), 'thing.happened', 1, '{}', null, n, 'system', 'thing', gen_random_uuid(), 'c', '{{}}',
                   timestamptz '{NOW}' from generate_series(1, 10000) n;",
                stream.uuid()
            );
            let hundred = Explained("", places_after(stream, 10, 100));
            touches(&store, &setup, hundred).await.at_most(30);
            let one = Explained("", places_after(stream, 5_000, 1));
            touches(&store, &setup, one).await.at_most(15);
        }
    });
}
