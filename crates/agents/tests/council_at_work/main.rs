//! The council over the memory store: how it is seated, asked, and how runs end whatever happens on the way.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test says what it expects, and breaks what it must"
)]

mod asking;
mod executing;
mod following;
mod seating;
mod world;
