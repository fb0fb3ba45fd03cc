//! Sending mail.

use crate::{JobFailure, RawToken};
use async_trait::async_trait;
use secrecy::ExposeSecret;

/// A mail to one person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mail {
    /// The address.
    pub to: String,
    /// One line.
    pub subject: String,
    /// The plain text body; links stand on their own line.
    pub text: String,
    /// Sent twice with the same key, it is the same mail: adapters use it as the message id.
    pub key: String,
}

/// The mail did not go out.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MailError {
    /// The address can't be mailed to.
    #[error("the address can't be mailed to: {0}")]
    Refused(String),
    /// The mail service is away; try again.
    #[error("the mail service is away: {0}")]
    Unavailable(String),
}

/// Hands mails to whoever delivers them.
#[async_trait]
pub trait Mailer: Send + Sync {
    /// Hands one mail over. `Ok` means that the other side has it for good. MUST NOT be called inside a unit of work.
    async fn send(&self, mail: &Mail) -> Result<(), MailError>;
}

/// A job whose mail did not go out goes the same way.
impl From<MailError> for JobFailure {
    fn from(error: MailError) -> Self {
        match error {
            MailError::Refused(_) => Self::Permanent(error.to_string()),
            MailError::Unavailable(_) => Self::Transient(error.to_string()),
        }
    }
}

/// Where links in mails lead: configured addresses, never what a request says of itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LinkBase {
    api: String,
    client: String,
}

impl LinkBase {
    /// Of a URL such as `https://api.example.com`, with or without a slash at its end.
    #[must_use]
    pub fn new(public_url: &str) -> Self {
        let api = public_url.trim_end_matches('/').to_owned();
        Self { client: api.clone(), api }
    }

    /// The same, with the pages of the client application at another URL.
    #[must_use]
    pub fn with_client(self, client_url: &str) -> Self {
        Self { client: client_url.trim_end_matches('/').to_owned(), ..self }
    }

    /// The address of a path, which begins with a slash.
    #[must_use]
    pub fn to(&self, path: &str) -> String {
        format!("{}{path}", self.api)
    }

    /// The address of a path that ends where the token begins: `/api/v1/auth/verify-email?token=`.
    #[must_use]
    pub fn with_token(&self, path: &str, token: &RawToken) -> String {
        format!("{}{}", self.to(path), token.secret().expose_secret())
    }

    /// The address of a page of the client application that ends where the token begins.
    #[must_use]
    pub fn client_with_token(&self, path: &str, token: &RawToken) -> String {
        format!("{}{path}{}", self.client, token.secret().expose_secret())
    }
}
