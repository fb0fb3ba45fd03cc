//! Following facts as they are told, over server-sent events and over WebSockets.

#![expect(clippy::unwrap_used, clippy::panic, reason = "the helpers of a test fail by panicking")]

mod facts;
#[path = "../fixture/mod.rs"]
mod fixture;
mod places;
mod runs;
mod slow;
mod sockets;
mod streams;
