//! How this program calls others.
//!
//! Every client comes from [`client`], or from [`ThreadClients`] where threads are to have their own: it has time-outs,
//! follows no redirect, asks no proxy that nobody configured, and verifies servers by the roots that the operating
//! system trusts (`SSL_CERT_FILE` and `SSL_CERT_DIR` name others). `reqwest`'s own constructors are banned by `.clippy.toml`: they wait for ever, follow redirects to
//! wherever a server says, and have no cryptography in this build.
//!
//! A service that is called is a [`Dependency`]: such a client, a [`RetryPolicy`](kernel::RetryPolicy) and a [`Breaker`], made from a
//! [`Policy`], which is data.
//!
//! ```text
//!          the last of too many failures, or       the wait is over, and
//!          another process has found it down       somebody calls: the probe
//! closed ─────────────────────────────────▶ open ───────────────────────────▶ half-open
//!   ▲                                        ▲                                 │     │
//!   │                                        └── the probe failed, was dropped ┘     │
//!   └───────────────────────── the probe was answered ───────────────────────────────┘
//! ```
//!
//! An open breaker answers [`Unavailable`] at once and asks nobody; half-open, it lets one call through at a time. All
//! breakers of a process stand in its [`Breakers`], which tell health and metrics how they are, and share what they find
//! with other processes by a [`BreakerBoard`](kernel::BreakerBoard).
//!
//! # How to call another service
//! An adapter takes its base URL and the [`Breakers`] as arguments, so that a fake can stand in its tests, makes one
//! [`Dependency`] when it is made, and calls by [`Dependency::call`]. What may be repeated only the adapter knows: its
//! attempt ends in [`Failed`] where it went wrong, which says whether the same may be asked again and whether the
//! service seems to be down. Answers are read by [`read_at_most`], as a server may send more than there is memory.

#![forbid(unsafe_code)]

mod breaker;
mod breakers;
mod client;
mod dependency;
mod failed;
mod pause;
mod policy;
#[cfg(any(test, feature = "testing"))]
pub mod testing;
mod threads;
mod traced;

pub use breaker::{Breaker, BreakerInput, BreakerPolicy, BreakerState, Permit, Unavailable};
pub use breakers::{BreakerReport, Breakers};
pub use client::{NoClient, Patience, client, read_at_most};
pub use dependency::{CallError, Dependency};
pub use failed::{Again, Failed, retry_after};
pub use pause::RealTime;
pub use policy::Policy;
pub use threads::ThreadClients;
pub use traced::Traced;
