//! What this crate needs of the world: stores for people and sessions, a password hasher, a signer of access tokens.

mod checks;
mod external;
mod tenancies;

pub use checks::{
    AccessClaims, AccessToken, AccessTokenError, AccessTokens, HashError, PasswordCheck, PasswordHasher,
    PublishedKey,
};
pub use external::{
    ExternalIdentities, ExternalIdentityReader, ExternalStanding, ExternalTokenError, ExternalTokens,
};
pub use tenancies::{SoleOwnership, Tenancies};

use crate::{
    DirectoryEntry, EmailAddress, EmailToken, EmailTokenPurpose, EndReason, ExternalIdentity, MfaChallenge,
    MfaFactor, PeopleFilter, Person, PersonExport, Profile, RefreshToken, SealedAt, SealedEntry, SecretEntry,
    SecretName, Session, SpentToken, User, UserSecret, UserStatus,
};
use async_trait::async_trait;
use kernel::{
    AuditEntry, ChallengeId, FactorId, Page, PageRequest, Sealed, SessionId, StoreResult, SystemScope,
    Timestamp, TokenHash, UnitOfWork, UserId, UserScope,
};

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
    /// Ends the user's sessions that are live at `at`, all but `except`, in one statement, and answers which, in any
    /// order. Find the user first, as logins do: no session is begun meanwhile.
    async fn end_all(
        &mut self,
        user: UserId,
        except: Option<SessionId>,
        reason: EndReason,
        at: Timestamp,
    ) -> StoreResult<Vec<SessionId>>;
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
    /// Adds a token; every open token of the same user and purpose MUST expire as in [`Self::expire`]. MUST answer
    /// [`StoreError::Conflict`](kernel::StoreError::Conflict) when the hash is taken.
    async fn insert_superseding(&mut self, token: &EmailToken, now: Timestamp) -> StoreResult<()>;
    /// Lets the user's open tokens of these purposes expire at `now` and forgets their new addresses.
    async fn expire(
        &mut self,
        user: UserId,
        purposes: &[EmailTokenPurpose],
        now: Timestamp,
    ) -> StoreResult<()>;
    /// The user's token of this purpose that is open at `now`; there is one at most.
    async fn find_open(
        &mut self,
        user: UserId,
        purpose: EmailTokenPurpose,
        now: Timestamp,
    ) -> StoreResult<Option<EmailToken>>;
    /// Uses the token up, in one atomic statement: marks it used at `now`, forgets its new address and answers it as
    /// it is then, if it is of this purpose and open at `now`; else `None`. Of parallel units MUST give one token to
    /// one only.
    async fn consume(
        &mut self,
        hash: &TokenHash,
        purpose: EmailTokenPurpose,
        now: Timestamp,
    ) -> StoreResult<Option<EmailToken>>;
    /// The token with this hash, whatever its state and purpose.
    async fn find(&mut self, hash: &TokenHash) -> StoreResult<Option<EmailToken>>;
}

/// Second factors, inside a unit of work. A person has one at most.
#[async_trait]
pub trait FactorRepository: Send {
    /// Adds a factor. MUST answer [`StoreError::Conflict`](kernel::StoreError::Conflict) when the person has one.
    async fn insert(&mut self, factor: &MfaFactor) -> StoreResult<()>;
    /// The person's factor, confirmed or not. MUST keep other units from changing it until this unit ends.
    async fn find(&mut self, user: UserId) -> StoreResult<Option<MfaFactor>>;
    /// Stores whether it is confirmed, its last used step and its failures; the secret stays.
    async fn save(&mut self, factor: &MfaFactor) -> StoreResult<()>;
    /// Uses the code of a step up, in one atomic statement. MUST answer `false` and change nothing when a code of this
    /// step or a later one was used before. Of parallel units MUST give one step to one only.
    async fn use_step(&mut self, id: FactorId, step: i64) -> StoreResult<bool>;
    /// Removes the person's factor, when they have one.
    async fn remove(&mut self, user: UserId) -> StoreResult<()>;
}

/// Recovery codes, inside a unit of work.
#[async_trait]
pub trait RecoveryCodes: Send {
    /// Removes every code of the person and stores these.
    async fn replace(&mut self, user: UserId, codes: &[TokenHash], now: Timestamp) -> StoreResult<()>;
    /// Uses a code up, in one atomic statement. MUST answer `false` and change nothing when the person has no such code
    /// or it was used before. Of parallel units MUST give one code to one only.
    async fn consume(&mut self, user: UserId, code: &TokenHash, now: Timestamp) -> StoreResult<bool>;
    /// How many codes the person has left.
    async fn count_open(&mut self, user: UserId) -> StoreResult<u32>;
}

/// Logins that wait for their second factor, inside a unit of work.
#[async_trait]
pub trait MfaChallenges: Send {
    /// Adds a challenge, and removes those of the person that have expired at `now`. MUST answer
    /// [`StoreError::Conflict`](kernel::StoreError::Conflict) when the hash is taken.
    async fn insert(&mut self, challenge: &MfaChallenge, now: Timestamp) -> StoreResult<()>;
    /// The challenge with this hash, whatever its state.
    async fn find(&mut self, hash: &TokenHash) -> StoreResult<Option<MfaChallenge>>;
    /// Counts an answer, in one atomic statement, and answers the challenge as it is then; `None`, changing nothing,
    /// when it is not open at `now`. Of parallel units MUST let no more pass than there are answers left.
    async fn answer(&mut self, hash: &TokenHash, now: Timestamp) -> StoreResult<Option<MfaChallenge>>;
    /// Uses the challenge up, in one atomic statement. MUST answer `false` when it was used before.
    async fn consume(&mut self, id: ChallengeId, now: Timestamp) -> StoreResult<bool>;
}

/// Secrets of people's own, inside a unit of work.
#[async_trait]
pub trait SecretRepository: Send {
    /// Adds the secret, or replaces value and time of the one that has its name; the time of its making stays.
    async fn put(&mut self, secret: &UserSecret) -> StoreResult<()>;
    /// How many secrets the person has beside the one of this name.
    async fn count_others(&mut self, user: UserId, name: &SecretName) -> StoreResult<u32>;
    /// Removes the secret; `false` when there was none of this name.
    async fn remove(&mut self, user: UserId, name: &SecretName) -> StoreResult<bool>;
}

/// Everything that is sealed, for rotating keys, inside a unit of work.
#[async_trait]
pub trait Reseal: Send {
    /// Replaces what is sealed in this row, in one atomic statement. MUST answer `false` and change nothing when it is
    /// not as `entry` has it any more.
    async fn reseal(&mut self, entry: &SealedEntry, fresh: &Sealed) -> StoreResult<bool>;
}

/// People as others than themselves change them, inside a unit of work.
#[async_trait]
pub trait PeopleRepository: Send {
    /// The person with this id, whatever their status. MUST keep other units from changing the user until this unit
    /// ends.
    async fn find_person(&mut self, id: UserId) -> StoreResult<Option<Person>>;
    /// Replaces the profile of a user that is there.
    async fn save_profile(&mut self, profile: &Profile) -> StoreResult<()>;
    /// Who administers the platform: active users with that role, by id. Until the unit ends, another unit that asks
    /// MUST wait, so that of two that take each other's role the second sees what the first did.
    async fn administrators(&mut self) -> StoreResult<Vec<UserId>>;
}

/// All that is held of a person, inside a unit of work.
#[async_trait]
pub trait PersonalDataRepository: Send {
    /// Stores a finished export in the place of the person's earlier one.
    async fn save_export(&mut self, export: &PersonExport) -> StoreResult<()>;
    /// Removes the exports that have expired at `now`.
    async fn drop_expired_exports(&mut self, now: Timestamp) -> StoreResult<()>;
    /// Takes away what is personal of `person`, who is as they were before their erasure, beside user and profile:
    /// MUST remove their mail tokens, second factor, recovery codes, waiting logins, own secrets and export; MUST take the
    /// client's address and name from their sessions and from every fact about them or by them, and leave the facts.
    async fn erase(&mut self, person: &Person) -> StoreResult<()>;
}

/// What is personal in rows that nothing but a look at each of them finds.
#[async_trait]
pub trait PersonalTraces: Send + Sync {
    /// Takes away what names `person`, who is as they were before their erasure: MUST empty the payload of ended jobs that
    /// name their address, or their id for this crate; MUST remove their idempotency records, and others' whose answer
    /// names their id or address. There may be more rows than a transaction has time for: MAY take place in several, so
    /// what is cut short is partly done, and the next call does the rest.
    async fn forget_traces(&self, scope: &SystemScope, person: &Person) -> StoreResult<()>;
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
    /// Second factors.
    fn factors(&mut self) -> &mut dyn FactorRepository;
    /// Recovery codes.
    fn recovery_codes(&mut self) -> &mut dyn RecoveryCodes;
    /// Logins that wait for their second factor.
    fn challenges(&mut self) -> &mut dyn MfaChallenges;
    /// Secrets of people's own.
    fn secrets(&mut self) -> &mut dyn SecretRepository;
    /// Everything that is sealed.
    fn seals(&mut self) -> &mut dyn Reseal;
    /// People, for those who decide about them.
    fn people(&mut self) -> &mut dyn PeopleRepository;
    /// What is held of them.
    fn personal_data(&mut self) -> &mut dyn PersonalDataRepository;
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

/// Reads people for those who administer them. Asked after the check that the caller may.
#[async_trait]
pub trait PeopleReader: Send + Sync {
    /// The person with this id, whatever their status.
    async fn find(&self, scope: &SystemScope, id: UserId) -> StoreResult<Option<Person>>;
    /// People that the filter finds, the newest (highest id) first.
    async fn page(
        &self,
        scope: &SystemScope,
        filter: &PeopleFilter,
        request: &PageRequest,
    ) -> StoreResult<Page<Person>>;
}

/// Reads what is held of a person and nobody but the system role sees. Asked for the person themselves.
#[async_trait]
pub trait PersonalDataReader: Send + Sync {
    /// Every session of the person, the oldest first.
    async fn list_sessions(&self, scope: &SystemScope, user: UserId) -> StoreResult<Vec<Session>>;
    /// Who the person is at other services, in the order of issuer and subject.
    async fn list_identities(&self, scope: &SystemScope, user: UserId) -> StoreResult<Vec<ExternalIdentity>>;
    /// Facts of the person's own trail, and facts of any trail that they brought about; the oldest (lowest id) first.
    async fn page_trail(
        &self,
        scope: &SystemScope,
        user: UserId,
        request: &PageRequest,
    ) -> StoreResult<Page<AuditEntry>>;
    /// How many facts [`Self::page_trail`] has.
    async fn count_trail(&self, scope: &SystemScope, user: UserId) -> StoreResult<i64>;
    /// The person's finished export, also an expired one.
    async fn find_export(&self, scope: &UserScope) -> StoreResult<Option<PersonExport>>;
}

/// Knows what another part of the product holds of a person.
#[async_trait]
pub trait PersonalRecords: Send + Sync {
    /// The member of the export that it fills, such as `memberships`.
    fn section(&self) -> &'static str;
    /// All that it holds of the scope's person, as the export shows it. MUST NOT hold a secret.
    async fn of(&self, scope: &UserScope) -> StoreResult<serde_json::Value>;
}

/// Knows who works with whom.
#[async_trait]
pub trait Colleagues: Send + Sync {
    /// Whether the other person is a member of a live workspace that the scope's person is a member of.
    async fn share_a_workspace(&self, scope: &UserScope, other: UserId) -> StoreResult<bool>;
}

/// A session with what else decides whether its tokens work.
#[derive(Debug, Clone, PartialEq)]
pub struct SessionStanding {
    /// The session.
    pub session: Session,
    /// Whether its user may still come in.
    pub user_status: UserStatus,
}

/// Reads sessions. `find_standing` is asked on each request, so: one round trip, by primary key.
#[async_trait]
pub trait SessionReader: Send + Sync {
    /// The session and its user's status, whatever they are.
    async fn find_standing(&self, scope: &SystemScope, id: SessionId)
    -> StoreResult<Option<SessionStanding>>;
    /// The person's sessions that are live at `now`, the latest login (by id) first.
    async fn page(
        &self,
        scope: &UserScope,
        request: &PageRequest,
        now: Timestamp,
    ) -> StoreResult<Page<Session>>;
}

/// Knows who has a second factor.
#[async_trait]
pub trait FactorReader: Send + Sync {
    /// Whether the person has a confirmed factor.
    async fn is_enrolled(&self, scope: &SystemScope, user: UserId) -> StoreResult<bool>;
}

/// Reads a person's own secrets, as they are sealed.
#[async_trait]
pub trait UserSecrets: Send + Sync {
    /// What they have, by name.
    async fn list(&self, scope: &UserScope) -> StoreResult<Vec<SecretEntry>>;
    /// The secret of this name.
    async fn find(&self, scope: &UserScope, name: &SecretName) -> StoreResult<Option<UserSecret>>;
}

/// Finds what is sealed under other keys than the active one.
#[async_trait]
pub trait StaleSeals: Send + Sync {
    /// How many rows there are.
    async fn count(&self, scope: &SystemScope, active: &str) -> StoreResult<u64>;
    /// Rows behind `after` in the order of [`SealedAt`], at most `limit`; none only when there are none behind it.
    async fn list(
        &self,
        scope: &SystemScope,
        active: &str,
        after: Option<&SealedAt>,
        limit: u32,
    ) -> StoreResult<Vec<SealedEntry>>;
}
