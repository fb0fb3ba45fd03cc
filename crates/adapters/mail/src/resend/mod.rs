//! Mail to the API of Resend, which delivers it.

#[cfg(test)]
mod tests;

use crate::message::{self, Sender, Way};
use async_trait::async_trait;
use kernel::{Clock, Mail, MailError, Mailer};
use reqwest::{
    Client, Response, StatusCode,
    header::{AUTHORIZATION, HeaderValue},
};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use std::{collections::BTreeMap, error::Error, sync::Arc, time::Duration};
use web::Patience;

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
    http: Client,
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

    /// How long one attempt may take.
    const PATIENCE: Patience = Patience { connect: Duration::from_secs(5), total: Duration::from_secs(20) };

    /// A mailer by this key to the API at `base`, [`Self::BASE`] outside tests.
    ///
    /// # Errors
    /// [`UnusableResend`] when the key can't stand in a header, or no client can be made.
    pub fn new(
        base: &str,
        key: &SecretString,
        from: Sender,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, UnusableResend> {
        Self::patient(Self::PATIENCE, base, key, from, clock)
    }

    fn patient(
        patience: Patience,
        base: &str,
        key: &SecretString,
        from: Sender,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, UnusableResend> {
        let http = web::client(patience).map_err(|e| UnusableResend(e.to_string()))?;
        let bearer = HeaderValue::from_str(&format!("Bearer {}", key.expose_secret()));
        let mut authorization =
            bearer.map_err(|_| UnusableResend("the key has characters that no key has".to_owned()))?;
        authorization.set_sensitive(true);
        Ok(Self { http, url: format!("{}/emails", base.trim_end_matches('/')), authorization, from, clock })
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
        let request = self
            .http
            .post(&self.url)
            .header(AUTHORIZATION, self.authorization.clone())
            .header("Idempotency-Key", &mail.key)
            .json(&email);
        let answer = request.send().await.map_err(|e| away(e.without_url()))?;
        if !answer.status().is_success() {
            return Err(judge(answer).await);
        }
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
async fn judge(answer: Response) -> MailError {
    let status = answer.status();
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
    if refused { MailError::Refused(text) } else { MailError::Unavailable(text) }
}
