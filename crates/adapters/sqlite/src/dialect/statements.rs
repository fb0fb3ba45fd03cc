//! Statements that the databases say differently. The single writer does what PostgreSQL's row locks do.

use super::Conn;
use crate::sql::{Id, Uid};
use diesel::{prelude::*, query_builder::AstPass, sql_types::Text, sqlite::Sqlite};
use diesel_async::RunQueryDsl;

/// A transaction that writes holds everything.
macro_rules! held {
    ($query:expr) => {
        $query
    };
}
pub(crate) use held;

/// Nobody else holds anything.
macro_rules! unheld {
    ($query:expr) => {
        $query
    };
}
pub(crate) use unheld;

/// The same, written out.
pub(crate) const PASS_OVER_HELD: &str = "";

/// When a job may run, as no index knows it: else all that is due would be sorted for each claim, instead of going by the
/// index of turns.
pub(crate) const RUN_AT: &str = "+run_at";

/// No turn is before it.
pub(crate) const FIRST_TURN: &str = "-9223372036854775808";

/// [`RUN_AT`] sees to it.
pub(crate) const fn go_by_index(_: &mut Conn) {}

/// Names that a column may have, as one JSON text: a list of parameters would be another statement for each length.
pub(crate) struct Names(String);

impl Names {
    pub(crate) fn of(names: &[&str]) -> Self {
        Self(serde_json::Value::from(names.to_vec()).to_string())
    }

    /// The condition, behind the column.
    pub(crate) fn walk<'b>(&'b self, out: &mut AstPass<'_, 'b, Sqlite>) -> QueryResult<()> {
        out.push_sql("in (select value from json_each(");
        out.push_bind_param::<Text, _>(&self.0)?;
        out.push_sql("))");
        Ok(())
    }
}

/// There is no second open unit that could hold the key.
pub(crate) async fn try_claim(_: &mut Conn, _: &str) -> QueryResult<bool> {
    Ok(true)
}

/// There is no second open unit that could want the key.
pub(crate) async fn hold(_: &mut Conn, _: &str) -> QueryResult<()> {
    Ok(())
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
        "update jobs set payload = jsonb('{}'), last_error = null
         where state in ('succeeded', 'failed', 'cancelled')
           and (instr(lower(json(payload)), ?) > 0
             or kind like 'identity.%' and instr(json(payload), ?) > 0)
           and id > ? and id <= ?",
    );
    let forget = forget.bind::<Text, _>(address.to_owned()).bind::<Text, _>(id.0.to_string());
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
        "delete from idempotency_records where (user_id = ?
           or instr(lower(json(answer)), ?) > 0 or instr(json(answer), ?) > 0)
           and (caller, key) > (?, ?) and (caller, key) <= (?, ?)",
    );
    let forget =
        forget.bind::<Id, _>(id).bind::<Text, _>(address.to_owned()).bind::<Text, _>(id.0.to_string());
    let forget = forget.bind::<Text, _>(after.0.clone()).bind::<Text, _>(after.1.clone());
    let forget = forget.bind::<Text, _>(until.0.clone()).bind::<Text, _>(until.1.clone());
    forget.execute(conn).await.map(drop)
}
