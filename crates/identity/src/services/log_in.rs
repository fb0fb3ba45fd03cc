//! Starting a session.

use super::{SessionService, TokenPair, failed_login};
use crate::{
    Account, EmailAddress, IdentityError, PasswordAttempt, PasswordHash, Person, RefreshToken, Session, User,
    UserStatus, error::IdentityResult, events, ports::PasswordCheck,
};
use kernel::{CallContext, FieldErrors, SystemScope, TokenKind, UserId, field::Checker};
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

impl SessionService {
    /// Starts a session for address and password.
    ///
    /// Whether the address is known, and everything else about the account, shows only to who gives its password:
    /// until then answer and effort are the same.
    ///
    /// # Errors
    /// [`IdentityError::Invalid`], [`IdentityError::InvalidCredentials`], [`IdentityError::EmailNotVerified`],
    /// [`IdentityError::AccountDisabled`], [`IdentityError::Overloaded`], or the store's.
    pub async fn log_in(&self, ctx: &CallContext, request: &LogIn) -> IdentityResult<LoggedIn> {
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
        let tokens = self.start(ctx, person, fresh).await?;
        Ok(LoggedIn { tokens, account: Account::from(person) })
    }

    async fn start(
        &self,
        ctx: &CallContext,
        person: &Person,
        rehashed: Option<PasswordHash>,
    ) -> IdentityResult<TokenPair> {
        let (scope, proven) = (SystemScope::for_authentication(), &person.user);
        let session = Session::start(self.env.id(), proven.id, ctx, self.env.now());
        let refresh = self.mint.random(TokenKind::Refresh)?;
        let first = RefreshToken::first(self.env.id(), &session, refresh.hash());
        let access = self.access.issue(proven.id, session.id)?;
        let work = self.uow.run(&scope, async |tx| {
            let user = tx.users().find(proven.id).await?.ok_or(IdentityError::InvalidCredentials)?;
            // The password may have been changed, or its owner shut out, while it was being checked.
            if user.password_hash != proven.password_hash {
                return Err(IdentityError::InvalidCredentials);
            }
            admit(&user)?;
            if let Some(hash) = rehashed {
                tx.users().save(&user.with_rehashed_password(hash), user.version).await?;
            }
            tx.sessions().insert(&session).await?;
            tx.refresh_tokens().insert(&first).await?;
            tx.events().append(events::session_started(&self.env, ctx, &session)).await?;
            Ok(())
        });
        work.await?;
        Ok(TokenPair { access, refresh })
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
fn admit(user: &User) -> IdentityResult<()> {
    match user.status {
        UserStatus::Deleted => Err(IdentityError::InvalidCredentials),
        UserStatus::Banned => Err(IdentityError::AccountDisabled),
        UserStatus::Active if user.email_verified_at.is_none() => Err(IdentityError::EmailNotVerified),
        UserStatus::Active => Ok(()),
    }
}
