//! Members, ownership and invitations over HTTP, on the memory store, with real logins and real mails.

mod invitations;
mod membership;
mod ownership;
mod places;
mod scene;
