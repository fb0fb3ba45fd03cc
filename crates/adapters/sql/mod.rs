//! The repositories, readers and units of work of every domain: one source, compiled once per dialect.
//!
//! `crate::dialect` is the package's own part: connection, pools, scoped `read`, begin and end of a transaction, and
//! the few statements that the databases say differently.

mod agents;
mod bcm;
mod campaign;
mod columns;
mod events;
#[cfg(test)]
mod explained;
mod fail;
mod gauges;
mod idempotency;
mod identity;
mod jobs;
mod json;
mod outbox;
mod positions;
mod prepared;
mod retention;
mod schedules;
pub(crate) mod schema;
mod store;
pub(crate) mod types;
mod unit;
mod workers;
mod workspace;

pub(crate) use columns::{actor, actor_columns, add_readable, currency, readable, text};
#[cfg(test)]
pub(crate) use explained::Explained;
pub(crate) use fail::Fail;
#[cfg(test)]
pub(crate) use jobs::Next;
#[cfg(test)]
pub(crate) use positions::places_after;
pub(crate) use prepared::Prepared;
pub use store::Store;
pub(crate) use store::{Pools, Written, span};
pub(crate) use types::{At, Day, Id, OnDay, Time, Uid};
pub(crate) use unit::{Durability, Scope, Settings, SystemUnit, TenantUnit};
