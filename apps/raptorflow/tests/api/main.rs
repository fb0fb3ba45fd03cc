//! The API over HTTP, area by area: what each route answers and whom it refuses.
//!
//! One program for all areas, as each program is linked with the whole product and takes a hundred megabytes.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "the helpers of a test fail by panicking"
)]

mod accounts;
mod ai;
mod api_keys;
mod authorization;
mod base;
mod budget;
mod campaigns;
mod catalogue;
mod deletion;
mod fixture;
mod members;
mod onboarding;
mod oversight;
mod realtime;
mod retention;
