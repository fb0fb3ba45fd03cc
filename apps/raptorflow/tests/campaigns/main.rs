//! Campaigns, their moves, the day's wins and the council, over HTTP: what each route answers and whom it refuses.

#![expect(clippy::unwrap_used, reason = "the helpers of a test fail by panicking")]

mod council;
#[path = "../fixture/mod.rs"]
mod fixture;
mod jobs;
mod making;
mod moves;
mod phases;
mod refusals;
mod runs;
mod scene;
mod story;
mod wins;
