//! Sending the mails of this crate.

use super::letters::{Letter, RESET, VERIFY};
use crate::{
    EmailAddress, EmailToken, EmailTokenPurpose, User, error::IdentityResult, ports::IdentityTx,
    ports::IdentityUow,
};
use async_trait::async_trait;
use kernel::{
    CallContext, Environment, Failure, Job, JobFailure, JobHandler, JobId, LinkBase, Mail, Mailer, NewJob,
    RawToken, SystemScope, TokenKind, TokenMint, TokenState, UserId,
};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// The kind of job that [`SendMail`] handles.
const KIND: &str = "identity.send_mail";

/// Which mail.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MailPurpose {
    /// The link that proves an address.
    VerifyEmail,
    /// Somebody tried to sign up with an address that has an account.
    SignUpNotice,
    /// Logins take a second factor from now on.
    SecondFactorAdded,
    /// Logins take no second factor any more.
    SecondFactorRemoved,
    /// Somebody came in by a recovery code.
    RecoveryCodeUsed,
    /// The link that lets set a new password.
    ResetPassword,
    /// The password was changed or reset.
    PasswordChanged,
    /// To the new address: the link that moves the account there; or, when it has an account, a notice to its owner.
    ConfirmNewEmail,
    /// To the old address: the account has moved.
    EmailChanged,
}

impl MailPurpose {
    /// The stable name, as in the job's dedup key.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::VerifyEmail => "verify_email",
            Self::SignUpNotice => "sign_up_notice",
            Self::SecondFactorAdded => "second_factor_added",
            Self::SecondFactorRemoved => "second_factor_removed",
            Self::RecoveryCodeUsed => "recovery_code_used",
            Self::ResetPassword => "reset_password",
            Self::PasswordChanged => "password_changed",
            Self::ConfirmNewEmail => "confirm_new_email",
            Self::EmailChanged => "email_changed",
        }
    }
}

#[derive(Debug, Serialize, Deserialize)]
struct Payload {
    /// `None` when nobody has the address that a mail was asked for: there is none then.
    user_id: Option<UserId>,
    purpose: MailPurpose,
    /// Where it goes when not to the user's present address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    to: Option<EmailAddress>,
}

/// The job that sends a mail to a user; one of a purpose at a time.
pub(super) fn job(env: &Environment, ctx: &CallContext, user_id: UserId, purpose: MailPurpose) -> NewJob {
    job_for_anybody(env, ctx, Some(user_id), purpose).deduplicated(format!("{}:{user_id}", purpose.name()))
}

/// The job that sends a mail which was asked for, to somebody or nobody: the same work for a known and an unknown
/// address. Its handler keeps mails apart by [`EmailToken::PAUSE`].
pub(super) fn job_for_anybody(
    env: &Environment,
    ctx: &CallContext,
    user_id: Option<UserId>,
    purpose: MailPurpose,
) -> NewJob {
    let payload = serde_json::json!({ "user_id": user_id, "purpose": purpose });
    NewJob::new(env, ctx, KIND, payload)
}

/// The job that sends a mail to an address which is the user's no longer.
pub(super) fn job_to(
    env: &Environment,
    ctx: &CallContext,
    (user_id, to): (UserId, &EmailAddress),
    purpose: MailPurpose,
) -> NewJob {
    let payload = serde_json::json!({ "user_id": user_id, "purpose": purpose, "to": to });
    NewJob::new(env, ctx, KIND, payload)
}

/// The token in the mail of this job: known to who enqueues it, and again to who handles it.
pub(super) fn token_of(mint: &TokenMint, job: JobId) -> RawToken {
    mint.for_mail(TokenKind::Email, job)
}

/// Handles the jobs that send mails. The token of a mail is derived from its job, so a second run sends the same
/// mail, and the mailer sees by its key that it is the same.
#[derive(Clone)]
pub struct SendMail {
    uow: Arc<IdentityUow>,
    mailer: Arc<dyn Mailer>,
    mint: TokenMint,
    links: LinkBase,
    env: Environment,
}

impl SendMail {
    /// The handler over this store and mailer.
    #[must_use]
    pub fn new(
        uow: Arc<IdentityUow>,
        mailer: Arc<dyn Mailer>,
        mint: TokenMint,
        links: LinkBase,
        env: Environment,
    ) -> Self {
        Self { uow, mailer, mint, links, env }
    }

    /// The mail as it is to be sent now; `None` when there is no longer a reason for it.
    async fn compose(&self, job: &Job, payload: &Payload) -> IdentityResult<Option<Mail>> {
        let Some(user) = payload.user_id else { return Ok(None) };
        let (scope, token) = (SystemScope::for_worker(), token_of(&self.mint, job.id));
        let work = self.uow.run(&scope, async |tx| -> IdentityResult<Option<Mail>> {
            let user = tx.users().find(user).await?.and_then(User::if_active);
            let Some(user) = user else { return Ok(None) };
            let notice = |letter: Letter| Some(letter.to(&user.email, job.id));
            let linked = |letter: Letter, link: &str| Some(letter.with_link(&user.email, job.id, link));
            Ok(match payload.purpose {
                MailPurpose::SignUpNotice => {
                    let is_first = self.open(tx, &user, EmailTokenPurpose::SignUpNotice, &token).await?;
                    is_first.then(|| notice(Letter::SIGN_UP_NOTICE)).flatten()
                }
                MailPurpose::PasswordChanged => notice(Letter::PASSWORD_CHANGED),
                MailPurpose::EmailChanged => {
                    payload.to.as_ref().map(|old| Letter::EMAIL_CHANGED.to(old, job.id))
                }
                MailPurpose::ConfirmNewEmail => self.confirmation(tx, &user, &token, job.id).await?,
                MailPurpose::ResetPassword => {
                    let is_open = self.open(tx, &user, EmailTokenPurpose::ResetPassword, &token).await?;
                    is_open
                        .then(|| linked(Letter::RESET_PASSWORD, &self.links.client_with_token(RESET, &token)))
                        .flatten()
                }
                MailPurpose::VerifyEmail if user.email_verified_at.is_some() => None,
                MailPurpose::VerifyEmail => {
                    let is_open = self.open(tx, &user, EmailTokenPurpose::VerifyEmail, &token).await?;
                    is_open
                        .then(|| linked(Letter::VERIFY_EMAIL, &self.links.with_token(VERIFY, &token)))
                        .flatten()
                }
                MailPurpose::SecondFactorAdded => notice(Letter::SECOND_FACTOR_ADDED),
                MailPurpose::SecondFactorRemoved => notice(Letter::SECOND_FACTOR_REMOVED),
                MailPurpose::RecoveryCodeUsed => notice(Letter::RECOVERY_CODE_USED),
            })
        });
        work.await
    }

    /// Sees to it that the mail's token is stored and open, superseding older ones; `false` when a newer mail has
    /// taken this one's place, or another one has just been sent.
    async fn open(
        &self,
        tx: &mut dyn IdentityTx,
        user: &User,
        purpose: EmailTokenPurpose,
        token: &RawToken,
    ) -> IdentityResult<bool> {
        let now = self.env.now();
        if let Some(earlier_run) = tx.email_tokens().find(&token.hash()).await? {
            return Ok(earlier_run.state(now) == TokenState::Open);
        }
        let before = tx.email_tokens().find_open(user.id, purpose, now).await?;
        if before.is_some_and(|before| before.is_recent(now)) {
            return Ok(false);
        }
        let issued = EmailToken::issue(self.env.id(), user.id, purpose, token.hash(), now);
        tx.email_tokens().insert_superseding(&issued, now).await?;
        Ok(true)
    }

    /// The link to the address that the token waits for; or a notice to the owner of an account that is there already.
    async fn confirmation(
        &self,
        tx: &mut dyn IdentityTx,
        user: &User,
        token: &RawToken,
        job: JobId,
    ) -> IdentityResult<Option<Mail>> {
        let waiting = tx.email_tokens().find(&token.hash()).await?;
        let open = waiting.filter(|waiting| waiting.state(self.env.now()) == TokenState::Open);
        let Some(address) = open.and_then(|open| open.new_email) else { return Ok(None) };
        let owner = tx.users().find_by_email(&address).await?.filter(|owner| owner.id != user.id);
        Ok(match owner {
            Some(owner) => owner.if_active().map(|owner| Letter::ADDRESS_NOTICE.to(&owner.email, job)),
            None => {
                let link = self.links.with_token(VERIFY, token);
                Some(Letter::CONFIRM_NEW_EMAIL.with_link(&address, job, &link))
            }
        })
    }
}

#[async_trait]
impl JobHandler for SendMail {
    fn kind(&self) -> &'static str {
        KIND
    }

    async fn handle(&self, job: &Job) -> Result<(), JobFailure> {
        let payload = Payload::deserialize(&job.payload).map_err(|e| JobFailure::Permanent(e.to_string()))?;
        let mail = self.compose(job, &payload).await.map_err(|e| JobFailure::of(&e as &dyn Failure))?;
        let Some(mail) = mail else { return Ok(()) };
        Ok(self.mailer.send(&mail).await?)
    }
}
