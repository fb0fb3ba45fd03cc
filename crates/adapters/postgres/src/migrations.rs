//! The schema's versions, built in.

use diesel_async::{
    AsyncConnection, AsyncMigrationHarness, AsyncPgConnection, RunQueryDsl, SimpleAsyncConnection,
};
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};
use kernel::{StoreError, StoreResult};

const MIGRATIONS: EmbeddedMigrations = embed_migrations!("../../../migrations/postgres");
/// Held while migrating, so that two processes never migrate at once. The number is ours alone.
const LOCK: i64 = 0x5261_7074_6f72;

/// Brings the schema up to date with the owner's URL; answers the names of the versions that were missing.
///
/// # Errors
/// [`StoreError::Unavailable`] when the database can't be reached, [`StoreError::Internal`] when a version fails; it
/// leaves the ones before it.
pub async fn migrate(owner_url: &str) -> StoreResult<Vec<String>> {
    let mut conn = connect(owner_url).await?;
    let lock = format!("select pg_advisory_lock({LOCK})");
    conn.batch_execute(&lock).await.map_err(|e| StoreError::Internal(e.to_string()))?;
    let ran: Vec<String> = blocking(conn, |harness| {
        let versions = harness.run_pending_migrations(MIGRATIONS)?;
        Ok(versions.iter().map(ToString::to_string).collect())
    })
    .await?;
    if ran.is_empty() {
        return Ok(ran);
    }
    let mut conn = connect(owner_url).await?;
    // Whoever migrates may act as both roles: that is what development with one URL does.
    let membership = "do $$ begin execute format('grant rf_app, rf_system to %I', current_user); \
                      exception when insufficient_privilege then null; end $$; analyze";
    conn.batch_execute(membership).await.map_err(|e| StoreError::Internal(e.to_string()))?;
    Ok(ran)
}

/// The names of the versions that the database lacks.
///
/// # Errors
/// [`StoreError::Unavailable`] when the database can't be reached.
pub async fn pending(url: &str) -> StoreResult<Vec<String>> {
    let mut conn = connect(url).await?;
    let known = diesel::select(diesel::dsl::sql::<diesel::sql_types::Bool>(
        "to_regclass('__diesel_schema_migrations') is not null",
    ))
    .get_result::<bool>(&mut conn)
    .await
    .map_err(|e| StoreError::Internal(e.to_string()))?;
    if !known {
        return names(&MIGRATIONS);
    }
    blocking(conn, |harness| {
        Ok(harness.pending_migrations(MIGRATIONS)?.iter().map(|m| m.name().to_string()).collect())
    })
    .await
}

async fn connect(url: &str) -> StoreResult<AsyncPgConnection> {
    AsyncPgConnection::establish(url).await.map_err(|e| StoreError::Unavailable(e.to_string()))
}

type Harness = AsyncMigrationHarness<AsyncPgConnection>;

/// diesel's migrations are synchronous.
async fn blocking<T: Send + 'static>(
    conn: AsyncPgConnection,
    work: impl FnOnce(&mut Harness) -> diesel::migration::Result<T> + Send + 'static,
) -> StoreResult<T> {
    let run =
        move || work(&mut AsyncMigrationHarness::new(conn)).map_err(|e| StoreError::Internal(e.to_string()));
    tokio::task::spawn_blocking(run).await.map_err(|e| StoreError::Internal(e.to_string()))?
}

fn names(migrations: &EmbeddedMigrations) -> StoreResult<Vec<String>> {
    use diesel::migration::MigrationSource;
    let all = MigrationSource::<diesel::pg::Pg>::migrations(migrations)
        .map_err(|e| StoreError::Internal(e.to_string()))?;
    Ok(all.iter().map(|m| m.name().to_string()).collect())
}
