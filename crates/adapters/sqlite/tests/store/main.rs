//! What the store keeps on SQLite. One program for all tests, as each is linked with the whole store.

#![expect(clippy::unwrap_used, reason = "the helpers of a test fail by panicking")]

mod cancellation;
mod purge;
mod suite;
mod support;
mod unreadable;
