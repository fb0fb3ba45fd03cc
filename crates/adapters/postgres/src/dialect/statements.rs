//! Statements that the databases say differently.

use super::Conn;
use crate::sql::{Id, Uid};
use diesel::{
    pg::Pg,
    prelude::*,
    query_builder::AstPass,
    sql_types::{Array, Text},
};
use diesel_async::{RunQueryDsl, SimpleAsyncConnection};
use futures_util::FutureExt;

/// Holds the rows that the query finds until the transaction ends; another one that wants them waits.
macro_rules! held {
    ($query:expr) => {
        diesel::QueryDsl::for_update($query)
    };
}
pub(crate) use held;

/// Holds the rows that the query finds and nobody else holds until the transaction ends; others' are passed over.
macro_rules! unheld {
    ($query:expr) => {
        diesel::QueryDsl::for_update($query).skip_locked()
    };
}
pub(crate) use unheld;

/// The same, written out.
pub(crate) const PASS_OVER_HELD: &str = " for update skip locked";

/// When a job may run.
pub(crate) const RUN_AT: &str = "run_at";

/// No turn is before it.
pub(crate) const FIRST_TURN: &str = "'-infinity'::timestamptz";

/// Has the planner go by an index's order for the rest of the transaction, whatever it believes of the table: it takes a full
/// queue for an empty one until the table is analysed, and would sort all of it for each claim. (A sort that has to be
/// counts as dear; compiling the plan for that reason would be dear indeed.) Not waited for: the statement behind it is
/// refused if it fails.
pub(crate) fn go_by_index(conn: &mut Conn) {
    let mut conn: &Conn = conn;
    let _ = conn.batch_execute("set local enable_sort = off; set local jit = off").now_or_never();
}

/// Names that a column may have.
pub(crate) struct Names(Vec<String>);

impl Names {
    pub(crate) fn of(names: &[&str]) -> Self {
        Self(names.iter().copied().map(ToOwned::to_owned).collect())
    }

    /// The condition, behind the column.
    pub(crate) fn walk<'b>(&'b self, out: &mut AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        out.push_sql("= any(");
        out.push_bind_param::<Array<Text>, _>(&self.0)?;
        out.push_sql(")");
        Ok(())
    }
}

/// Holds the key until the transaction ends, or answers `false` at once when another transaction holds it.
pub(crate) async fn try_claim(conn: &mut Conn, key: &str) -> QueryResult<bool> {
    let claim = diesel::dsl::sql::<diesel::sql_types::Bool>("pg_try_advisory_xact_lock(hashtextextended(")
        .bind::<Text, _>(key)
        .sql(", 0))");
    diesel::select(claim).get_result(conn).await
}

/// Holds the key until the transaction ends; another transaction that wants it waits.
pub(crate) async fn hold(conn: &mut Conn, key: &str) -> QueryResult<()> {
    let hold = diesel::sql_query("select pg_advisory_xact_lock(hashtextextended($1, 0))");
    hold.bind::<Text, _>(key).execute(conn).await.map(drop)
}

/// Empties the payload of ended jobs that name the person: by address, or by id for the jobs of people. Of those after the first id,
/// up to the second.
pub(crate) async fn forget_in_jobs(
    conn: &mut Conn,
    id: Uid,
    address: &str,
    (after, until): (Uid, Uid),
) -> QueryResult<()> {
    let forget = diesel::sql_query(
        "update jobs set payload = '{}', last_error = null
         where state in ('succeeded', 'failed', 'cancelled')
           and (position($1 in lower(payload::text)) > 0
             or kind like 'identity.%' and position($2 in payload::text) > 0)
           and id > $3 and id <= $4",
    );
    let forget = forget.bind::<Text, _>(address).bind::<Text, _>(id.0.to_string());
    forget.bind::<Id, _>(after).bind::<Id, _>(until).execute(conn).await.map(drop)
}

/// Removes the person's idempotency records, and others' whose answer names them. Of those after the first caller and key, up to the
/// second.
pub(crate) async fn forget_answers(
    conn: &mut Conn,
    id: Uid,
    address: &str,
    (after, until): (&(String, String), &(String, String)),
) -> QueryResult<()> {
    let forget = diesel::sql_query(
        "delete from idempotency_records where (user_id = $1
           or position($2 in lower(answer::text)) > 0 or position($3 in answer::text) > 0)
           and (caller, key) > ($4, $5) and (caller, key) <= ($6, $7)",
    );
    let forget = forget.bind::<Id, _>(id).bind::<Text, _>(address).bind::<Text, _>(id.0.to_string());
    let forget = forget.bind::<Text, _>(&after.0).bind::<Text, _>(&after.1);
    let forget = forget.bind::<Text, _>(&until.0).bind::<Text, _>(&until.1);
    forget.execute(conn).await.map(drop)
}
