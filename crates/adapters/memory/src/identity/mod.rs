//! People, their sessions and their tokens.

mod external;
mod people;
mod personal_data;
mod second_factor;
mod secrets;
mod sessions;
mod tokens;
mod users;

use crate::{store::Store, unit::Unit};
use ::identity::{
    EmailAddress, EmailToken, ExternalIdentity, ExternalSubject, MfaChallenge, MfaFactor, Person,
    PersonExport, RefreshToken, SecretName, Session, User, UserSecret,
    ports::{
        EmailTokens, ExternalIdentities, FactorRepository, IdentityTx, MfaChallenges, PeopleRepository,
        PersonalDataRepository, RecoveryCodes, RefreshTokens, Reseal, SecretRepository, SessionRepository,
        SessionStanding, UserRepository,
    },
};
use async_trait::async_trait;
use kernel::{
    ChallengeId, Ended, SessionId, StoreError, StoreResult, SystemScope, Timestamp, TokenHash, UnitOfWork,
    UserId, Work,
};
use std::collections::BTreeMap;

#[derive(Clone, Default)]
pub(crate) struct State {
    pub(crate) people: BTreeMap<UserId, Person>,
    pub(super) sessions: BTreeMap<SessionId, Session>,
    pub(super) refresh_tokens: BTreeMap<TokenHash, RefreshToken>,
    pub(super) email_tokens: BTreeMap<TokenHash, EmailToken>,
    pub(super) factors: BTreeMap<UserId, MfaFactor>,
    /// With the time of their use.
    pub(super) recovery_codes: BTreeMap<(UserId, TokenHash), Option<Timestamp>>,
    pub(super) challenges: BTreeMap<ChallengeId, MfaChallenge>,
    pub(super) secrets: BTreeMap<(UserId, SecretName), UserSecret>,
    pub(super) exports: BTreeMap<UserId, PersonExport>,
    pub(super) external_identities: BTreeMap<ExternalSubject, ExternalIdentity>,
}

/// Keeps a unique rule.
pub(super) fn unique(is_free: bool, rule: &str) -> StoreResult<()> {
    if is_free { Ok(()) } else { Err(StoreError::Conflict(rule.to_owned())) }
}

/// Keeps a reference.
pub(super) fn leads_somewhere(is_there: bool, table: &str) -> StoreResult<()> {
    if is_there { Ok(()) } else { Err(StoreError::Dangling(table.to_owned())) }
}

impl State {
    pub(super) fn by_email(&self, email: &EmailAddress) -> Option<&Person> {
        self.people.values().find(|person| person.user.email.lower() == email.lower())
    }

    /// The address is nobody else's.
    pub(super) fn own_address(&self, user: &User) -> StoreResult<()> {
        let owner = self.by_email(&user.email);
        unique(owner.is_none_or(|owner| owner.user.id == user.id), "users_email_lower_key")
    }

    pub(super) fn standing(&self, id: SessionId) -> Option<SessionStanding> {
        let session = self.sessions.get(&id)?;
        let user_status = self.people.get(&session.user_id)?.user.status;
        Some(SessionStanding { session: session.clone(), user_status })
    }
}

pub(super) type SystemUnit = Unit<SystemScope>;

impl State {
    /// Takes away sessions, mail tokens and challenges that expired before; answers how many of the kind that had most.
    pub(crate) fn sweep(&mut self, ended: Ended, most: usize) -> usize {
        let (mut sessions, mut tokens, mut challenges) = (0, 0, 0);
        let goes = |count: &mut usize, is_old: bool| {
            let goes = is_old && *count < most;
            *count += usize::from(goes);
            goes
        };
        self.sessions.retain(|_, session| !goes(&mut sessions, session.expires_at < ended.sessions));
        self.refresh_tokens.retain(|_, token| self.sessions.contains_key(&token.session_id));
        self.email_tokens.retain(|_, token| !goes(&mut tokens, token.expires_at < ended.expired));
        self.challenges.retain(|_, challenge| !goes(&mut challenges, challenge.expires_at < ended.expired));
        sessions.max(tokens).max(challenges)
    }
}
impl IdentityTx for SystemUnit {
    fn users(&mut self) -> &mut dyn UserRepository {
        self
    }

    fn sessions(&mut self) -> &mut dyn SessionRepository {
        self
    }

    fn refresh_tokens(&mut self) -> &mut dyn RefreshTokens {
        self
    }

    fn email_tokens(&mut self) -> &mut dyn EmailTokens {
        self
    }

    fn factors(&mut self) -> &mut dyn FactorRepository {
        self
    }

    fn recovery_codes(&mut self) -> &mut dyn RecoveryCodes {
        self
    }

    fn challenges(&mut self) -> &mut dyn MfaChallenges {
        self
    }

    fn secrets(&mut self) -> &mut dyn SecretRepository {
        self
    }

    fn seals(&mut self) -> &mut dyn Reseal {
        self
    }

    fn people(&mut self) -> &mut dyn PeopleRepository {
        self
    }

    fn personal_data(&mut self) -> &mut dyn PersonalDataRepository {
        self
    }

    fn external_identities(&mut self) -> &mut dyn ExternalIdentities {
        self
    }
}

#[async_trait]
impl UnitOfWork<dyn IdentityTx, SystemScope> for Store {
    async fn run_erased(&self, scope: &SystemScope, work: &mut dyn Work<dyn IdentityTx>) -> StoreResult<()> {
        self.run_unit(scope, work, |unit| unit).await
    }
}
