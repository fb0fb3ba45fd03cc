//! Calls of models through the dispatcher: who is asked, how often, at whose cost.

#![expect(clippy::unwrap_used, reason = "a test says what it expects")]

mod asking;
mod batches;
mod caching;
mod cancelling;
mod interleaving;
mod money;
mod once;
mod scripted;
mod streaming;
mod watching;
mod world;
