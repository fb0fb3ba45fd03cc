//! Accounts and sessions over HTTP, on the memory store, with real logins and real mails.

#![expect(clippy::unwrap_used, reason = "the helpers of a test fail by panicking")]

mod at_once;
#[path = "../fixture/mod.rs"]
mod fixture;
mod own_account;
mod recovery;
mod remembered;
mod second_factor;
mod secrets;
mod story;
