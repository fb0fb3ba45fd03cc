//! The use cases, one file each.

mod authenticate;
mod directory;
mod external;
mod failed_login;
mod log_in;
mod log_out;
mod mail;
mod me;
mod published_keys;
mod refresh;
mod sign_up;
mod verify_email;

pub use authenticate::Authenticated;
pub use failed_login::NoteFailedLogin;
pub use log_in::{LogIn, LoggedIn};
pub use mail::{LinkBase, MailPurpose, SendMail};
pub use sign_up::SignUp;

use crate::ports::{
    AccessToken, AccessTokens, ExternalIdentityReader, ExternalTokens, IdentityUow, PasswordHasher,
    SessionReader, UserDirectory, UserReader,
};

use kernel::{Environment, RawToken, TokenMint};
use std::sync::Arc;

/// What a person has: an account with a proven address and a profile.
#[derive(Clone)]
pub struct AccountService {
    uow: Arc<IdentityUow>,
    users: Arc<dyn UserReader>,
    directory: Arc<dyn UserDirectory>,
    hasher: Arc<dyn PasswordHasher>,
    env: Environment,
}

impl AccountService {
    /// The use cases over these ports.
    #[must_use]
    pub fn new(
        uow: Arc<IdentityUow>,
        users: Arc<dyn UserReader>,
        directory: Arc<dyn UserDirectory>,
        hasher: Arc<dyn PasswordHasher>,
        env: Environment,
    ) -> Self {
        Self { uow, users, directory, hasher, env }
    }
}

/// Being logged in.
#[derive(Clone)]
pub struct SessionService {
    uow: Arc<IdentityUow>,
    directory: Arc<dyn UserDirectory>,
    sessions: Arc<dyn SessionReader>,
    hasher: Arc<dyn PasswordHasher>,
    access: Arc<dyn AccessTokens>,
    mint: TokenMint,
    env: Environment,
    external: Option<ExternalService>,
}

/// Another service whose tokens are accepted beside our own.
#[derive(Clone)]
struct ExternalService {
    tokens: Arc<dyn ExternalTokens>,
    identities: Arc<dyn ExternalIdentityReader>,
}

impl SessionService {
    /// The use cases over these ports.
    #[must_use]
    pub fn new(
        uow: Arc<IdentityUow>,
        directory: Arc<dyn UserDirectory>,
        sessions: Arc<dyn SessionReader>,
        hasher: Arc<dyn PasswordHasher>,
        access: Arc<dyn AccessTokens>,
        mint: TokenMint,
        env: Environment,
    ) -> Self {
        Self { uow, directory, sessions, hasher, access, mint, env, external: None }
    }

    /// The same, accepting the tokens of another service, too.
    #[must_use]
    pub fn accepting(
        self,
        tokens: Arc<dyn ExternalTokens>,
        identities: Arc<dyn ExternalIdentityReader>,
    ) -> Self {
        Self { external: Some(ExternalService { tokens, identities }), ..self }
    }
}

/// What holds a session: the short token for requests and the one that buys the next pair. Not printable.
#[derive(Debug, Clone)]
pub struct TokenPair {
    /// For the `Authorization` header.
    pub access: AccessToken,
    /// For the next refresh, once.
    pub refresh: RawToken,
}
