//! Language models, asked over HTTP: a fake provider answers.

#![expect(clippy::unwrap_used, reason = "the helpers of a test fail by panicking")]

mod analytics;
mod asking;
#[path = "../fixture/mod.rs"]
mod fixture;
mod leaving;
mod openai;
mod own_keys;
mod spending;
mod world;
