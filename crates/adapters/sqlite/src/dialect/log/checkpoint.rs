//! The log's way into the database. SQLite would take it at every thousandth page, within a commit, which then waits for the
//! disk: a p99 of 4 ms in the model gateway, whose other commits don't. Here it takes place behind them.

use super::disk::give_up;
use crate::{
    dialect::pool::{Conn, Home, take},
    sql::{Fail, Pools},
};
use diesel::{QueryableByName, sql_query, sql_types::Integer};
use diesel_async::{RunQueryDsl, sync_connection_wrapper::SpawnBlocking};
use kernel::{StoreError, StoreResult};

/// After so many commits; one changes a handful of pages.
pub(super) const COMMITS: u64 = 200;
/// From this length on, 16 MiB, the log is to begin anew: it can when no writer adds to it meanwhile.
const LONG: i32 = 4_096;

/// How SQLite says it, of reads, writes and flushes (`SQLITE_IOERR`).
const DISK_FAILED: &str = "disk I/O error";

/// What `pragma wal_checkpoint` says: the log's length, in pages.
#[derive(QueryableByName)]
struct Length {
    #[diesel(sql_type = Integer)]
    log: i32,
}

pub(super) fn behind(pools: &Pools) {
    let (pools, Home(home)) = (pools.clone(), Home::get_runtime());
    drop(home.spawn(async move {
        match take_log(&pools).await {
            Ok(()) => {}
            // SQLite flushes the log before it takes it in, and has heard of the disk's failure then.
            Err(StoreError::Internal(error)) if error.contains(DISK_FAILED) => give_up(&error),
            Err(error) => {
                tracing::warn!(%error, "the database's log was not taken in; it grows until it is");
            }
        }
    }));
}

async fn take_log(pools: &Pools) -> StoreResult<()> {
    let log = checkpoint(&mut *take(&pools.tenant_reads).await?).await?;
    if log > LONG {
        // What is left is little, and the next writer begins the log anew.
        checkpoint(&mut *take(&pools.tenant_writes).await?).await?;
    }
    Ok(())
}

/// Takes in what nobody reads any more, and stands in nobody's way.
async fn checkpoint(conn: &mut Conn) -> Result<i32, Fail> {
    let said = sql_query("pragma wal_checkpoint(passive)").get_result::<Length>(conn).await?;
    Ok(said.log)
}
