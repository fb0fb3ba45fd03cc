use crate::{store::Store, unit::Unit};
use ::identity::{
    DirectoryEntry, EmailAddress, EmailToken, EmailTokenPurpose, EndReason, Person, Profile, RefreshToken,
    Session, SpentToken, TokenHash, TokenState, User, UserStatus,
    ports::{
        EmailTokens, IdentityTx, RefreshTokens, SessionReader, SessionRepository, SessionStanding,
        UserDirectory, UserReader, UserRepository,
    },
};
use async_trait::async_trait;
use kernel::{
    SessionId, StoreError, StoreResult, SystemScope, Timestamp, UnitOfWork, UserId, UserScope, Work,
};
use std::collections::BTreeMap;

#[derive(Clone, Default)]
pub(crate) struct State {
    people: BTreeMap<UserId, Person>,
    sessions: BTreeMap<SessionId, Session>,
    refresh_tokens: BTreeMap<TokenHash, RefreshToken>,
    email_tokens: BTreeMap<TokenHash, EmailToken>,
}

/// Keeps a unique rule.
fn unique(is_free: bool, rule: &str) -> StoreResult<()> {
    if is_free { Ok(()) } else { Err(StoreError::Conflict(rule.to_owned())) }
}

/// Keeps a reference.
fn leads_somewhere(is_there: bool, table: &str) -> StoreResult<()> {
    if is_there { Ok(()) } else { Err(StoreError::Dangling(table.to_owned())) }
}

impl State {
    fn by_email(&self, email: &EmailAddress) -> Option<&Person> {
        self.people.values().find(|person| person.user.email.lower() == email.lower())
    }

    /// The address is nobody else's.
    fn own_address(&self, user: &User) -> StoreResult<()> {
        let owner = self.by_email(&user.email);
        unique(owner.is_none_or(|owner| owner.user.id == user.id), "users_email_lower_key")
    }

    fn standing(&self, id: SessionId) -> Option<SessionStanding> {
        let session = self.sessions.get(&id)?;
        let user_status = self.people.get(&session.user_id)?.user.status;
        Some(SessionStanding { session: session.clone(), user_status })
    }

    fn is_open(&self, token: &RefreshToken, now: Timestamp) -> bool {
        let stands = self.standing(token.session_id).is_some_and(|standing| {
            standing.session.is_live(now) && standing.user_status == UserStatus::Active
        });
        stands && token.state(now) == TokenState::Open
    }

    fn insert_refresh_token(&mut self, token: &RefreshToken) -> StoreResult<()> {
        let tokens = || self.refresh_tokens.values();
        unique(!self.refresh_tokens.contains_key(&token.token_hash), "refresh_tokens_token_hash_key")?;
        unique(tokens().all(|other| other.id != token.id), "refresh_tokens_pkey")?;
        let session = self.sessions.get(&token.session_id);
        leads_somewhere(session.is_some_and(|session| session.user_id == token.user_id), "refresh_tokens")?;
        if let Some(parent) = token.parent {
            unique(tokens().all(|other| other.parent != Some(parent)), "refresh_tokens_parent_id_key")?;
            let family = |other: &RefreshToken| (other.id, other.session_id) == (parent, token.session_id);
            leads_somewhere(tokens().any(family), "refresh_tokens")?;
        }
        self.refresh_tokens.insert(token.token_hash, token.clone());
        Ok(())
    }
}

type SystemUnit = Unit<SystemScope>;

#[async_trait]
impl UserRepository for SystemUnit {
    async fn insert(&mut self, user: &User, profile: &Profile) -> StoreResult<()> {
        self.statement(|unit| {
            let state = &mut unit.state.identity;
            unique(!state.people.contains_key(&user.id), "users_pkey")?;
            state.own_address(user)?;
            state.people.insert(user.id, Person { user: user.clone(), profile: profile.clone() });
            Ok(())
        })
    }

    async fn find(&mut self, id: UserId) -> StoreResult<Option<User>> {
        self.statement(|unit| Ok(unit.state.identity.people.get(&id).map(|person| person.user.clone())))
    }

    async fn find_by_email(&mut self, email: &EmailAddress) -> StoreResult<Option<User>> {
        self.statement(|unit| Ok(unit.state.identity.by_email(email).map(|person| person.user.clone())))
    }

    async fn save(&mut self, user: &User, expected: i32) -> StoreResult<()> {
        self.statement(|unit| {
            let state = &mut unit.state.identity;
            let stored = state.people.get(&user.id).filter(|stored| stored.user.version == expected);
            let profile = stored.ok_or(StoreError::Stale)?.profile.clone();
            state.own_address(user)?;
            state.people.insert(user.id, Person { user: user.clone(), profile });
            Ok(())
        })
    }
}

#[async_trait]
impl SessionRepository for SystemUnit {
    async fn insert(&mut self, session: &Session) -> StoreResult<()> {
        self.statement(|unit| {
            let state = &mut unit.state.identity;
            unique(!state.sessions.contains_key(&session.id), "sessions_pkey")?;
            leads_somewhere(state.people.contains_key(&session.user_id), "sessions")?;
            state.sessions.insert(session.id, session.clone());
            Ok(())
        })
    }

    async fn touch(&mut self, id: SessionId, at: Timestamp) -> StoreResult<()> {
        self.statement(|unit| {
            if let Some(session) = unit.state.identity.sessions.get_mut(&id) {
                session.last_seen_at = session.last_seen_at.max(at);
            }
            Ok(())
        })
    }

    async fn end(
        &mut self,
        id: SessionId,
        user: UserId,
        reason: EndReason,
        at: Timestamp,
    ) -> StoreResult<bool> {
        self.statement(|unit| {
            let session = unit.state.identity.sessions.get_mut(&id);
            let open = session.filter(|session| session.user_id == user && session.ended_at.is_none());
            let Some(session) = open else { return Ok(false) };
            session.ended_at = Some(at);
            session.end_reason = Some(reason);
            Ok(true)
        })
    }
}

#[async_trait]
impl RefreshTokens for SystemUnit {
    async fn insert(&mut self, token: &RefreshToken) -> StoreResult<()> {
        self.statement(|unit| unit.state.identity.insert_refresh_token(token))
    }

    async fn consume(&mut self, hash: &TokenHash, now: Timestamp) -> StoreResult<Option<RefreshToken>> {
        self.statement(|unit| {
            let state = &mut unit.state.identity;
            let open = state.refresh_tokens.get(hash).filter(|token| state.is_open(token, now));
            let Some(open) = open else { return Ok(None) };
            let consumed = RefreshToken { consumed_at: Some(now), ..open.clone() };
            state.refresh_tokens.insert(*hash, consumed.clone());
            Ok(Some(consumed))
        })
    }

    async fn find_spent(&mut self, hash: &TokenHash) -> StoreResult<Option<SpentToken>> {
        self.statement(|unit| {
            let state = &unit.state.identity;
            let Some(token) = state.refresh_tokens.get(hash) else { return Ok(None) };
            let Some(SessionStanding { session, user_status }) = state.standing(token.session_id) else {
                return Ok(None);
            };
            let successor = state.refresh_tokens.values().find(|other| other.parent == Some(token.id));
            let successor = successor.cloned();
            Ok(Some(SpentToken { token: token.clone(), session, user_status, successor }))
        })
    }
}

#[async_trait]
impl EmailTokens for SystemUnit {
    async fn insert_superseding(&mut self, token: &EmailToken, now: Timestamp) -> StoreResult<()> {
        self.statement(|unit| {
            let state = &mut unit.state.identity;
            unique(!state.email_tokens.contains_key(&token.token_hash), "email_tokens_token_hash_key")?;
            leads_somewhere(state.people.contains_key(&token.user_id), "email_tokens")?;
            let same = |other: &&mut EmailToken| {
                (other.user_id, other.purpose) == (token.user_id, token.purpose)
                    && other.state(now) == TokenState::Open
            };
            for older in state.email_tokens.values_mut().filter(same) {
                older.expires_at = now;
            }
            state.email_tokens.insert(token.token_hash, token.clone());
            Ok(())
        })
    }

    async fn consume(
        &mut self,
        hash: &TokenHash,
        purpose: EmailTokenPurpose,
        now: Timestamp,
    ) -> StoreResult<Option<EmailToken>> {
        self.statement(|unit| {
            let token = unit.state.identity.email_tokens.get_mut(hash);
            let open = token.filter(|token| token.purpose == purpose && token.state(now) == TokenState::Open);
            Ok(open.map(|token| {
                token.used_at = Some(now);
                token.clone()
            }))
        })
    }

    async fn find(&mut self, hash: &TokenHash) -> StoreResult<Option<EmailToken>> {
        self.statement(|unit| Ok(unit.state.identity.email_tokens.get(hash).cloned()))
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
}

#[async_trait]
impl UnitOfWork<dyn IdentityTx, SystemScope> for Store {
    async fn run_erased(&self, scope: &SystemScope, work: &mut dyn Work<dyn IdentityTx>) -> StoreResult<()> {
        self.run_unit(scope, work, |unit| unit).await
    }
}

#[async_trait]
impl UserReader for Store {
    async fn find(&self, scope: &UserScope) -> StoreResult<Option<Person>> {
        Ok(self.state().await?.identity.people.get(&scope.user()).cloned())
    }
}

#[async_trait]
impl UserDirectory for Store {
    async fn find_by_email(&self, _: &SystemScope, email: &EmailAddress) -> StoreResult<Option<Person>> {
        Ok(self.state().await?.identity.by_email(email).cloned())
    }

    async fn list_entries(&self, _: &SystemScope, users: &[UserId]) -> StoreResult<Vec<DirectoryEntry>> {
        let state = self.state().await?;
        let known =
            state.identity.people.values().filter(|person| {
                users.contains(&person.user.id) && person.user.status != UserStatus::Deleted
            });
        Ok(known
            .map(|Person { user, profile }| DirectoryEntry {
                user_id: user.id,
                email: user.email.clone(),
                display_name: profile.display_name.clone(),
            })
            .collect())
    }
}

#[async_trait]
impl SessionReader for Store {
    async fn find_standing(&self, _: &SystemScope, id: SessionId) -> StoreResult<Option<SessionStanding>> {
        Ok(self.state().await?.identity.standing(id))
    }
}
