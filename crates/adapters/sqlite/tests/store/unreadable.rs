//! Facts that this version can't read, as a newer one wrote them.

use crate::support;
use conformance::{Stores, block_on, bus};
use diesel::{Connection, RunQueryDsl, SqliteConnection, sql_query};
use kernel::SystemScope;

#[test]
fn facts_that_cannot_be_read_hide_no_later_ones_from_the_relay() {
    block_on(async {
        let folder = tempfile::tempdir().unwrap();
        let stores = Stores::of(support::open_at(folder.path()).await);
        let mine = stores.tenant();
        bus::tell_many(&stores, &mine, 5).await;
        let file = folder.path().join("test.db");
        let mut newer = SqliteConnection::establish(file.to_str().unwrap()).unwrap();
        let write = "update events set actor_kind = 'robot' where number < 4";
        assert_eq!(sql_query(write).execute(&mut newer).unwrap(), 3);
        let relayed = stores.outbox.unpublished(&SystemScope::for_relay(), 2).await.unwrap();
        let numbers: Vec<i64> = relayed.iter().map(|event| event.number).collect();
        assert!(numbers.first() == Some(&4), "{numbers:?}");
        let write = "update events set actor_kind = 'robot'";
        assert_eq!(sql_query(write).execute(&mut newer).unwrap(), 5);
        assert!(stores.outbox.unpublished(&SystemScope::for_relay(), 2).await.unwrap().is_empty());
    });
}
