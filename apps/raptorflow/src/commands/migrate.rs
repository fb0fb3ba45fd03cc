//! `raptorflow migrate`: brings the database's schema up to date.

use crate::{application::Database, config::Config};
use anyhow::{Context, ensure};

/// Runs the missing versions, or only names them.
///
/// # Errors
/// When a version fails (the ones before it stay); with `check`, when one is missing.
pub async fn run(config: &Config, check: bool) -> anyhow::Result<()> {
    let database = Database::of(config);
    if check {
        let pending = database.pending().await.context("DATABASE_URL")?;
        ensure!(pending.is_empty(), "the database lacks {}", pending.join(", "));
        return super::print("the schema is up to date\n");
    }
    let ran = database.migrate().await.context("DATABASE_MIGRATION_URL")?;
    match ran.as_slice() {
        [] => super::print("the schema was up to date\n"),
        ran => super::print(&format!("ran {}\n", ran.join(", "))),
    }
}
