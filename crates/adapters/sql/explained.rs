//! How a database goes about a statement.

use crate::dialect::{
    Backend,
    plans::{EXPLAIN, Line},
};
use diesel::{
    QueryResult,
    query_builder::{AstPass, Query, QueryFragment, QueryId},
};

/// The lines of the plan of a statement, which is these words and a fragment.
pub(crate) struct Explained<Q>(pub(crate) &'static str, pub(crate) Q);

impl<Q> QueryId for Explained<Q> {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl<Q> Query for Explained<Q> {
    type SqlType = Line;
}

impl<Q: QueryFragment<Backend>> QueryFragment<Backend> for Explained<Q> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Backend>) -> QueryResult<()> {
        out.push_sql(EXPLAIN);
        out.push_sql(self.0);
        self.1.walk_ast(out)
    }
}
