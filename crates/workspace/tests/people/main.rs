//! Members, roles, ownership and invitations over the memory store.

#![expect(clippy::unwrap_used, reason = "a test says what it expects")]

mod invitations;
mod members;
mod ownership;
mod world;
