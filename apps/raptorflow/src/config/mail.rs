//! Who sends mails, and as whom.

use super::{keys::api_key, reader::Reader};
use ::mail::{SmtpServer, message::Sender};
use secrecy::SecretString;

/// Who takes mails from this process.
#[derive(Debug, Clone)]
pub enum Delivery {
    /// Nobody: they are files in the outbox.
    Files,
    /// Resend, by this key.
    Resend(SecretString),
    /// An SMTP server.
    Smtp(SmtpServer),
}

/// Mails.
#[derive(Debug, Clone)]
pub struct MailSettings {
    /// Who they come from.
    pub from: Sender,
    /// Who takes them.
    pub delivery: Delivery,
}

pub(super) fn read(reader: &mut Reader<'_>) -> Option<MailSettings> {
    let from = reader.parse("MAIL_FROM", |text| Sender::parse(text).map_err(|e| e.to_string()));
    let plaintext = reader.flag("ALLOW_PLAINTEXT_NETWORK")?;
    let key = reader.parse("RESEND_API_KEY", api_key);
    let server = reader.parse("SMTP_URL", |url| SmtpServer::parse(url, plaintext));
    if reader.given("RESEND_API_KEY").is_some() && reader.given("SMTP_URL").is_some() {
        reader.problem("SMTP_URL", "is set beside RESEND_API_KEY; one of them sends the mails");
    }
    let delivery = match (key, server) {
        (Some(key), _) => Delivery::Resend(key),
        (None, Some(server)) => Delivery::Smtp(server),
        (None, None) => Delivery::Files,
    };
    Some(MailSettings { from: from?, delivery })
}
