use super::{
    lending::ConnPool,
    pool::{Conn, begin_sql, take},
};
use crate::sql::{Fail, Settings, Store};
use diesel::{
    pg::Pg,
    query_builder::{QueryFragment, QueryId},
};
use diesel_async::{RunQueryDsl, SimpleAsyncConnection, methods::LoadQuery};
use futures_util::{FutureExt, future::BoxFuture};
use kernel::StoreResult;
use std::any::TypeId;
use tracing::Instrument;

/// Closes the read's transaction when it is dropped, also half way: the rollback is queued behind the query and not
/// awaited. Polling order is sending order.
struct Closing<'c>(&'c Conn);

impl Drop for Closing<'_> {
    fn drop(&mut self) {
        let mut conn = self.0;
        let _ = conn.batch_execute(CLOSE).now_or_never();
    }
}

const CLOSE: &str = "rollback";

/// Runs one query under a scope, in one round trip.
///
/// `begin` with the scope goes by the simple protocol, the query behind it, the rollback last. A query that the connection has
/// prepared leaves in one packet with both. One that it has not goes out as parse first, and its bind only after the answer:
/// what was sent right behind it would be executed before, and the query unscoped. So its rollback waits for its end.
pub(super) fn scoped<'q, Q, U>(
    pool: &'q ConnPool,
    settings: Settings,
    query: Q,
) -> BoxFuture<'q, Result<Vec<U>, Fail>>
where
    Q: for<'c> LoadQuery<'q, &'c Conn, U> + QueryFragment<Pg> + QueryId + Send + 'q,
    U: Send + 'static,
{
    async move {
        let mut held = take(pool).await?;
        let sql = begin_sql(settings);
        let id = kept(&query);
        if id.is_some_and(|id| held.has_prepared(id)) {
            return all_at_once(&held, &sql, query).await;
        }
        let rows = one_after_the_other(&held, &sql, query).await?;
        if let Some(id) = id {
            held.note_prepared(id);
        }
        Ok(rows)
    }
    .boxed()
}

/// By what the connection knows the query again once it has prepared it; `None` when diesel prepares it anew each time, as
/// its text varies with its values.
fn kept<Q: QueryFragment<Pg> + QueryId>(query: &Q) -> Option<TypeId> {
    Q::query_id().filter(|_| query.is_safe_to_cache_prepared(&Pg).unwrap_or(false))
}

/// A drop half way leaves nothing open: the first poll sends all three.
pub(super) async fn all_at_once<'q, Q, U>(conn: &Conn, begin: &str, query: Q) -> Result<Vec<U>, Fail>
where
    Q: for<'c> LoadQuery<'q, &'c Conn, U> + Send + 'q,
    U: Send + 'static,
{
    let (mut first, mut second, mut third) = (conn, conn, conn);
    let (begun, rows, closed) = tokio::join!(biased;
        first.batch_execute(begin), query.load(&mut second), third.batch_execute(CLOSE));
    begun?;
    closed?;
    Ok(rows?)
}

async fn one_after_the_other<'q, Q, U>(conn: &Conn, begin: &str, query: Q) -> Result<Vec<U>, Fail>
where
    Q: for<'c> LoadQuery<'q, &'c Conn, U> + Send + 'q,
    U: Send + 'static,
{
    let _closing = Closing(conn);
    let (mut first, mut second) = (conn, conn);
    let (begun, rows) = tokio::join!(biased; first.batch_execute(begin), query.load(&mut second));
    begun?;
    Ok(rows?)
}

/// Each setting costs time. What belongs to a person inside a workspace, answers to repeated requests, is read in units
/// only.
fn needed(settings: Settings) -> Settings {
    match settings.workspace {
        Some(_) => Settings { user: None, ..settings },
        None => settings,
    }
}

impl Store {
    /// Runs one query under the scope; the rows of other tenants are not there.
    pub(crate) fn read<'q, S, Q, U>(&'q self, scope: &S, query: Q) -> BoxFuture<'q, StoreResult<Vec<U>>>
    where
        S: crate::sql::Scope,
        Q: for<'c> LoadQuery<'q, &'c Conn, U> + QueryFragment<Pg> + QueryId + Send + 'q,
        U: Send + 'static,
    {
        let read = scoped(S::reads(&self.pools), needed(scope.settings()), query);
        async move { Ok(read.await?) }.instrument(crate::sql::span("db.read")).boxed()
    }
}
