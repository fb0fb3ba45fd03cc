//! Who may call what: each route of the table of routes, called by everybody who may and who may not.
//!
//! A new route needs a row in `rows.rs`, and a new kind of id in a path a foreign one in `foreign.rs`.

#![expect(clippy::unwrap_used, clippy::panic, reason = "the helpers of a test fail by panicking")]

#[path = "../fixture/databases.rs"]
mod databases;
#[path = "../fixture/mod.rs"]
mod fixture;
mod foreign;
mod keys;
mod operators;
mod roles;
mod routes;
mod rows;
mod scene;
mod sockets;
mod strangers;
