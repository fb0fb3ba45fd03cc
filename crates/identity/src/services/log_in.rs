//! Starting a session.

use super::{SessionService, TokenPair, failed_login, start::Beginning};
use crate::{
    Account, EmailAddress, IdentityError, MfaChallenge, PasswordAttempt, PasswordHash, Person, User,
    UserStatus,
    error::IdentityResult,
    events,
    ports::{IdentityTx, PasswordCheck},
};
use kernel::{CallContext, FieldErrors, RawToken, SystemScope, TokenKind, UserId, field::Checker};
use secrecy::SecretString;

/// What somebody gives to come in.
#[derive(Debug, Clone)]
pub struct LogIn {
    /// Their address.
    pub email: String,
    /// Their password.
    pub password: SecretString,
}

impl LogIn {
    fn check(&self) -> Result<(EmailAddress, PasswordAttempt), FieldErrors> {
        let mut check = Checker::default();
        let email = check.field("/email", EmailAddress::parse(&self.email));
        let password = check.field("/password", PasswordAttempt::parse(&self.password));
        check.finish_with(email.zip(password))
    }
}

/// Somebody who has come in.
#[derive(Debug, Clone)]
pub struct LoggedIn {
    /// What holds their session.
    pub tokens: TokenPair,
    /// Who they are.
    pub account: Account,
}

/// What address and password are answered with.
#[derive(Debug, Clone)]
pub enum FirstStep {
    /// They were enough.
    LoggedIn(Box<LoggedIn>),
    /// The person has a second factor: this token stands for the right password until it is shown.
    SecondFactor(RawToken),
}

/// What a unit of work began.
enum Begun {
    Session(TokenPair),
    Challenge(RawToken),
}

impl SessionService {
    /// Starts a session for address and password, or lets who has a second factor show it.
    ///
    /// Whether the address is known, and everything else about the account, shows only to who gives its password:
    /// until then answer and effort are the same.
    ///
    /// # Errors
    /// [`IdentityError::Invalid`], [`IdentityError::InvalidCredentials`], [`IdentityError::EmailNotVerified`],
    /// [`IdentityError::AccountDisabled`], [`IdentityError::Overloaded`], or the store's.
    pub async fn log_in(&self, ctx: &CallContext, request: &LogIn) -> IdentityResult<FirstStep> {
        let (email, password) = request.check()?;
        let person = self.directory.find_by_email(&SystemScope::for_authentication(), &email).await?;
        let stored = person.as_ref().and_then(|person| person.user.password_hash.as_ref());
        let check = self.hasher.verify(&password, stored).await?;
        let (PasswordCheck::Verified { rehash }, Some(person)) = (check, &person) else {
            self.note_failure(ctx, person.map(|person| person.user.id)).await?;
            return Err(IdentityError::InvalidCredentials);
        };
        admit(&person.user)?;
        let fresh = if rehash { Some(self.hasher.hash(&password).await?) } else { None };
        Ok(match self.start(ctx, person, fresh).await? {
            Begun::Session(tokens) => {
                FirstStep::LoggedIn(Box::new(LoggedIn { tokens, account: Account::from(person) }))
            }
            Begun::Challenge(token) => FirstStep::SecondFactor(token),
        })
    }

    async fn start(
        &self,
        ctx: &CallContext,
        person: &Person,
        rehashed: Option<PasswordHash>,
    ) -> IdentityResult<Begun> {
        let (scope, proven) = (SystemScope::for_authentication(), &person.user);
        let work = self.uow.run(&scope, async |tx| {
            let mut user = tx.users().find(proven.id).await?.ok_or(IdentityError::InvalidCredentials)?;
            // The password may have been changed, or its owner shut out, while it was being checked.
            if user.password_hash != proven.password_hash {
                return Err(IdentityError::InvalidCredentials);
            }
            admit(&user)?;
            if let Some(hash) = rehashed {
                let stored = user.version;
                user = user.with_rehashed_password(hash);
                tx.users().save(&user, stored).await?;
            }
            if tx.factors().find(user.id).await?.is_some_and(|factor| factor.is_confirmed()) {
                return self.challenge(tx, ctx, &user).await;
            }
            let begun = Beginning::of(user.id, &*self.access, &self.mint, ctx, &self.env)?;
            begun.write(tx, ctx, &self.env).await?;
            Ok(Begun::Session(begun.tokens))
        });
        work.await
    }

    async fn challenge(
        &self,
        tx: &mut dyn IdentityTx,
        ctx: &CallContext,
        user: &User,
    ) -> IdentityResult<Begun> {
        let (token, now) = (self.mint.random(TokenKind::Challenge)?, self.env.now());
        let challenge = MfaChallenge::issue(self.env.id(), user, token.hash(), now);
        tx.challenges().insert(&challenge, now).await?;
        tx.events().append(events::mfa_required(&self.env, ctx, user.id)).await?;
        Ok(Begun::Challenge(token))
    }

    /// Both failures cost one job, so that the known address does not show by the effort of its audit trail.
    async fn note_failure(&self, ctx: &CallContext, user: Option<UserId>) -> IdentityResult<()> {
        let scope = SystemScope::for_authentication();
        let work = self.uow.run(&scope, async |tx| {
            tx.jobs().enqueue(failed_login::job(&self.env, ctx, user)).await?;
            Ok(())
        });
        work.await
    }
}

/// Whether somebody who has given the right password may come in.
pub(super) fn admit(user: &User) -> IdentityResult<()> {
    match user.status {
        UserStatus::Deleted => Err(IdentityError::InvalidCredentials),
        UserStatus::Banned => Err(IdentityError::AccountDisabled),
        UserStatus::Active if user.email_verified_at.is_none() => Err(IdentityError::EmailNotVerified),
        UserStatus::Active => Ok(()),
    }
}
