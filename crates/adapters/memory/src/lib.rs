//! Every port of every domain in memory: the executable model that the SQL stores are held against, and the store of
//! programs that embed a domain crate and of their tests.
//!
//! One [`Store`] holds everything. A unit of work copies the state, works on the copy and puts it back on commit: so
//! units are serial, and a rolled back or dropped one leaves no trace. It keeps the rules that a database would keep
//! (unique keys, references inside a tenant, versions), and refuses to commit a unit in which one was broken. It does
//! not keep the reference of a tenant's row to the workspace itself, which no scope can break.
//!
//! # How to add an aggregate
//! A module named as the domain holds its tables (a field of `State` in `store.rs`) and implements the domain's repositories
//! for `Unit<WorkspaceScope>` and its readers for [`Store`]; `tables.rs` has the table type that keeps tenant and
//! version. Then run the conformance suite.

mod agents;
mod api_keys;
mod audit;
mod bcm;
mod budgets;
mod campaign;
mod events;
mod gauges;
mod idempotency;
mod identity;
mod invitations;
mod jobs;
mod ledger;
mod provider_keys;
mod purge;
mod retention;
mod schedules;
mod store;
mod tables;
mod unit;
mod workers;
mod workspace;

pub use store::Store;
