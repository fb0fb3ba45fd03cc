//! What every way to come in ends with: a session and the tokens that hold it.

use super::TokenPair;
use crate::{
    RefreshToken, Session,
    error::IdentityResult,
    events,
    ports::{AccessTokens, IdentityTx},
};
use kernel::{CallContext, Environment, StoreResult, TokenKind, TokenMint, UserId};

/// A session that is about to begin.
pub(super) struct Beginning {
    session: Session,
    first: RefreshToken,
    /// What will hold it.
    pub(super) tokens: TokenPair,
}

impl Beginning {
    /// A session of this user by this call.
    pub(super) fn of(
        user: UserId,
        access: &dyn AccessTokens,
        mint: &TokenMint,
        ctx: &CallContext,
        env: &Environment,
    ) -> IdentityResult<Self> {
        let session = Session::start(env.id(), user, ctx, env.now());
        let refresh = mint.random(TokenKind::Refresh)?;
        let first = RefreshToken::first(env.id(), &session, refresh.hash());
        let access = access.issue(user, session.id)?;
        Ok(Self { session, first, tokens: TokenPair { access, refresh } })
    }

    /// Stores it.
    pub(super) async fn write(
        &self,
        tx: &mut dyn IdentityTx,
        ctx: &CallContext,
        env: &Environment,
    ) -> StoreResult<()> {
        tx.sessions().insert(&self.session).await?;
        tx.refresh_tokens().insert(&self.first).await?;
        tx.events().append(events::session_started(env, ctx, &self.session)).await
    }
}
