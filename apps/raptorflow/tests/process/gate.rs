//! A gate in a database: who does a certain thing stands in the middle of their transaction until it opens.

use super::server::Database;
use diesel::{QueryableByName, sql_query, sql_types::BigInt};
use diesel_async::{AsyncPgConnection, RunQueryDsl, SimpleAsyncConnection};
use servers::until;

/// A closed one. It opens when it is told to, or when the database's server ends.
pub(crate) struct Gate(AsyncPgConnection);

#[derive(QueryableByName)]
struct Waiting {
    #[diesel(sql_type = BigInt)]
    count: i64,
}

impl Gate {
    /// In the way of `what`, such as `insert on jobs`, when `condition` holds of the row.
    pub(crate) async fn before(what: &str, condition: &str, database: &Database) -> Self {
        let mut owner = database.owner().await;
        let built = format!(
            "create function gate() returns trigger language plpgsql as
             $$ begin perform pg_advisory_xact_lock_shared(1); return new; end $$;
             create trigger gate before {what} for each row when ({condition}) execute function gate();
             select pg_advisory_lock(1)"
        );
        owner.batch_execute(&built).await.unwrap();
        Self(owner)
    }

    /// Returns when so many stand before it. They give up after two seconds, and come again.
    pub(crate) async fn holds_up(&mut self, count: i64) {
        let waiting = "select count(*) from pg_locks where locktype = 'advisory' and not granted
            and database = (select oid from pg_database where datname = current_database())";
        until(async || {
            let waiting: Waiting = sql_query(waiting).get_result(&mut self.0).await.unwrap();
            waiting.count == count
        })
        .await;
    }

    pub(crate) async fn open(mut self) {
        self.0.batch_execute("select pg_advisory_unlock(1)").await.unwrap();
    }
}
