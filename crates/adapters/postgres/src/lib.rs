//! The stores on PostgreSQL 15 and later.
//!
//! The repositories are those of `crates/adapters/sql`, compiled for this dialect; this package adds what PostgreSQL
//! does its own way. Every use of a connection sets `app.workspace_id` and `app.user_id`, under a role that row-level
//! security binds; what must be read before a tenant is known goes through a second role.
//!
//! A scoped read costs one round trip: `set …` and the query leave together. The order matters, and so does that a unit of
//! work sets its own scope; the tests in `dialect/cancellation.rs` see the leak without either.
//!
//! Connections are lent on the thread that made them (`dialect/lending`), so that no packet waits for another thread.
//!
//! # How to add a repository
//! In `crates/adapters/sql/<domain>/<aggregate>.rs`, for both databases at once. Only what the databases say
//! differently gets a function in both `dialect` modules.

#![forbid(unsafe_code)]

#[cfg(test)]
extern crate self as postgres;

mod bell;
mod connect;
mod dialect;
mod listen;
mod migrations;
mod policy;
mod role;
#[path = "../../sql/mod.rs"]
mod sql;

pub use bell::Bell;
pub use dialect::{Options, open};
pub use listen::listen;
pub use migrations::{migrate, newest_version, pending};
pub use role::role_faults;
pub use sql::Store;
