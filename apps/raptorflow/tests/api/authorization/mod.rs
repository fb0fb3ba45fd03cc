//! Who may call what: each route of the table of routes, called by everybody who may and who may not.
//!
//! A new route needs a row in `rows.rs`, and a new kind of id in a path a foreign one in `foreign.rs`.

mod foreign;
mod keys;
mod operators;
mod roles;
mod routes;
mod rows;
mod scene;
mod sockets;
mod strangers;
