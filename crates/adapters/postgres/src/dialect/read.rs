use super::{
    lending::ConnPool,
    pool::{Conn, scope_sql},
};
use crate::sql::{Fail, Settings, Store};
use diesel_async::{RunQueryDsl, SimpleAsyncConnection, methods::LoadQuery};
use futures_util::{FutureExt, future::BoxFuture};
use kernel::StoreResult;
use tracing::Instrument;

/// Runs one query under a scope, in one round trip: the scope goes by the simple protocol, the query right behind it. Polling
/// order is sending order.
///
/// The scope stays with the connection until the next one is set, so there is no transaction to open and to close, and a drop
/// half way leaves nothing open. What the read before has set, if nothing else was done with the connection since, is not set again;
/// under the same scope the query goes alone.
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
        let mut held = pool.get_for(settings).await?;
        let set = scope_sql("set", held.scope(), settings);
        if set.is_empty() {
            return Ok(query.load(&mut &*held).await?);
        }
        // Until it is known that this one was set, which a drop half way leaves open.
        held.set_scope(None);
        let rows = behind(&held, &set, query).await?;
        held.set_scope(Some(settings));
        Ok(rows)
    }
    .boxed()
}

/// The query right behind another statement; when that one fails, the rows are not to be trusted.
pub(super) async fn behind<'q, Q, U>(conn: &Conn, set: &str, query: Q) -> Result<Vec<U>, Fail>
where
    Q: for<'c> LoadQuery<'q, &'c Conn, U> + Send + 'q,
    U: Send + 'static,
{
    let (mut first, mut second) = (conn, conn);
    let (set, rows) = tokio::join!(biased; first.batch_execute(set), query.load(&mut second));
    set?;
    Ok(rows?)
}

/// What belongs to a person inside a workspace, answers to repeated requests, is read in units only.
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
