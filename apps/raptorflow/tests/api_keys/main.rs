//! API keys over HTTP: made by admins, used by programs.

#![expect(clippy::unwrap_used, reason = "the helpers of a test fail by panicking")]

#[path = "../fixture/mod.rs"]
mod fixture;
mod managing;
mod scene;
mod scopes;
mod using;
