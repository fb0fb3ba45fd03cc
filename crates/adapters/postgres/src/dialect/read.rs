use super::{
    lending::ConnPool,
    pool::{Conn, begin_sql, take},
};
use crate::sql::{Fail, Settings, Store};
use diesel_async::{RunQueryDsl, SimpleAsyncConnection, methods::LoadQuery};
use futures_util::{FutureExt, future::BoxFuture};
use kernel::StoreResult;
use tracing::Instrument;

/// Closes the read's transaction when it is dropped, also half way: the rollback is queued behind the query and not
/// awaited. Polling order is sending order.
struct Closing<'c>(&'c Conn);

impl Drop for Closing<'_> {
    fn drop(&mut self) {
        let mut conn = self.0;
        let _ = conn.batch_execute("rollback").now_or_never();
    }
}

/// Runs one query under a scope, in one round trip.
///
/// `begin` with the scope goes by the simple protocol, the query behind it, the rollback last. Never a `commit` behind
/// a prepared statement: at its first use the messages go out as parse, commit, bind, and the query runs unscoped.
pub(super) fn scoped<'q, Q, U>(
    pool: &'q ConnPool,
    settings: Settings,
    query: Q,
) -> BoxFuture<'q, Result<Vec<U>, Fail>>
where
    Q: for<'c> LoadQuery<'q, &'c Conn, U> + Send + 'q,
    U: Send + 'static,
{
    async move {
        let held = take(pool).await?;
        let conn: &Conn = &held;
        let _closing = Closing(conn);
        let (mut first, mut second) = (conn, conn);
        let sql = begin_sql(settings);
        let (begun, rows) = tokio::join!(biased; first.batch_execute(&sql), query.load(&mut second));
        begun?;
        Ok(rows?)
    }
    .boxed()
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
        Q: for<'c> LoadQuery<'q, &'c Conn, U> + Send + 'q,
        U: Send + 'static,
    {
        let read = scoped(S::reads(&self.pools), needed(scope.settings()), query);
        async move { Ok(read.await?) }.instrument(crate::sql::span("db.read")).boxed()
    }
}
