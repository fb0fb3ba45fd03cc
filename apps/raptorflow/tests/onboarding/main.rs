//! Onboarding and the business context over HTTP, on the memory store.

#![expect(clippy::unwrap_used, reason = "the helpers of a test fail by panicking")]

mod context;
mod finalize;
#[path = "../fixture/mod.rs"]
mod fixture;
mod refused;
mod sessions;
mod walk;
