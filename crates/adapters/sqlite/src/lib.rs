//! The stores on SQLite: one file, nothing to install.
//!
//! The repositories are those of `crates/adapters/sql`, compiled for this dialect; this package adds what SQLite does
//! its own way: write-ahead log, durable commits, exactly one writer beside the readers, and calls on a blocking
//! runtime of its own choosing. SQLite has no row-level security, so every query's own `workspace_id` condition, which
//! the repositories can't be called without, is the one line of defence here; `docs/ARCHITECTURE.md` says so.
//!
//! # How to add a repository
//! In `crates/adapters/sql/<domain>/<aggregate>.rs`, for both databases at once. Only what the databases say
//! differently gets a function in both `dialect` modules.

#![forbid(unsafe_code)]

mod dialect;
mod migrations;
#[path = "../../sql/mod.rs"]
mod sql;

pub use dialect::{Options, open};
pub use migrations::{migrate, newest_version, pending};
pub use sql::Store;
