//! A store in memory for these stories: units run one after the other, and a unit's copy replaces the whole at its
//! commit.

use async_trait::async_trait;
use identity::{
    DirectoryEntry, EmailAddress, EmailToken, EmailTokenPurpose, EndReason, Person, Profile, RefreshToken,
    Session, SpentToken, TokenHash, TokenState, User, UserStatus,
    ports::{
        EmailTokens, IdentityTx, RefreshTokens, SessionReader, SessionRepository, SessionStanding,
        UserDirectory, UserReader, UserRepository,
    },
};
use kernel::{
    EventOutbox, IdempotencyKey, IdempotencyRecords, JobOutbox, NewEvent, NewJob, SessionId, StoreError,
    StoreResult, SystemScope, Timestamp, Tx, UnitOfWork, UserId, UserScope, Verdict, Work,
};
use std::sync::atomic::{AtomicBool, Ordering};
use tokio::sync::Mutex;

#[derive(Clone, Default)]
pub(crate) struct State {
    pub(crate) people: Vec<Person>,
    pub(crate) sessions: Vec<Session>,
    pub(crate) refresh_tokens: Vec<RefreshToken>,
    pub(crate) email_tokens: Vec<EmailToken>,
    pub(crate) events: Vec<NewEvent>,
    pub(crate) jobs: Vec<NewJob>,
    pub(crate) answers: Vec<(IdempotencyKey, serde_json::Value)>,
}

impl State {
    fn user_mut(&mut self, id: UserId) -> Option<&mut User> {
        self.people.iter_mut().map(|person| &mut person.user).find(|user| user.id == id)
    }

    fn session_is_open(&self, id: SessionId, now: Timestamp) -> bool {
        let Some(session) = self.sessions.iter().find(|s| s.id == id) else { return false };
        let user = self.people.iter().find(|p| p.user.id == session.user_id);
        session.is_live(now) && user.is_some_and(|p| p.user.status == UserStatus::Active)
    }
}

#[derive(Default)]
pub(crate) struct Store {
    state: Mutex<State>,
    /// While set, the next unit sees no address: as if it were taken right after the look.
    pub(crate) hides_addresses_once: AtomicBool,
}

impl Store {
    pub(crate) async fn state(&self) -> State {
        self.state.lock().await.clone()
    }

    /// What an administrator or a later issue's use case would change.
    pub(crate) async fn change_user(&self, id: UserId, change: impl FnOnce(&mut User)) {
        change(self.state.lock().await.user_mut(id).unwrap());
    }
}

#[async_trait]
impl UnitOfWork<dyn IdentityTx, SystemScope> for Store {
    async fn run_erased(&self, _: &SystemScope, work: &mut dyn Work<dyn IdentityTx>) -> StoreResult<()> {
        let mut stored = self.state.lock().await;
        let hides_addresses = self.hides_addresses_once.swap(false, Ordering::SeqCst);
        let mut unit = Unit { state: stored.clone(), hides_addresses };
        if work.go(&mut unit).await == Verdict::Commit {
            *stored = unit.state;
        }
        Ok(())
    }
}

struct Unit {
    state: State,
    hides_addresses: bool,
}

impl Tx for Unit {
    fn events(&mut self) -> &mut dyn EventOutbox {
        self
    }

    fn jobs(&mut self) -> &mut dyn JobOutbox {
        self
    }

    fn idempotency(&mut self) -> &mut dyn IdempotencyRecords {
        self
    }
}

impl IdentityTx for Unit {
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

fn unique(is_free: bool, rule: &str) -> StoreResult<()> {
    if is_free { Ok(()) } else { Err(StoreError::Conflict(rule.to_owned())) }
}

#[async_trait]
impl EventOutbox for Unit {
    async fn append(&mut self, event: NewEvent) -> StoreResult<()> {
        unique(self.state.events.iter().all(|e| e.id != event.id), "events")?;
        self.state.events.push(event);
        Ok(())
    }
}

#[async_trait]
impl JobOutbox for Unit {
    async fn enqueue(&mut self, job: NewJob) -> StoreResult<bool> {
        let same = |other: &NewJob| other.kind == job.kind && other.dedup_key == job.dedup_key;
        if job.dedup_key.is_some() && self.state.jobs.iter().any(same) {
            return Ok(false);
        }
        self.state.jobs.push(job);
        Ok(true)
    }
}

#[async_trait]
impl IdempotencyRecords for Unit {
    async fn claim(&mut self, key: &IdempotencyKey, _: Timestamp) -> StoreResult<Option<serde_json::Value>> {
        let mut answers = self.state.answers.iter();
        Ok(answers.find(|(stored, _)| stored == key).map(|(_, answer)| answer.clone()))
    }

    async fn store(
        &mut self,
        key: &IdempotencyKey,
        answer: &serde_json::Value,
        _: Timestamp,
    ) -> StoreResult<()> {
        self.state.answers.push((key.clone(), answer.clone()));
        Ok(())
    }
}

#[async_trait]
impl UserRepository for Unit {
    async fn insert(&mut self, user: &User, profile: &Profile) -> StoreResult<()> {
        let lower = user.email.lower();
        unique(self.state.people.iter().all(|p| p.user.email.lower() != lower), "users_email_lower")?;
        self.state.people.push(Person { user: user.clone(), profile: profile.clone() });
        Ok(())
    }

    async fn find(&mut self, id: UserId) -> StoreResult<Option<User>> {
        Ok(self.state.user_mut(id).cloned())
    }

    async fn find_by_email(&mut self, email: &EmailAddress) -> StoreResult<Option<User>> {
        let mut users = self.state.people.iter().map(|person| &person.user);
        Ok(users.find(|user| !self.hides_addresses && user.email.lower() == email.lower()).cloned())
    }

    async fn save(&mut self, user: &User, expected: i32) -> StoreResult<()> {
        let stored = self.state.user_mut(user.id).filter(|stored| stored.version == expected);
        *stored.ok_or(StoreError::Stale)? = user.clone();
        Ok(())
    }
}

#[async_trait]
impl SessionRepository for Unit {
    async fn insert(&mut self, session: &Session) -> StoreResult<()> {
        self.state.sessions.push(session.clone());
        Ok(())
    }

    async fn touch(&mut self, id: SessionId, at: Timestamp) -> StoreResult<()> {
        for session in self.state.sessions.iter_mut().filter(|session| session.id == id) {
            session.last_seen_at = session.last_seen_at.max(at);
        }
        Ok(())
    }

    async fn end(
        &mut self,
        id: SessionId,
        user: UserId,
        reason: EndReason,
        at: Timestamp,
    ) -> StoreResult<bool> {
        let mut sessions = self.state.sessions.iter_mut();
        let open = sessions.find(|s| s.id == id && s.user_id == user && s.ended_at.is_none());
        Ok(open
            .map(|session| {
                session.ended_at = Some(at);
                session.end_reason = Some(reason);
            })
            .is_some())
    }
}

#[async_trait]
impl RefreshTokens for Unit {
    async fn insert(&mut self, token: &RefreshToken) -> StoreResult<()> {
        let tokens = &mut self.state.refresh_tokens;
        unique(tokens.iter().all(|t| t.token_hash != token.token_hash), "refresh_tokens_hash")?;
        unique(
            token.parent.is_none() || tokens.iter().all(|t| t.parent != token.parent),
            "refresh_tokens_parent",
        )?;
        tokens.push(token.clone());
        Ok(())
    }

    async fn consume(&mut self, hash: &TokenHash, now: Timestamp) -> StoreResult<Option<RefreshToken>> {
        let of_open_session: Vec<bool> =
            self.state.refresh_tokens.iter().map(|t| self.state.session_is_open(t.session_id, now)).collect();
        let tokens = self.state.refresh_tokens.iter_mut().zip(of_open_session);
        let open = |(token, live): &(&mut RefreshToken, bool)| {
            token.token_hash == *hash && token.state(now) == TokenState::Open && *live
        };
        Ok(tokens.into_iter().find(open).map(|(token, _)| {
            token.consumed_at = Some(now);
            token.clone()
        }))
    }

    async fn find_spent(&mut self, hash: &TokenHash) -> StoreResult<Option<SpentToken>> {
        let state = &self.state;
        let Some(token) = state.refresh_tokens.iter().find(|t| t.token_hash == *hash) else {
            return Ok(None);
        };
        let session = state.sessions.iter().find(|s| s.id == token.session_id).unwrap();
        let person = state.people.iter().find(|p| p.user.id == session.user_id).unwrap();
        Ok(Some(SpentToken {
            token: token.clone(),
            session: session.clone(),
            user_status: person.user.status,
            successor: state.refresh_tokens.iter().find(|t| t.parent == Some(token.id)).cloned(),
        }))
    }
}

#[async_trait]
impl EmailTokens for Unit {
    async fn insert_superseding(&mut self, token: &EmailToken, now: Timestamp) -> StoreResult<()> {
        let tokens = &mut self.state.email_tokens;
        unique(tokens.iter().all(|t| t.token_hash != token.token_hash), "email_tokens_hash")?;
        for older in tokens.iter_mut().filter(|t| (t.user_id, t.purpose) == (token.user_id, token.purpose)) {
            if older.state(now) == TokenState::Open {
                older.expires_at = now;
            }
        }
        tokens.push(token.clone());
        Ok(())
    }

    async fn consume(
        &mut self,
        hash: &TokenHash,
        purpose: EmailTokenPurpose,
        now: Timestamp,
    ) -> StoreResult<Option<EmailToken>> {
        let mut tokens = self.state.email_tokens.iter_mut();
        let open = |t: &&mut EmailToken| {
            t.token_hash == *hash && t.purpose == purpose && t.state(now) == TokenState::Open
        };
        Ok(tokens.find(open).map(|token| {
            token.used_at = Some(now);
            token.clone()
        }))
    }

    async fn find(&mut self, hash: &TokenHash) -> StoreResult<Option<EmailToken>> {
        Ok(self.state.email_tokens.iter().find(|t| t.token_hash == *hash).cloned())
    }
}

#[async_trait]
impl UserReader for Store {
    async fn find(&self, scope: &UserScope) -> StoreResult<Option<Person>> {
        Ok(self.state().await.people.into_iter().find(|person| person.user.id == scope.user()))
    }
}

#[async_trait]
impl UserDirectory for Store {
    async fn find_by_email(&self, _: &SystemScope, email: &EmailAddress) -> StoreResult<Option<Person>> {
        let people = self.state().await.people;
        Ok(people.into_iter().find(|person| person.user.email.lower() == email.lower()))
    }

    async fn list_entries(&self, _: &SystemScope, users: &[UserId]) -> StoreResult<Vec<DirectoryEntry>> {
        let people = self.state().await.people.into_iter();
        let known = people.filter(|p| users.contains(&p.user.id) && p.user.status != UserStatus::Deleted);
        Ok(known
            .map(|p| DirectoryEntry {
                user_id: p.user.id,
                email: p.user.email,
                display_name: p.profile.display_name,
            })
            .collect())
    }
}

#[async_trait]
impl SessionReader for Store {
    async fn find_standing(&self, _: &SystemScope, id: SessionId) -> StoreResult<Option<SessionStanding>> {
        let state = self.state().await;
        let Some(session) = state.sessions.into_iter().find(|s| s.id == id) else { return Ok(None) };
        let user = state.people.into_iter().find(|p| p.user.id == session.user_id).unwrap().user;
        Ok(Some(SessionStanding { session, user_status: user.status }))
    }
}
