//! The use cases, one file each.

mod administration;
mod authenticate;
mod change_email;
mod change_password;
mod credentials;
mod directory;
mod external;
mod failed_login;
mod letters;
mod log_in;
mod log_out;
mod mail;
mod me;
mod operator;
mod personal_data;
mod published_keys;
mod refresh;
mod reset_password;
mod second_factor;
mod secrets;
mod sessions;
mod sign_up;
mod start;
mod update_profile;
mod verify_email;

pub use administration::{AdministrationService, ChangePerson};
pub use authenticate::Authenticated;
pub use change_email::ChangeEmail;
pub use change_password::ChangePassword;
pub use directory::ActiveAccount;
pub use failed_login::NoteFailedLogin;
pub use log_in::{FirstStep, LogIn, LoggedIn};
pub use mail::{MailPurpose, SendMail};
pub use operator::{Appointment, Batch, OperatorService, Unreadable};
pub use personal_data::{ErasePerson, Export, ExportPerson, PersonalDataService, PurgeExports};
pub use reset_password::ResetPassword;
pub use second_factor::{Enrolment, Proof, SecondFactorService};
pub use secrets::SecretService;
pub use sign_up::SignUp;
pub use update_profile::UpdateProfile;

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

/// What a person proves who they are by: a password and an address, and how either is changed.
#[derive(Clone)]
pub struct CredentialService {
    /// The store.
    pub uow: Arc<IdentityUow>,
    /// Reads the person who calls.
    pub users: Arc<dyn UserReader>,
    /// Hashes and checks passwords.
    pub hasher: Arc<dyn PasswordHasher>,
    /// Knows the token of a mail before it is sent.
    pub mint: TokenMint,
    /// Clock and ids.
    pub env: Environment,
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
