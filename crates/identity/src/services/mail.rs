//! Sending the mails of this crate.

use crate::{
    EmailToken, EmailTokenPurpose, User, UserStatus,
    error::IdentityResult,
    ports::{IdentityTx, IdentityUow},
};
use async_trait::async_trait;
use kernel::{
    CallContext, Environment, Failure, Job, JobFailure, JobHandler, LinkBase, Mail, Mailer, NewJob, RawToken,
    SystemScope, TokenKind, TokenMint, TokenState, UserId,
};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// The kind of job that [`SendMail`] handles.
const KIND: &str = "identity.send_mail";

/// The route that takes the token of a verification mail.
const VERIFY: &str = "/api/v1/auth/verify-email?token=";

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
        }
    }
}

#[derive(Debug, Serialize, Deserialize)]
struct Payload {
    user_id: UserId,
    purpose: MailPurpose,
}

/// The job that sends a mail to a user; one of a purpose at a time.
pub(super) fn job(env: &Environment, ctx: &CallContext, user_id: UserId, purpose: MailPurpose) -> NewJob {
    let payload = serde_json::json!({ "user_id": user_id, "purpose": purpose });
    NewJob::new(env, ctx, KIND, payload).deduplicated(format!("{}:{user_id}", purpose.name()))
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
        let (scope, token) = (SystemScope::for_worker(), self.mint.for_mail(TokenKind::Email, job.id));
        let work = self.uow.run(&scope, async |tx| -> IdentityResult<Option<Mail>> {
            let user = tx.users().find(payload.user_id).await?;
            let Some(user) = user.filter(|user| user.status == UserStatus::Active) else { return Ok(None) };
            let mail = |subject: &str, text: String| Mail {
                to: user.email.as_str().to_owned(),
                subject: subject.to_owned(),
                text,
                key: job.id.to_string(),
            };
            Ok(match payload.purpose {
                MailPurpose::SignUpNotice => Some(mail(
                    "You have a RaptorFlow account already",
                    include_str!("../../data/mails/sign_up_notice.txt").to_owned(),
                )),
                MailPurpose::VerifyEmail if self.open_verification(tx, &user, &token).await? => {
                    let text = include_str!("../../data/mails/verify_email.txt");
                    let text = text.replace("{link}", &self.links.with_token(VERIFY, &token));
                    Some(mail("Confirm your address for RaptorFlow", text))
                }
                MailPurpose::VerifyEmail => None,
                MailPurpose::SecondFactorAdded => Some(mail(
                    "Your RaptorFlow account has a second factor now",
                    include_str!("../../data/mails/second_factor_added.txt").to_owned(),
                )),
                MailPurpose::SecondFactorRemoved => Some(mail(
                    "Your RaptorFlow account has no second factor any more",
                    include_str!("../../data/mails/second_factor_removed.txt").to_owned(),
                )),
                MailPurpose::RecoveryCodeUsed => Some(mail(
                    "A recovery code of your RaptorFlow account was used",
                    include_str!("../../data/mails/recovery_code_used.txt").to_owned(),
                )),
            })
        });
        work.await
    }

    /// Sees to it that the mail's token is stored and open, superseding older ones; `false` when the address is
    /// proven already or a newer mail has taken this one's place.
    async fn open_verification(
        &self,
        tx: &mut dyn IdentityTx,
        user: &User,
        token: &RawToken,
    ) -> IdentityResult<bool> {
        if user.email_verified_at.is_some() {
            return Ok(false);
        }
        let now = self.env.now();
        if let Some(earlier_run) = tx.email_tokens().find(&token.hash()).await? {
            return Ok(earlier_run.state(now) == TokenState::Open);
        }
        let purpose = EmailTokenPurpose::VerifyEmail;
        let issued = EmailToken::issue(self.env.id(), user.id, purpose, token.hash(), now);
        tx.email_tokens().insert_superseding(&issued, now).await?;
        Ok(true)
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
