//! Accounts and sessions over HTTP, on the memory store, with real logins and real mails.

mod at_once;
mod own_account;
mod recovery;
mod remembered;
mod second_factor;
mod secrets;
mod story;
