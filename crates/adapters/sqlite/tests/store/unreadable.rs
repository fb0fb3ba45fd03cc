//! What this version can't read, as a newer one wrote it.

use crate::support;
use conformance::{Stores, block_on, bus, schedules};
use diesel::{Connection, RunQueryDsl, SqliteConnection, sql_query};
use kernel::{
    JobFilter, JobId, JobState, Kinds, Limit, NewJob, PageRequest, StoreError, StoreResult, StreamId,
    SystemScope,
};
use std::{path::Path, time::Duration};

/// Writes as a newer version would; answers how many rows.
fn write(folder: &Path, statement: &str) -> usize {
    let file = folder.join("test.db");
    let mut newer = SqliteConnection::establish(file.to_str().unwrap()).unwrap();
    sql_query(statement).execute(&mut newer).unwrap()
}

#[test]
fn facts_that_cannot_be_read_hide_no_later_ones_from_the_relay() {
    block_on(async {
        let folder = tempfile::tempdir().unwrap();
        let stores = Stores::of(support::open_at(folder.path()).await);
        let mine = stores.tenant();
        bus::tell_many(&stores, &mine, 5).await;
        assert_eq!(write(folder.path(), "update events set actor_kind = 'robot' where number < 4"), 3);
        let relayed = stores.outbox.unpublished(&SystemScope::for_relay(), 2).await.unwrap();
        let numbers: Vec<i64> = relayed.iter().map(|event| event.number).collect();
        assert!(numbers.first() == Some(&4), "{numbers:?}");
        assert_eq!(write(folder.path(), "update events set actor_kind = 'robot'"), 5);
        assert!(stores.outbox.unpublished(&SystemScope::for_relay(), 2).await.unwrap().is_empty());
    });
}

#[test]
fn facts_that_cannot_be_read_hide_no_later_ones_from_who_follows_them() {
    block_on(async {
        let folder = tempfile::tempdir().unwrap();
        let stores = Stores::of(support::open_at(folder.path()).await);
        let mine = stores.tenant();
        bus::tell_many(&stores, &mine, 6).await;
        write(folder.path(), "update events set actor_kind = 'robot' where number in (1, 2, 4)");
        for (limit, expected) in [(1, vec![3]), (2, vec![3, 5]), (4, vec![3, 5, 6]), (9, vec![3, 5, 6])] {
            let told = stores.events.list_after(&mine.scope, 0, limit).await.unwrap();
            assert_eq!(told.iter().map(|event| event.number).collect::<Vec<_>>(), expected, "{limit}");
        }
    });
}

#[test]
fn a_consumer_learns_where_a_fact_stands_that_cannot_be_read() {
    block_on(async {
        let folder = tempfile::tempdir().unwrap();
        let stores = Stores::of(support::open_at(folder.path()).await);
        let mine = stores.tenant();
        bus::tell_many(&stores, &mine, 2).await;
        write(folder.path(), "update events set actor_kind = 'robot' where number = 1");
        let stream = StreamId::from(mine.scope.workspace());
        let (scope, relay) = (SystemScope::for_relay(), &stores.relay);
        let read: StoreResult<_> =
            relay.run(&scope, async |tx| tx.positions().list_after(stream, 0, 1).await).await;
        assert!(matches!(read, Err(StoreError::Corrupt(_))), "{read:?}");
        let place: StoreResult<_> =
            relay.run(&scope, async |tx| tx.positions().next_place(stream, 0).await).await;
        let place = place.unwrap().unwrap();
        assert_eq!((place.number, place.workspace_id), (1, Some(mine.scope.workspace())));
    });
}

#[test]
fn a_job_that_cannot_be_read_ends_as_a_dead_letter_and_keeps_no_other_one_waiting() {
    const LEASE: Duration = Duration::from_secs(30);
    block_on(async {
        let folder = tempfile::tempdir().unwrap();
        let stores = Stores::of(support::open_at(folder.path()).await);
        let scope = SystemScope::for_worker();
        let mine = stores.tenant();
        for kind in ["test.newer", "test.known"] {
            let job = NewJob::new(&stores.env, &mine.ctx, kind, serde_json::json!({}));
            let told: StoreResult<bool> = stores
                .relay
                .run(&scope, async |tx| tx.jobs().enqueue(NewJob { max_attempts: 2, ..job.clone() }).await)
                .await;
            assert!(told.unwrap());
            stores.clock.advance(Duration::from_millis(1));
        }
        write(folder.path(), "update jobs set actor_kind = 'robot' where kind = 'test.newer'");
        let claim =
            async || stores.jobs.claim(&scope, Kinds::All, "w", stores.env.now(), LEASE).await.unwrap();
        assert_eq!(claim().await.unwrap().kind, "test.known");
        assert_eq!(stores.jobs.count(&scope, JobState::Queued).await, Ok(1), "it waits for a newer version");
        stores.clock.advance(Duration::from_secs(2));
        assert_eq!(claim().await, None);
        assert_eq!(stores.jobs.count(&scope, JobState::Failed).await, Ok(1));
        write(
            folder.path(),
            "update jobs set actor_kind = 'system', actor_id = null where kind = 'test.newer'",
        );
        let dead = stores.jobs.dead_letters(&scope, None, None, 2).await.unwrap().remove(0);
        let why = dead.last_error.unwrap();
        assert!(dead.kind == "test.newer" && why.starts_with("this build can't read it: "), "{why}");
    });
}

#[test]
fn jobs_that_cannot_be_read_hide_no_others_from_who_looks_after_them() {
    block_on(async {
        let folder = tempfile::tempdir().unwrap();
        let stores = Stores::of(support::open_at(folder.path()).await);
        let (mine, mut ids) = (stores.tenant(), Vec::<JobId>::new());
        for _ in 0..6 {
            let job = NewJob::new(&stores.env, &mine.ctx, "test.job", serde_json::json!({}));
            ids.push(job.id);
            let told: StoreResult<bool> =
                stores.campaign.run(&mine.scope, async |tx| tx.jobs().enqueue(job).await).await;
            assert_eq!(told, Ok(true));
            stores.clock.advance(Duration::from_millis(1));
        }
        let newer = "(select id from jobs order by id limit 3)";
        write(folder.path(), "update jobs set state = 'failed'");
        write(folder.path(), &format!("update jobs set actor_kind = 'robot' where id in {newer}"));
        let of_all = stores.jobs.dead_letters(&SystemScope::for_worker(), None, None, 2).await.unwrap();
        let of_mine = stores.job_reader.dead_letters(&mine.scope, None, None, 2).await.unwrap();
        for dead in [of_all, of_mine] {
            assert_eq!(dead.iter().map(|job| job.id).collect::<Vec<_>>(), ids[3..5]);
        }
        let request = |after| PageRequest { limit: Limit::new(4).unwrap(), after };
        let page = async |after| {
            stores.job_reader.page(&mine.scope, &JobFilter::default(), &request(after)).await.unwrap()
        };
        let first = page(None).await;
        assert_eq!(first.items.iter().map(|job| job.id).collect::<Vec<_>>(), [ids[5], ids[4], ids[3]]);
        let second = page(first.next).await;
        assert!(first.next.is_some() && second.items.is_empty() && second.next.is_none());
    });
}

#[test]
fn a_schedule_that_cannot_be_read_is_put_aside_for_an_hour_and_keeps_no_other_one_waiting() {
    const HOUR: Duration = Duration::from_secs(3_600);
    block_on(async {
        let folder = tempfile::tempdir().unwrap();
        let stores = Stores::of(support::open_at(folder.path()).await);
        let mine = stores.tenant();
        for name in ["newer", "known"] {
            schedules::put(&stores, &mine, &schedules::hourly(&stores, name)).await;
            stores.clock.advance(Duration::from_secs(1));
        }
        write(folder.path(), "update schedules set misfire = 'robot' where name = 'newer'");
        stores.clock.advance(HOUR);
        // One at a time, so that the first hides the second as long as it is due.
        let due = async || schedules::due(&stores, Kinds::All, 1).await;
        assert!(due().await.is_empty());
        assert_eq!(due().await, ["known"]);
        assert!(due().await.is_empty());
        write(folder.path(), "update schedules set misfire = 'coalesce' where name = 'newer'");
        stores.clock.advance(HOUR - Duration::from_secs(2));
        assert!(due().await.is_empty());
        stores.clock.advance(Duration::from_secs(2));
        let both = [due().await, due().await].concat();
        assert_eq!(both, ["known", "newer"], "a version that can read it goes on with it");
    });
}
