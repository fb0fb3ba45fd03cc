//! What many processes share by Redis (7 or newer, or what speaks like it), behind ports whose other implementations do
//! it for one process alone.
//!
//! - [`SharedLimiter`]: rate limits that hold over all processes.
//! - [`RedisBus`]: facts in one stream, from which each consumer's workers take their shares.
//! - [`listen`]: word of what was published, for those who follow streams of facts.
//! - [`RedisCache`]: values that are kept for a while, on a shelf a workspace.
//! - [`RedisLocks`]: locks that save work and guarantee nothing.
//! - [`RedisBoard`]: notes of dependencies that a process has found down, which spare the others.
//!
//! Nothing is only in Redis: rows wait in the outbox and consumers have their positions in the store. It may be restarted
//! empty, be full, freeze or go away; then calls answer that it is away within the time-outs of [`Redis`], and who called
//! does as its port says.
//!
//! ```text
//!          a call fails, or takes too long
//!  answers ───────────────────────────────▶ rests (0.5 s, 1 s, then 2 s)
//!     ▲                                        │ one call tries
//!     └────────────────────────────────────────┘
//! ```
//!
//! Answers of language models are in the cache, and a lock keeps two processes from having the same one made at once.
//!
//! # How to add a thing here
//! One file, one port of the kernel. What must not be torn apart is a Lua script beside it: one round trip, atomic. Keys
//! begin with the namespace of [`Options`]. The wire tests run on a Redis of their own, and stop, freeze, fill and empty it.

#![forbid(unsafe_code)]

mod board;
mod bus;
mod cache;
mod connection;
mod follow;
mod limiter;
mod lock;

pub use board::RedisBoard;
pub use bus::RedisBus;
pub use cache::RedisCache;
pub use connection::{Options, Redis, RedisAway, UnusableUrl};
pub use follow::listen;
pub use limiter::SharedLimiter;
pub use lock::RedisLocks;
