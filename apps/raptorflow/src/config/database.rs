//! Database URLs: a typo is an error, never a new file, and a password is never shown.

use reqwest::Url;
use secrecy::{ExposeSecret, SecretString};
use std::path::{Path, PathBuf};

/// Where a database is.
#[derive(Debug, Clone)]
pub enum DatabaseUrl {
    /// A SQLite file.
    Sqlite(PathBuf),
    /// A PostgreSQL server; the URL holds a password.
    Postgres(SecretString),
}

impl DatabaseUrl {
    /// Reads `postgres://…`, `postgresql://…`, `sqlite:path` or `sqlite://path`.
    ///
    /// # Errors
    /// A reason without the value.
    pub fn parse(text: &str) -> Result<Self, String> {
        if let Some(path) = text.strip_prefix("sqlite:") {
            return sqlite(path.strip_prefix("//").unwrap_or(path));
        }
        if text.starts_with("postgres://") || text.starts_with("postgresql://") {
            return postgres(text);
        }
        Err("has no scheme that is known; use postgres://…, postgresql://… or sqlite:path".to_owned())
    }

    /// The file in `data_dir` that the embedded mode uses.
    #[must_use]
    pub fn embedded(data_dir: &Path) -> Self {
        Self::Sqlite(data_dir.join("raptorflow.db"))
    }

    /// The URL without its password, for logs and people.
    #[must_use]
    pub fn shown(&self) -> String {
        match self {
            Self::Sqlite(path) => format!("sqlite:{}", path.display()),
            Self::Postgres(url) => match Url::parse(url.expose_secret()) {
                Ok(url) => {
                    format!("postgres://{}{}", url.host_str().unwrap_or("local socket"), url.path())
                }
                Err(_) => "postgres://…".to_owned(),
            },
        }
    }

    /// Whether what is sent to it leaves this machine unencrypted.
    #[must_use]
    pub fn is_plaintext(&self) -> bool {
        let Self::Postgres(url) = self else { return false };
        let Ok(url) = Url::parse(url.expose_secret()) else { return true };
        let mode = url.query_pairs().find(|(key, _)| key == "sslmode").map(|(_, mode)| mode.into_owned());
        let encrypted = matches!(mode.as_deref(), Some("require" | "verify-ca" | "verify-full"));
        !encrypted && !is_this_machine(&url)
    }
}

/// Whether the URL's host is the machine itself.
pub(super) fn is_this_machine(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default();
    let address = host.trim_matches(['[', ']']).parse::<std::net::IpAddr>();
    host.is_empty() || host == "localhost" || address.is_ok_and(|ip| ip.is_loopback())
}

fn sqlite(path: &str) -> Result<DatabaseUrl, String> {
    if path.is_empty() || path.ends_with('/') {
        return Err("names no file; use sqlite:path".to_owned());
    }
    if path.contains(":memory:") || path.contains('?') {
        return Err("must name a plain file; databases in memory and options are not supported".to_owned());
    }
    Ok(DatabaseUrl::Sqlite(PathBuf::from(path)))
}

fn postgres(text: &str) -> Result<DatabaseUrl, String> {
    let url = Url::parse(text).map_err(|_| "is not a readable URL".to_owned())?;
    if url.path().len() < 2 {
        return Err("names no database; use postgres://user:password@host/database".to_owned());
    }
    let pooler = url.port() == Some(6543) || url.query_pairs().any(|(key, _)| key == "pgbouncer");
    if pooler {
        return Err(
            "leads to a transaction pooler, which drops the settings that row-level security rests on; \
                    use the direct connection or the session pooler (port 5432)"
                .to_owned(),
        );
    }
    Ok(DatabaseUrl::Postgres(text.to_owned().into()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn path_of(text: &str) -> PathBuf {
        match DatabaseUrl::parse(text).unwrap() {
            DatabaseUrl::Sqlite(path) => path,
            DatabaseUrl::Postgres(_) => panic!("{text} is no SQLite URL"),
        }
    }

    #[test]
    fn both_forms_of_a_sqlite_url_name_the_same_file() {
        assert_eq!(path_of("sqlite:data/x.db"), PathBuf::from("data/x.db"));
        assert_eq!(path_of("sqlite://data/x.db"), PathBuf::from("data/x.db"));
        assert_eq!(path_of("sqlite:///var/x.db"), PathBuf::from("/var/x.db"));
    }

    #[test]
    fn a_typo_is_an_error_and_never_a_file() {
        for typo in
            ["sqlit:data/x.db", "data/x.db", "postgre://h/d", "mysql://h/d", "sqlite:", "sqlite://", "x"]
        {
            let reason = DatabaseUrl::parse(typo).unwrap_err();
            assert!(typo.len() < 10 || !reason.contains(typo), "{reason} repeats the value");
        }
        assert!(DatabaseUrl::parse("sqlite::memory:").is_err());
        assert!(DatabaseUrl::parse("postgres://host").is_err());
        assert!(DatabaseUrl::parse("postgres://u:p@db.pooler.supabase.com:6543/postgres").is_err());
    }

    #[test]
    fn the_password_is_not_shown() {
        let url = DatabaseUrl::parse("postgres://app:hunter2@db.example/raptorflow").unwrap();
        assert_eq!(url.shown(), "postgres://db.example/raptorflow");
        assert!(!format!("{url:?}").contains("hunter2"));
    }

    #[test]
    fn only_the_own_machine_and_tls_are_private() {
        let plain = |text| DatabaseUrl::parse(text).unwrap().is_plaintext();
        assert!(plain("postgres://u:p@db.example/d"));
        assert!(plain("postgres://u:p@db.example/d?sslmode=prefer"));
        assert!(!plain("postgres://u:p@db.example/d?sslmode=verify-full"));
        assert!(!plain("postgres://u:p@127.0.0.1/d"));
        assert!(!plain("postgres://u:p@[::1]/d"));
        assert!(!plain("sqlite:x.db"));
    }
}
