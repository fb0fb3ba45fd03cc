//! What this crate needs of the world: stores for people and sessions, a password hasher, a signer of access tokens.

mod external;

pub use external::{
    ExternalIdentities, ExternalIdentityReader, ExternalStanding, ExternalTokenError, ExternalTokens,
};

use crate::{
    DirectoryEntry, EmailAddress, EmailToken, EmailTokenPurpose, EndReason, PasswordAttempt, PasswordHash,
    Person, Profile, RefreshToken, Session, SpentToken, User, UserStatus,
};
use async_trait::async_trait;
use kernel::{SessionId, StoreResult, SystemScope, Timestamp, TokenHash, UnitOfWork, UserId, UserScope};
use secrecy::SecretString;
use std::time::Duration;

/// Users, inside a unit of work.
#[async_trait]
pub trait UserRepository: Send {
    /// Adds a user and their profile. MUST answer [`StoreError::Conflict`](kernel::StoreError::Conflict) when the
    /// lower-case form of the address is taken.
    async fn insert(&mut self, user: &User, profile: &Profile) -> StoreResult<()>;
    /// The user with this id. MUST keep other units from changing it until this unit ends.
    async fn find(&mut self, id: UserId) -> StoreResult<Option<User>>;
    /// The user whose address has the same lower-case form, whatever their status.
    async fn find_by_email(&mut self, email: &EmailAddress) -> StoreResult<Option<User>>;
    /// Replaces the user. MUST answer [`StoreError::Stale`](kernel::StoreError::Stale) when the stored version is
    /// not `expected`.
    async fn save(&mut self, user: &User, expected: i32) -> StoreResult<()>;
}

/// Sessions, inside a unit of work.
#[async_trait]
pub trait SessionRepository: Send {
    /// Adds a session.
    async fn insert(&mut self, session: &Session) -> StoreResult<()>;
    /// Notes that the session was seen at `at`; never moves the note backwards.
    async fn touch(&mut self, id: SessionId, at: Timestamp) -> StoreResult<()>;
    /// Ends the user's session in one statement. MUST answer `false` and change nothing when it has ended before, or
    /// is not this user's.
    async fn end(
        &mut self,
        id: SessionId,
        user: UserId,
        reason: EndReason,
        at: Timestamp,
    ) -> StoreResult<bool>;
}

/// Refresh tokens, inside a unit of work.
#[async_trait]
pub trait RefreshTokens: Send {
    /// Adds a token. MUST answer [`StoreError::Conflict`](kernel::StoreError::Conflict) when the hash is taken or
    /// the parent has a successor already.
    async fn insert(&mut self, token: &RefreshToken) -> StoreResult<()>;
    /// Uses the token up, in one atomic statement: marks it consumed at `now` and answers it as it is then, if it
    /// is open at `now`, its session is live at `now`, and the user is active; else `None`, changing nothing.
    ///
    /// Of parallel units MUST give one token to one only; the others MUST then see in [`Self::find_spent`] what that
    /// one committed, or answer [`StoreError::Unavailable`](kernel::StoreError::Unavailable).
    async fn consume(&mut self, hash: &TokenHash, now: Timestamp) -> StoreResult<Option<RefreshToken>>;
    /// The token with its session, its user's status and its successor, whatever their states.
    async fn find_spent(&mut self, hash: &TokenHash) -> StoreResult<Option<SpentToken>>;
}

/// Tokens that were sent by mail, inside a unit of work.
#[async_trait]
pub trait EmailTokens: Send {
    /// Adds a token; every open token of the same user and purpose MUST expire at `now`. MUST answer
    /// [`StoreError::Conflict`](kernel::StoreError::Conflict) when the hash is taken.
    async fn insert_superseding(&mut self, token: &EmailToken, now: Timestamp) -> StoreResult<()>;
    /// Uses the token up, in one atomic statement: marks it used at `now` and answers it as it is then, if it is of
    /// this purpose and open at `now`; else `None`. Of parallel units MUST give one token to one only.
    async fn consume(
        &mut self,
        hash: &TokenHash,
        purpose: EmailTokenPurpose,
        now: Timestamp,
    ) -> StoreResult<Option<EmailToken>>;
    /// The token with this hash, whatever its state and purpose.
    async fn find(&mut self, hash: &TokenHash) -> StoreResult<Option<EmailToken>>;
}

/// What a unit of work of this crate writes.
pub trait IdentityTx: kernel::Tx {
    /// Users and profiles.
    fn users(&mut self) -> &mut dyn UserRepository;
    /// Sessions.
    fn sessions(&mut self) -> &mut dyn SessionRepository;
    /// Refresh tokens.
    fn refresh_tokens(&mut self) -> &mut dyn RefreshTokens;
    /// Mail tokens.
    fn email_tokens(&mut self) -> &mut dyn EmailTokens;
    /// Who is who at other services.
    fn external_identities(&mut self) -> &mut dyn ExternalIdentities;
}

/// The store of this crate. Its units run before it is known who calls, hence the scope.
pub type IdentityUow = dyn UnitOfWork<dyn IdentityTx, SystemScope>;

/// Reads what is a person's own. Each method is one round trip.
#[async_trait]
pub trait UserReader: Send + Sync {
    /// The person of the scope.
    async fn find(&self, scope: &UserScope) -> StoreResult<Option<Person>>;
}

/// Finds people for those who don't act as them: the login, and the lists of a workspace's members.
#[async_trait]
pub trait UserDirectory: Send + Sync {
    /// The person whose address has the same lower-case form, whatever their status.
    async fn find_by_email(&self, scope: &SystemScope, email: &EmailAddress) -> StoreResult<Option<Person>>;
    /// Names and addresses of these users, in any order; unknown and deleted ones are left out.
    async fn list_entries(&self, scope: &SystemScope, users: &[UserId]) -> StoreResult<Vec<DirectoryEntry>>;
}

/// A session with what else decides whether its tokens work.
#[derive(Debug, Clone, PartialEq)]
pub struct SessionStanding {
    /// The session.
    pub session: Session,
    /// Whether its user may still come in.
    pub user_status: UserStatus,
}

/// Reads sessions on each request, so: one round trip, by primary key.
#[async_trait]
pub trait SessionReader: Send + Sync {
    /// The session and its user's status, whatever they are.
    async fn find_standing(&self, scope: &SystemScope, id: SessionId)
    -> StoreResult<Option<SessionStanding>>;
}

/// Why a password was neither hashed nor checked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum HashError {
    /// No room within the bounded wait.
    #[error("too many passwords are being hashed")]
    Overloaded,
    /// The stored hash is unreadable or the machine failed.
    #[error("{0}")]
    Failed(String),
}

/// What checking a password told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PasswordCheck {
    /// It is another password.
    Wrong,
    /// It is the password.
    Verified {
        /// The stored hash was made with other parameters than today's.
        rehash: bool,
    },
}

/// Hashes and checks passwords, so slowly that guessing does not pay.
#[async_trait]
pub trait PasswordHasher: Send + Sync {
    /// A salted hash as a PHC string. MUST bound how many run at once, count one as running until the machine is
    /// done with it (not until its caller is), and answer [`HashError::Overloaded`] after a bounded wait.
    async fn hash(&self, password: &PasswordAttempt) -> Result<PasswordHash, HashError>;
    /// Whether the password made the hash. Without a hash (nobody has this address) MUST do the same work against a
    /// fixed one of today's parameters, in the same bounded pool, and answer [`PasswordCheck::Wrong`].
    async fn verify(
        &self,
        password: &PasswordAttempt,
        hash: Option<&PasswordHash>,
    ) -> Result<PasswordCheck, HashError>;
}

/// What an access token says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AccessClaims {
    /// Whose it is.
    pub user: UserId,
    /// The session that it lives and dies with.
    pub session: SessionId,
    /// When it is too late.
    pub expires_at: Timestamp,
}

/// A signed access token.
#[derive(Debug, Clone)]
pub struct AccessToken {
    /// The text.
    pub token: SecretString,
    /// How long it works.
    pub expires_in: Duration,
}

/// Why an access token was neither made nor accepted.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AccessTokenError {
    /// The token is not one of ours, or too old; the text is for logs and never repeats the token.
    #[error("the access token is not acceptable: {0}")]
    Invalid(String),
    /// Signing failed.
    #[error("the access token could not be signed: {0}")]
    Failed(String),
}

/// A public key of Ed25519 by which anybody can check access tokens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublishedKey {
    /// What tokens call it: their `kid`.
    pub id: String,
    /// The key.
    pub ed25519: [u8; 32],
}

/// Signs and checks access tokens. Cheap and without I/O, hence not async.
pub trait AccessTokens: Send + Sync {
    /// A token for this user's session.
    ///
    /// # Errors
    /// [`AccessTokenError::Failed`].
    fn issue(&self, user: UserId, session: SessionId) -> Result<AccessToken, AccessTokenError>;
    /// What the token says. MUST refuse, before parsing, a text of more than 4,096 bytes; MUST accept one algorithm
    /// only, under keys that it knows beforehand, and nothing that [`Self::issue`] would not have made.
    ///
    /// # Errors
    /// [`AccessTokenError::Invalid`].
    fn verify(&self, token: &str) -> Result<AccessClaims, AccessTokenError>;
    /// The public keys under which tokens are accepted now, in the order of their ids. None when a secret signs.
    fn published_keys(&self) -> Vec<PublishedKey> {
        Vec::new()
    }
}
