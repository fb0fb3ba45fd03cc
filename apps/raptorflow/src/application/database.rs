use super::Told;
use crate::config::{Config, DatabaseUrl};
use anyhow::{Context, bail, ensure};
use kernel::{StoreError, StoreResult};
use secrecy::{ExposeSecret, SecretString};
use std::{
    path::{Path, PathBuf},
    time::Duration,
};
use tokio::runtime::Handle;

/// How long a request waits for a connection before it is told that the service is busy.
const WAIT: Duration = Duration::from_secs(2);

/// Which database, and how it is reached.
#[derive(Debug, Clone)]
pub enum Database {
    /// A file on this machine.
    Sqlite {
        /// Where.
        path: PathBuf,
        /// Nobody named it: it is the one in `DATA_DIR`, and is made when it is not there.
        is_default: bool,
    },
    /// A server, through up to three roles.
    Postgres {
        /// Bound by row-level security.
        app: SecretString,
        /// Reads what must be known before a tenant is.
        system: SecretString,
        /// Owns the schema; used by `migrate` only.
        owner: SecretString,
        /// One URL serves all three: for development.
        shared: bool,
    },
}

impl Database {
    /// The configured one.
    #[must_use]
    pub fn of(config: &Config) -> Self {
        let settings = &config.database;
        let url = |url: &Option<DatabaseUrl>, app: &SecretString| match url {
            Some(DatabaseUrl::Postgres(url)) => url.clone(),
            Some(DatabaseUrl::Sqlite(_)) | None => app.clone(),
        };
        match &settings.app {
            DatabaseUrl::Sqlite(path) => {
                let default = DatabaseUrl::embedded(&config.data_dir);
                let is_default = matches!(default, DatabaseUrl::Sqlite(default) if default == *path);
                Self::Sqlite { path: path.clone(), is_default }
            }
            DatabaseUrl::Postgres(app) => Self::Postgres {
                app: app.clone(),
                system: url(&settings.system, app),
                owner: url(&settings.migration, app),
                shared: settings.system.is_none(),
            },
        }
    }

    /// The kind, for people.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Sqlite { .. } => "SQLite",
            Self::Postgres { .. } => "PostgreSQL",
        }
    }

    /// Whether it needs nothing but this process: then the process also does the background work.
    #[must_use]
    pub const fn is_embedded(&self) -> bool {
        matches!(self, Self::Sqlite { .. })
    }

    /// Brings the schema up to date; answers the versions that were missing.
    ///
    /// # Errors
    /// The store's.
    pub async fn migrate(&self) -> anyhow::Result<Vec<String>> {
        match self {
            Self::Sqlite { path, is_default } => {
                if *is_default {
                    make_folder(path)?;
                }
                Ok(sqlite::migrate(path).await?)
            }
            Self::Postgres { owner, .. } => Ok(postgres::migrate(owner.expose_secret()).await?),
        }
    }

    /// The versions that are missing.
    ///
    /// # Errors
    /// The store's.
    pub async fn pending(&self) -> StoreResult<Vec<String>> {
        match self {
            Self::Sqlite { path, .. } if !path.exists() => {
                Err(StoreError::Unavailable(format!("there is no {}", path.display())))
            }
            Self::Sqlite { path, .. } => sqlite::pending(path).await,
            Self::Postgres { app, .. } => postgres::pending(app.expose_secret()).await,
        }
    }

    /// The newest version that this build knows.
    #[must_use]
    pub fn newest_version(&self) -> String {
        match self {
            Self::Sqlite { .. } => sqlite::newest_version(),
            Self::Postgres { .. } => postgres::newest_version(),
        }
    }

    /// Makes sure that the process may start on it.
    ///
    /// # Errors
    /// When the schema of a server is behind, or its role could get around row-level security in production.
    pub(super) async fn prepare(&self, config: &Config) -> anyhow::Result<()> {
        if let Self::Sqlite { path, is_default } = self {
            // A typo in a path must not begin an empty database beside the one that was meant.
            let known = *is_default || path.exists();
            ensure!(known, "DATABASE_URL: there is no {}; `raptorflow migrate` makes it", path.display());
            self.migrate().await.context("the embedded database can't be brought up to date")?;
            return Ok(());
        }
        let pending = self.pending().await.context("DATABASE_URL")?;
        ensure!(pending.is_empty(), "the database lacks {}; run `raptorflow migrate`", pending.join(", "));
        self.check_role(config).await
    }

    async fn check_role(&self, config: &Config) -> anyhow::Result<()> {
        let Self::Postgres { app, shared, .. } = self else { return Ok(()) };
        let faults = postgres::role_faults(app.expose_secret()).await.context("DATABASE_URL")?;
        match (faults.is_empty(), config.is_production()) {
            (false, true) => bail!("DATABASE_URL: row-level security does not hold: {}", faults.join("; ")),
            (false, false) if !shared => {
                tracing::warn!("row-level security does not hold: {}", faults.join("; "))
            }
            _ if *shared => {
                tracing::warn!("one database URL serves all three roles; use three in production")
            }
            _ => {}
        }
        Ok(())
    }
}

fn make_folder(path: &Path) -> anyhow::Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    folder.map_or(Ok(()), |folder| {
        let mut builder = std::fs::DirBuilder::new();
        builder.recursive(true);
        // What is in the database is nobody else's business; a folder that is there already keeps its mode.
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder.create(folder).with_context(|| format!("can't make {}", folder.display()))
    })
}

pub(super) fn open_sqlite(path: &Path, told: &Told) -> StoreResult<sqlite::Store> {
    let readers = std::thread::available_parallelism().map_or(2, usize::from).max(2) * 2;
    let options = sqlite::Options { path: path.to_owned(), readers, wait: WAIT };
    let store = sqlite::open(&options, &Handle::current())?;
    Ok(store.with_wake(told.signal.clone()).with_revocations(told.standings.clone()))
}

pub(super) fn open_postgres(
    config: &Config,
    database: &Database,
    told: &Told,
) -> anyhow::Result<postgres::Store> {
    let Database::Postgres { app, system, shared, .. } = database else { bail!("not a PostgreSQL URL") };
    let options = postgres::Options {
        app_url: app.expose_secret().to_owned(),
        system_url: system.expose_secret().to_owned(),
        pool_size: config.database.pool_size as usize,
        wait: WAIT,
        assume_roles: *shared,
    };
    let store = postgres::open(&options);
    Ok(store.with_revocations(told.standings.clone()))
}
