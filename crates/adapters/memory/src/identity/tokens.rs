use super::{State, SystemUnit, leads_somewhere, unique};
use ::identity::{
    EmailToken, EmailTokenPurpose, RefreshToken, SpentToken, UserStatus,
    ports::{EmailTokens, RefreshTokens, SessionStanding},
};
use async_trait::async_trait;
use kernel::{StoreResult, Timestamp, TokenHash, TokenState, UserId};

impl State {
    fn is_open(&self, token: &RefreshToken, now: Timestamp) -> bool {
        let stands = self.standing(token.session_id).is_some_and(|standing| {
            standing.session.is_live(now) && standing.user_status == UserStatus::Active
        });
        stands && token.state(now) == TokenState::Open
    }

    fn expire_email_tokens(&mut self, user: UserId, purposes: &[EmailTokenPurpose], now: Timestamp) {
        let open = |token: &&mut EmailToken| {
            token.user_id == user && purposes.contains(&token.purpose) && token.state(now) == TokenState::Open
        };
        for token in self.email_tokens.values_mut().filter(open) {
            token.expires_at = now;
            token.new_email = None;
        }
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
            state.expire_email_tokens(token.user_id, &[token.purpose], now);
            state.email_tokens.insert(token.token_hash, token.clone());
            Ok(())
        })
    }

    async fn expire(
        &mut self,
        user: UserId,
        purposes: &[EmailTokenPurpose],
        now: Timestamp,
    ) -> StoreResult<()> {
        self.statement(|unit| {
            unit.state.identity.expire_email_tokens(user, purposes, now);
            Ok(())
        })
    }

    async fn find_open(
        &mut self,
        user: UserId,
        purpose: EmailTokenPurpose,
        now: Timestamp,
    ) -> StoreResult<Option<EmailToken>> {
        self.statement(|unit| {
            let mut tokens = unit.state.identity.email_tokens.values();
            let open = |token: &&EmailToken| {
                (token.user_id, token.purpose) == (user, purpose) && token.state(now) == TokenState::Open
            };
            Ok(tokens.find(open).cloned())
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
                token.new_email = None;
                token.clone()
            }))
        })
    }

    async fn find(&mut self, hash: &TokenHash) -> StoreResult<Option<EmailToken>> {
        self.statement(|unit| Ok(unit.state.identity.email_tokens.get(hash).cloned()))
    }
}
