use super::pool::{Conn, Held, abandon, take};
use crate::sql::Store;
use diesel_async::{RunQueryDsl, methods::LoadQuery, pooled_connection::deadpool::Pool};
use futures_util::{FutureExt, future::BoxFuture};
use kernel::{StoreError, StoreResult};
use tracing::Instrument;

/// A connection that goes back to the pool only when [`Lent::keep`] is called: after a drop half way a call may still
/// be running on it.
struct Lent(Option<Held>);

impl Lent {
    async fn from(pool: &Pool<Conn>) -> StoreResult<Self> {
        Ok(Self(Some(take(pool).await?)))
    }

    fn conn(&mut self) -> StoreResult<&mut Conn> {
        self.0.as_deref_mut().ok_or_else(|| StoreError::Internal("the connection was kept".to_owned()))
    }

    fn keep(mut self) {
        self.0.take();
    }
}

impl Drop for Lent {
    fn drop(&mut self) {
        if let Some(held) = self.0.take() {
            abandon(held);
        }
    }
}

impl Store {
    /// Runs one query; its own conditions keep it to the scope.
    pub(crate) fn read<'q, S, Q, U>(&'q self, _: &S, query: Q) -> BoxFuture<'q, StoreResult<Vec<U>>>
    where
        S: crate::sql::Scope,
        Q: LoadQuery<'q, Conn, U> + Send + 'q,
        U: Send + 'static,
    {
        let pool = S::reads(&self.pools);
        async move {
            let mut lent = Lent::from(pool).await?;
            let rows = query.load(lent.conn()?).await;
            lent.keep();
            Ok(rows.map_err(crate::sql::Fail::from)?)
        }
        .instrument(crate::sql::span("db.read"))
        .boxed()
    }
}
