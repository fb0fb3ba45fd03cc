//! What one process does by itself, behind ports whose other implementations are shared by many processes.
//!
//! - [`Limiter`]: rate limits. What embedded mode counts with, and what every process counts with while the shared
//!   limiter is away.
//! - [`LocalBus`]: carries facts from the relay to the consumers of this process.
//! - [`LiveStreams`]: tells those who follow a stream of facts that it has grown.
//! - [`LocalCache`] and [`LocalLocks`]: what is kept for a while, and who is at what.
//! - [`Flights`]: over any cache, lets one of those who ask for the same at once have it made.
//! - [`Standings`] and [`Remembered`]: what was read lately of who may come in, forgotten when it changes. A store tells
//!   of the commits of this process; those of others come through the database.
//!
//! Answers of language models are cached behind `Flights`. Those of one process need no locks; where processes share a Redis,
//! its cache and its locks take the places of `LocalCache` and `LocalLocks`, which is the model of such locks for tests.
//!
//! # How to add a thing here
//! One file, one port of the kernel. It needs nothing but the process: no server, no file.

#![forbid(unsafe_code)]

mod bus;
mod cache;
mod flights;
mod limiter;
mod live;
mod locks;
mod standings;

pub use bus::LocalBus;
pub use cache::LocalCache;
pub use flights::Flights;
pub use limiter::Limiter;
pub use live::{Follower, LiveStreams};
pub use locks::LocalLocks;
pub use standings::{Remembered, Standings};
