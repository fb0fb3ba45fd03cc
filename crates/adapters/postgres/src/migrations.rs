//! The schema's versions, built in.

use crate::connect::connect as open;
use diesel::{
    QueryableByName,
    migration::{Migration, MigrationSource, MigrationVersion},
};
use diesel_async::{AsyncMigrationHarness, AsyncPgConnection, RunQueryDsl, SimpleAsyncConnection};
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
    // Whoever migrates may act as both roles: that is what development with one URL does. Roles belong to the whole
    // server, so another database's migration may do the same at this moment.
    let membership = "do $$ begin execute format('grant rf_app, rf_system to %I', current_user); \
                      exception when insufficient_privilege or unique_violation or internal_error then null; end $$; \
                      grant select on __diesel_schema_migrations to rf_app, rf_system; analyze";
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
    let applied: Vec<Version> = if known {
        let versions = "select version from __diesel_schema_migrations";
        diesel::sql_query(versions).load(&mut conn).await.map_err(|e| StoreError::Internal(e.to_string()))?
    } else {
        Vec::new()
    };
    let is_applied = |name: &MigrationVersion<'_>| applied.iter().any(|row| row.version == name.to_string());
    let missing = built_in()?.into_iter().filter(|migration| !is_applied(&migration.name().version()));
    Ok(missing.map(|migration| migration.name().to_string()).collect())
}

#[derive(QueryableByName)]
struct Version {
    #[diesel(sql_type = diesel::sql_types::Text)]
    version: String,
}

/// The newest version that is built in.
#[must_use]
pub fn newest_version() -> String {
    let names = built_in().unwrap_or_default().into_iter().map(|migration| migration.name().to_string());
    names.max().unwrap_or_default()
}

async fn connect(url: &str) -> StoreResult<AsyncPgConnection> {
    open(url).await.map_err(|e| StoreError::Unavailable(e.to_string()))
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

fn built_in() -> StoreResult<Vec<Box<dyn Migration<diesel::pg::Pg>>>> {
    MIGRATIONS.migrations().map_err(|e| StoreError::Internal(e.to_string()))
}
