//! The schema's versions, built in.

use crate::dialect::SETUP;
use diesel::{Connection, SqliteConnection, connection::SimpleConnection};
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};
use kernel::{StoreError, StoreResult};
use std::path::{Path, PathBuf};

const MIGRATIONS: EmbeddedMigrations = embed_migrations!("../../../migrations/sqlite");

/// Brings the file's schema up to date, making the file when it is not there; answers the names of the versions that
/// were missing. All of them are one transaction, which also keeps a second process out.
///
/// # Errors
/// [`StoreError::Unavailable`] when the file can't be opened, [`StoreError::Internal`] when a version fails; it leaves
/// the file as it was.
pub async fn migrate(path: &Path) -> StoreResult<Vec<String>> {
    blocking(path.to_owned(), |conn| {
        let versions: Vec<String> = conn.immediate_transaction(|conn| {
            let ran =
                conn.run_pending_migrations(MIGRATIONS).map_err(diesel::result::Error::QueryBuilderError)?;
            Ok::<_, diesel::result::Error>(ran.iter().map(ToString::to_string).collect())
        })?;
        // It reads the whole file, and `serve` comes here at every start.
        if !versions.is_empty() {
            conn.batch_execute("analyze")?;
        }
        Ok(versions)
    })
    .await
}

/// The names of the versions that the file lacks.
///
/// # Errors
/// [`StoreError::Unavailable`] when the file can't be opened.
pub async fn pending(path: &Path) -> StoreResult<Vec<String>> {
    blocking(path.to_owned(), |conn| {
        Ok(conn.pending_migrations(MIGRATIONS)?.iter().map(|m| m.name().to_string()).collect())
    })
    .await
}

/// The newest version that is built in.
#[must_use]
pub fn newest_version() -> String {
    use diesel::migration::MigrationSource;
    let all = MigrationSource::<diesel::sqlite::Sqlite>::migrations(&MIGRATIONS).unwrap_or_default();
    all.iter().map(|m| m.name().to_string()).max().unwrap_or_default()
}

async fn blocking<T: Send + 'static>(
    path: PathBuf,
    work: impl FnOnce(&mut SqliteConnection) -> diesel::migration::Result<T> + Send + 'static,
) -> StoreResult<T> {
    let run = move || {
        let unavailable = |e: String| StoreError::Unavailable(format!("{}: {e}", path.display()));
        let url = path.to_str().ok_or_else(|| unavailable("the path is not UTF-8".to_owned()))?;
        let mut conn = SqliteConnection::establish(url).map_err(|e| unavailable(e.to_string()))?;
        conn.batch_execute(SETUP).map_err(|e| unavailable(e.to_string()))?;
        work(&mut conn).map_err(|e| StoreError::Internal(e.to_string()))
    };
    tokio::task::spawn_blocking(run).await.map_err(|e| StoreError::Internal(e.to_string()))?
}
