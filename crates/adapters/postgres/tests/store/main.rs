//! What the store keeps on PostgreSQL. One program for all tests, as each is linked with the whole store.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "the helpers of a test fail by panicking"
)]

mod identity;
mod listen;
mod purge;
mod restart;
mod rls;
mod schema;
mod slow;
mod suite;
mod support;
mod tls;
