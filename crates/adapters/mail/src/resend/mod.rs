//! Mail to the API of Resend, which delivers it.

#[cfg(test)]
mod tests;

use crate::message::{self, Sender, Way};
use async_trait::async_trait;
use kernel::{Clock, Mail, MailError, Mailer, Timestamp};
use reqwest::{
    Response, StatusCode,
    header::{AUTHORIZATION, HeaderValue},
};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use std::{collections::BTreeMap, error::Error, sync::Arc};
use web::{Breakers, Dependency, Failed, Policy, Traced};

/// The client or the key can't be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnusableResend(String);

impl std::fmt::Display for UnusableResend {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Resend can't be used: {}", self.0)
    }
}

impl Error for UnusableResend {}

/// Hands mails to Resend. The mail's key is the idempotency key, which Resend remembers for a day: a mail that is sent
/// again because the answer was lost goes out once.
#[derive(Clone)]
pub struct ResendMailer {
    api: Dependency,
    url: String,
    /// Marked as sensitive, so that it is never printed.
    authorization: HeaderValue,
    from: Sender,
    clock: Arc<dyn Clock>,
}

/// What `POST /emails` takes.
#[derive(Serialize)]
struct Email<'m> {
    from: String,
    to: [&'m str; 1],
    subject: &'m str,
    text: &'m str,
    headers: BTreeMap<&'static str, &'static str>,
}

/// What an error says of itself; the other fields repeat what was sent.
#[derive(Deserialize)]
struct Problem {
    name: String,
}

/// The largest error that is read, in bytes.
const PROBLEM_LIMIT: usize = 16 * 1024;

impl ResendMailer {
    /// Where the API is.
    pub const BASE: &str = "https://api.resend.com";

    /// A mailer by this key to the API at `base`, [`Self::BASE`] outside tests.
    ///
    /// # Errors
    /// [`UnusableResend`] when the key can't stand in a header, or no client can be made.
    pub fn new(
        base: &str,
        key: &SecretString,
        from: Sender,
        clock: Arc<dyn Clock>,
        breakers: &Breakers,
    ) -> Result<Self, UnusableResend> {
        Self::by_policy(Policy::MAIL, base, key, from, clock, breakers)
    }

    fn by_policy(
        policy: Policy,
        base: &str,
        key: &SecretString,
        from: Sender,
        clock: Arc<dyn Clock>,
        breakers: &Breakers,
    ) -> Result<Self, UnusableResend> {
        let api = breakers.dependency("resend", policy).map_err(|e| UnusableResend(e.to_string()))?;
        let bearer = HeaderValue::from_str(&format!("Bearer {}", key.expose_secret()));
        let mut authorization =
            bearer.map_err(|_| UnusableResend("the key has characters that no key has".to_owned()))?;
        authorization.set_sensitive(true);
        Ok(Self { api, url: format!("{}/emails", base.trim_end_matches('/')), authorization, from, clock })
    }

    async fn hand_over(&self, mail: &Mail, email: &Email<'_>) -> Result<(), Failed<MailError>> {
        let request = self.api.client().post(&self.url);
        let request = request.header(AUTHORIZATION, self.authorization.clone());
        let sent = request.header("Idempotency-Key", &mail.key).json(email).traced().send().await;
        let answer = sent.map_err(|e| Failed::down(away(e.without_url())))?;
        if answer.status().is_success() { Ok(()) } else { Err(judge(answer, self.clock.now()).await) }
    }
}

#[async_trait]
impl Mailer for ResendMailer {
    async fn send(&self, mail: &Mail) -> Result<(), MailError> {
        // Resend builds the message; what no message could carry is refused here as by every mailer.
        message::build(mail, &self.from, self.clock.now(), Way::EightBit)?;
        let email = Email {
            from: self.from.to_string(),
            to: [&mail.to],
            subject: &mail.subject,
            text: &mail.text,
            headers: BTreeMap::from([message::AUTO_SUBMITTED]),
        };
        self.api.call(|| self.hand_over(mail, &email)).await.map_err(crate::unsent)?;
        tracing::info!(mail.key = mail.key, "Resend took a mail");
        Ok(())
    }
}

/// The reasons too: the error's own text is "error sending request".
fn away(error: reqwest::Error) -> MailError {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(reason) = source {
        text = format!("{text}: {reason}");
        source = reason.source();
    }
    MailError::Unavailable(text)
}

/// Whether it was a no to this mail, or one that may become a yes.
async fn judge(answer: Response, now: Timestamp) -> Failed<MailError> {
    let status = answer.status();
    let failed = Failed::answered((), status, answer.headers(), now);
    let body = web::read_at_most(answer, PROBLEM_LIMIT).await;
    let name =
        body.and_then(|body| serde_json::from_slice::<Problem>(&body).ok()).map(|problem| problem.name);
    let plain = |name: &String| name.len() <= 64 && name.bytes().all(|c| c.is_ascii_lowercase() || c == b'_');
    let name = name.filter(plain);
    let text = format!("Resend answered {} {}", status.as_u16(), name.as_deref().unwrap_or_default());
    let text = text.trim_end().to_owned();
    let refused = match status {
        // Our key, or our domain at Resend: the mail can go once it is mended.
        StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => false,
        StatusCode::REQUEST_TIMEOUT | StatusCode::TOO_MANY_REQUESTS => false,
        // The other 409 is a request with the same key that is still running.
        StatusCode::CONFLICT => name.as_deref() == Some("invalid_idempotent_request"),
        status => status.is_client_error(),
    };
    failed.map(|()| if refused { MailError::Refused(text) } else { MailError::Unavailable(text) })
}
