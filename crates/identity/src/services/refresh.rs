//! Buying the next pair of tokens.

use super::{SessionService, TokenPair};
use crate::{
    EndReason, IdentityError, RefreshToken, Replay, SpentToken, error::IdentityResult, events,
    ports::IdentityTx,
};
use kernel::{CallContext, RawToken, SessionId, SystemScope, Timestamp, TokenHash, TokenKind, UserId};

/// What a unit of work made of a refresh token. That a family ended is an outcome, not an error: an error would roll
/// the end back.
enum Outcome {
    Renewed(UserId, SessionId, RawToken),
    Refused,
}

impl SessionService {
    /// Uses a refresh token up and answers the next pair. Within ten seconds of the first use the same token gets
    /// the same successor; later its session ends.
    ///
    /// # Errors
    /// [`IdentityError::RefreshRefused`], or the store's.
    pub async fn refresh(&self, ctx: &CallContext, token: &str) -> IdentityResult<TokenPair> {
        let shown = RawToken::parse(TokenKind::Refresh, token).ok_or(IdentityError::RefreshRefused)?;
        let (scope, hash, now) = (SystemScope::for_authentication(), shown.hash(), self.env.now());
        let work = self.uow.run(&scope, async |tx| -> IdentityResult<Outcome> {
            match tx.refresh_tokens().consume(&hash, now).await? {
                Some(parent) => self.rotate(tx, &shown, &parent, now).await,
                None => self.replay(tx, ctx, &shown, &hash, now).await,
            }
        });
        match work.await? {
            Outcome::Renewed(user, session, refresh) => {
                Ok(TokenPair { access: self.access.issue(user, session)?, refresh })
            }
            Outcome::Refused => Err(IdentityError::RefreshRefused),
        }
    }

    async fn rotate(
        &self,
        tx: &mut dyn IdentityTx,
        shown: &RawToken,
        parent: &RefreshToken,
        now: Timestamp,
    ) -> IdentityResult<Outcome> {
        let successor = RefreshToken::successor_text(&self.mint, parent.session_id, shown);
        tx.refresh_tokens().insert(&parent.successor(self.env.id(), successor.hash(), now)).await?;
        tx.sessions().touch(parent.session_id, now).await?;
        Ok(Outcome::Renewed(parent.user_id, parent.session_id, successor))
    }

    async fn replay(
        &self,
        tx: &mut dyn IdentityTx,
        ctx: &CallContext,
        shown: &RawToken,
        hash: &TokenHash,
        now: Timestamp,
    ) -> IdentityResult<Outcome> {
        let Some(spent) = tx.refresh_tokens().find_spent(hash).await? else { return Ok(Outcome::Refused) };
        let SpentToken { session, successor, .. } = &spent;
        match spent.judge(now) {
            Replay::Refused => Ok(Outcome::Refused),
            Replay::SameSuccessor => {
                let again = RefreshToken::successor_text(&self.mint, session.id, shown);
                // Another hash means that the server's key has changed in between.
                let is_same = successor.as_ref().is_some_and(|stored| stored.token_hash == again.hash());
                Ok(if is_same {
                    Outcome::Renewed(session.user_id, session.id, again)
                } else {
                    Outcome::Refused
                })
            }
            Replay::Reused => {
                let family = (session.id, session.user_id);
                if tx.sessions().end(session.id, session.user_id, EndReason::TokenReused, now).await? {
                    tx.events().append(events::session_token_reused(&self.env, ctx, family)).await?;
                    let ended = events::session_ended(&self.env, ctx, family, EndReason::TokenReused);
                    tx.events().append(ended).await?;
                }
                Ok(Outcome::Refused)
            }
        }
    }
}
