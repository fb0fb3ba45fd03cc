//! Conditions on jobs in words of their own, where the query language would cost a trip: a literal of `diesel` is
//! prepared anew with each use, as it may hold anything; these are prepared once per connection.

use crate::{
    dialect::{Backend, FIRST_TURN, Names, PASS_OVER_HELD, RUN_AT},
    sql::{At, Id, Time, schema::jobs},
};
use diesel::{
    QueryResult,
    expression::{AppearsOnTable, Expression, SelectableExpression, ValidGrouping, is_aggregate},
    query_builder::{AstPass, QueryFragment, QueryId},
    sql_types::{Bool, Nullable},
};
use kernel::{Kinds, Timestamp};

/// Waits for a worker. Written out, as a partial index serves no condition whose value is a parameter.
#[derive(Debug, Clone, Copy, QueryId)]
pub(crate) struct IsQueued;

impl Expression for IsQueued {
    type SqlType = Bool;
}

impl ValidGrouping<()> for IsQueued {
    type IsAggregate = is_aggregate::No;
}

impl AppearsOnTable<jobs::table> for IsQueued {}
impl SelectableExpression<jobs::table> for IsQueued {}

impl QueryFragment<Backend> for IsQueued {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Backend>) -> QueryResult<()> {
        out.push_sql("jobs.state = 'queued'");
        Ok(())
    }
}

/// The id of the job whose turn is next of those that wait and are due, and of those whose lease ran out, with the turn
/// that they had. Each half has its index, and takes no look at what is behind its first.
///
/// The index of turns does not know whose time has come: what comes before the first one that is due is passed over. Where none
/// is, that would be every job that waits for its time, and each commit asks. So the index of times is asked first, by the
/// bound of the turns: it is null then, and nothing is looked at. (SQLite asks an `exists` once as well, but for each row.)
pub(crate) struct Next {
    kinds: Option<Names>,
    now: Time,
}

const FIRST: &str = "select * from (select id, turn from jobs where ";

impl Next {
    pub(crate) fn of(kinds: Kinds<'_>, now: Timestamp) -> Self {
        let kinds = match kinds {
            Kinds::All => None,
            Kinds::Only(kinds) => Some(Names::of(kinds)),
        };
        Self { kinds, now: now.into() }
    }

    /// Those whose time, which has been named, has come.
    fn due<'b>(&'b self, out: &mut AstPass<'_, 'b, Backend>) -> QueryResult<()> {
        out.push_sql(" <= ");
        out.push_bind_param::<At, _>(&self.now)?;
        if let Some(kinds) = &self.kinds {
            out.push_sql(" and kind ");
            kinds.walk(out)?;
        }
        Ok(())
    }

    /// The bound of the turns: below all of them, or null when none waits that is due.
    fn any<'b>(&'b self, out: &mut AstPass<'_, 'b, Backend>) -> QueryResult<()> {
        out.push_sql("(select ");
        out.push_sql(FIRST_TURN);
        out.push_sql(" from jobs where state = 'queued' and run_at");
        self.due(out)?;
        // The order names the index.
        out.push_sql(" order by run_at limit 1)");
        Ok(())
    }

    /// The first of those whose time, which has been named, has come; held.
    fn first<'b>(&'b self, out: &mut AstPass<'_, 'b, Backend>) -> QueryResult<()> {
        self.due(out)?;
        out.push_sql(" order by turn, id limit 1");
        out.push_sql(PASS_OVER_HELD);
        out.push_sql(") as half");
        Ok(())
    }
}

impl Expression for Next {
    type SqlType = Nullable<Id>;
}

impl ValidGrouping<()> for Next {
    type IsAggregate = is_aggregate::Never;
}

impl AppearsOnTable<jobs::table> for Next {}

/// Its words depend on whether there are kinds: statements are told apart by their text.
impl QueryId for Next {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl QueryFragment<Backend> for Next {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Backend>) -> QueryResult<()> {
        out.push_sql("(select id from (");
        out.push_sql(FIRST);
        out.push_sql("state = 'queued' and turn >= ");
        self.any(&mut out)?;
        out.push_sql(" and ");
        out.push_sql(RUN_AT);
        self.first(&mut out)?;
        out.push_sql(" union all ");
        out.push_sql(FIRST);
        out.push_sql("state = 'running' and lease_until");
        self.first(&mut out)?;
        out.push_sql(") as next order by turn, id limit 1)");
        Ok(())
    }
}
