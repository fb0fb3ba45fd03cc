//! Databases for the tests: one file that all of them share, and fresh ones for tests of the whole database.

use sqlite::{Options, Store};
use std::{path::Path, time::Duration};
use tempfile::TempDir;
use tokio::sync::OnceCell;

static SHARED: OnceCell<(TempDir, Store)> = OnceCell::const_new();

pub(crate) async fn open_at(folder: &Path) -> Store {
    let path = folder.join("test.db");
    sqlite::migrate(&path).await.unwrap();
    let options = Options { path, readers: 4, wait: Duration::from_secs(20) };
    sqlite::open(&options, conformance::home()).unwrap()
}

pub(crate) async fn shared() -> Store {
    let open = || async {
        let folder = tempfile::tempdir().unwrap();
        let store = open_at(folder.path()).await;
        (folder, store)
    };
    SHARED.get_or_init(open).await.1.clone()
}

/// A database of its own. The folder is left to the operating system's temporary files when the process ends.
pub(crate) async fn fresh() -> Store {
    open_at(&tempfile::tempdir().unwrap().keep()).await
}
