//! Hearing of the commits of other processes: so that what a process remembers of who may come in is never old, and that
//! work is begun at once.
//!
//! A commit that may touch somebody's standing carries a `NOTIFY` with their id. One connection outside the pools
//! listens. Whether notices arrive is tried before they are relied on, by one that is sent through the pool: a pooler
//! that lends connections for a transaction only (PgBouncer's transaction mode) takes the `LISTEN` and passes on
//! nothing.

use crate::{
    bell::Bell,
    connect::connect,
    dialect::{STANDING_CHANGED, WORK_WAITS, take},
    sql::Store,
};
use diesel::{
    pg::PgNotification,
    sql_query,
    sql_types::{Integer, Text},
};
use diesel_async::{RunQueryDsl, SimpleAsyncConnection};
use futures_util::{Stream, StreamExt};
use kernel::Revocations;
use std::{convert::Infallible, pin::pin, time::Duration};
use tokio::time::{sleep, timeout};

/// How long a notice may take to come back before it counts as lost.
const PATIENCE: Duration = Duration::from_secs(2);
/// How long to wait before the next attempt to listen.
const PAUSE: Duration = Duration::from_secs(1);

/// Says that nothing is heard when the listening ends, however it does.
struct Ending<'r>(&'r dyn Revocations);

impl Drop for Ending<'_> {
    fn drop(&mut self) {
        self.0.hears(false);
    }
}

/// Who is told of what others commit.
struct Ears<'e> {
    revocations: &'e dyn Revocations,
    bell: &'e Bell,
}

/// Tells `revocations` and `bell` of the commits of every process at the database, over a connection of its own to `url`, until it
/// is dropped. While it can't hear, and when it is dropped, it says so; it goes on trying.
#[expect(clippy::disallowed_methods, reason = "the pause between attempts has nothing to wait for")]
pub async fn listen(store: &Store, url: &str, revocations: &dyn Revocations, bell: &Bell) -> Infallible {
    let ears = Ears { revocations, bell };
    let _ending = Ending(revocations);
    let mut heard = true;
    loop {
        let Err(why) = hear(store, url, &ears, &mut heard).await;
        revocations.hears(false);
        if heard {
            tracing::warn!(error = %why, "other processes are not heard: every request looks up who calls");
        } else {
            tracing::debug!(error = %why, "other processes are still not heard");
        }
        heard = false;
        sleep(PAUSE).await;
    }
}

/// Why nothing is heard.
type Lost = Box<dyn std::error::Error + Send + Sync>;

async fn hear(store: &Store, url: &str, ears: &Ears<'_>, heard: &mut bool) -> Result<Infallible, Lost> {
    let mut conn = connect(url).await?;
    conn.batch_execute(&format!("listen {STANDING_CHANGED}; listen {WORK_WAITS}")).await?;
    let backend = diesel::select(diesel::dsl::sql::<Integer>("pg_backend_pid()"));
    let trial = format!("heard by {}", backend.get_result::<i32>(&mut conn).await?);
    let mut notices = pin!(conn.notifications_stream());
    send(store, &trial).await?;
    let arrived = async {
        while next(&mut notices, ears).await? != trial {}
        Ok::<_, Lost>(())
    };
    timeout(PATIENCE, arrived).await.map_err(|_| "notices don't arrive through this connection")??;
    ears.revocations.hears(true);
    if !*heard {
        tracing::info!("other processes are heard again");
    }
    *heard = true;
    loop {
        next(&mut notices, ears).await?;
    }
}

/// Passes on the next notice; answers what it says.
async fn next(
    notices: &mut (impl Stream<Item = diesel::QueryResult<PgNotification>> + Unpin),
    ears: &Ears<'_>,
) -> Result<String, Lost> {
    let notice = notices.next().await.ok_or("the connection ended")??;
    if notice.channel == WORK_WAITS {
        ears.bell.heard();
    } else if let Ok(id) = notice.payload.parse() {
        ears.revocations.changed(&[id]);
    }
    Ok(notice.payload)
}

async fn send(store: &Store, text: &str) -> Result<(), Lost> {
    let mut conn = take(&store.pools.system_reads).await.map_err(kernel::StoreError::from)?;
    let notify = sql_query("select pg_notify($1, $2)").bind::<Text, _>(STANDING_CHANGED);
    notify.bind::<Text, _>(text).execute(&mut conn).await?;
    Ok(())
}
