//! The second step of a login.

use super::{SCOPE, SecondFactorService};
use crate::{
    Account, IdentityError, MfaChallenge, MfaFactor, RecoveryCode, User,
    error::IdentityResult,
    events,
    ports::IdentityTx,
    services::{LoggedIn, MailPurpose, TokenPair, log_in::admit, mail, start::Beginning},
};
use kernel::{Actor, CallContext, RawToken, Timestamp, TokenHash, TokenKind, UserId, UserScope};
use secrecy::{ExposeSecret, SecretString};

/// What is shown to pass a challenge.
#[derive(Debug, Clone)]
pub enum Proof {
    /// What the authenticator shows.
    Code(SecretString),
    /// One of the recovery codes, which is used up by it.
    RecoveryCode(SecretString),
}

/// What a unit of work made of a proof. A wrong one is an outcome, not an error: an error would roll its count back.
enum Outcome {
    Passed(UserId, TokenPair),
    Wrong,
}

impl SecondFactorService {
    /// Starts the session of a login whose password was right, when the proof is right too.
    ///
    /// A challenge takes five answers. Wrong codes are also counted per account, as another challenge is only a login
    /// away; while there are too many no code is looked at, but recovery codes are: nobody guesses those, and they let
    /// the owner in. Whoever has the password may keep codes from being looked at; they can't keep the owner out.
    ///
    /// # Errors
    /// [`IdentityError::MfaTokenInvalid`], [`IdentityError::MfaCodeInvalid`], [`IdentityError::MfaBlocked`],
    /// [`IdentityError::AccountDisabled`], [`IdentityError::Crypto`], or the store's.
    pub async fn pass(&self, ctx: &CallContext, token: &str, proof: &Proof) -> IdentityResult<LoggedIn> {
        let shown = RawToken::parse(TokenKind::Challenge, token).ok_or(IdentityError::MfaTokenInvalid)?;
        let (hash, now) = (shown.hash(), self.env.now());
        let work = self.uow.run(&SCOPE, async |tx| -> IdentityResult<Outcome> {
            let (user, factor) = self.challenged(tx, &hash, now).await?;
            if let (Proof::Code(_), Some(wait)) = (proof, factor.blocked_for(now)) {
                return Err(IdentityError::MfaBlocked(wait));
            }
            let challenge = tx.challenges().answer(&hash, now).await?;
            let challenge = challenge.ok_or(IdentityError::MfaTokenInvalid)?;
            if !self.accepts(tx, ctx, &factor, proof, now).await? {
                return self.refuse(tx, ctx, &factor, proof, now).await;
            }
            if !tx.challenges().consume(challenge.id, now).await? {
                return Err(IdentityError::MfaTokenInvalid);
            }
            let begun = Beginning::of(user.id, &*self.access, &self.mint, ctx, &self.env)?;
            begun.write(tx, ctx, &self.env).await?;
            Ok(Outcome::Passed(user.id, begun.tokens))
        });
        match work.await? {
            Outcome::Passed(user, tokens) => Ok(LoggedIn { tokens, account: self.account(ctx, user).await? }),
            Outcome::Wrong => Err(IdentityError::MfaCodeInvalid),
        }
    }

    /// The person whose challenge it is and their factor. Holding the person first keeps the order in which logins and
    /// enrolments hold rows.
    async fn challenged(
        &self,
        tx: &mut dyn IdentityTx,
        hash: &TokenHash,
        now: Timestamp,
    ) -> IdentityResult<(User, MfaFactor)> {
        let open = tx.challenges().find(hash).await?.filter(|challenge| challenge.is_open(now));
        let MfaChallenge { user_id, user_version, .. } = open.ok_or(IdentityError::MfaTokenInvalid)?;
        let user = tx.users().find(user_id).await?.ok_or(IdentityError::MfaTokenInvalid)?;
        if user.version != user_version {
            return Err(IdentityError::MfaTokenInvalid);
        }
        admit(&user)?;
        let factor = tx.factors().find(user_id).await?.filter(MfaFactor::is_confirmed);
        Ok((user, factor.ok_or(IdentityError::MfaTokenInvalid)?))
    }

    async fn accepts(
        &self,
        tx: &mut dyn IdentityTx,
        ctx: &CallContext,
        factor: &MfaFactor,
        proof: &Proof,
        now: Timestamp,
    ) -> IdentityResult<bool> {
        match proof {
            Proof::Code(code) => match self.secret_of(factor)?.step_of(code.expose_secret(), now) {
                Some(step) => Ok(tx.factors().use_step(factor.id, step).await?),
                None => Ok(false),
            },
            Proof::RecoveryCode(text) => {
                let Some(code) = RecoveryCode::parse(text.expose_secret()) else { return Ok(false) };
                let user = factor.user_id;
                if !tx.recovery_codes().consume(user, &code.hash(), now).await? {
                    return Ok(false);
                }
                let left = tx.recovery_codes().count_open(user).await?;
                tx.events().append(events::recovery_code_used(&self.env, ctx, user, left)).await?;
                tx.jobs().enqueue(mail::job(&self.env, ctx, user, MailPurpose::RecoveryCodeUsed)).await?;
                Ok(true)
            }
        }
    }

    async fn refuse(
        &self,
        tx: &mut dyn IdentityTx,
        ctx: &CallContext,
        factor: &MfaFactor,
        proof: &Proof,
        now: Timestamp,
    ) -> IdentityResult<Outcome> {
        if let Proof::Code(_) = proof {
            tx.factors().save(&factor.with_failure(now)).await?;
        }
        tx.events().append(events::mfa_failed(&self.env, ctx, factor.user_id)).await?;
        Ok(Outcome::Wrong)
    }

    async fn account(&self, ctx: &CallContext, user: UserId) -> IdentityResult<Account> {
        let theirs = CallContext { actor: Actor::User(user), ..ctx.clone() };
        let scope = UserScope::of(&theirs).ok_or(IdentityError::Unauthenticated)?;
        let person = self.users.find(&scope).await?.ok_or(IdentityError::Unauthenticated)?;
        Ok(Account::from(&person))
    }
}
