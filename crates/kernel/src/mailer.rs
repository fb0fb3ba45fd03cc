//! Sending mail.

use async_trait::async_trait;

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
