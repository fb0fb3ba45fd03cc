//! A mail as an Internet message (RFC 5322).

use kernel::{Mail, MailError, Timestamp};
use lettre::{
    Address, Message,
    message::{
        Body, Mailbox,
        header::{ContentTransferEncoding, ContentType, HeaderName, HeaderValue},
    },
};
use std::time::{Duration, UNIX_EPOCH};

/// Who mails come from, such as `RaptorFlow <hello@example.com>`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sender(Mailbox);

/// The text is no sender.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotASender;

impl std::fmt::Display for NotASender {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a sender looks like `RaptorFlow <hello@example.com>`")
    }
}

impl std::error::Error for NotASender {}

impl Sender {
    /// The address alone.
    #[must_use]
    pub fn address(&self) -> &Address {
        &self.0.email
    }

    /// Takes `address` or `name <address>`.
    ///
    /// # Errors
    /// [`NotASender`].
    pub fn parse(text: &str) -> Result<Self, NotASender> {
        if text.contains(char::is_control) {
            return Err(NotASender);
        }
        text.parse().map(Self).map_err(|_| NotASender)
    }
}

impl std::fmt::Display for Sender {
    /// As it stands in the header `From`, a name with special characters in quotes.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

/// What the way to the reader carries unharmed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// Any byte.
    EightBit,
    /// ASCII only: an SMTP server without `8BITMIME` (RFC 6152).
    SevenBit,
}

/// RFC 3834: no holiday replies to this.
pub(crate) const AUTO_SUBMITTED: (&str, &str) = ("Auto-Submitted", "auto-generated");

/// Longest key of a mail, in bytes: with the domain it fits a line.
const MAX_KEY: usize = 128;

/// The message that carries the mail. The same mail at the same instant on the same way is the same bytes.
///
/// # Errors
/// [`MailError::Refused`] for what can't stand in a header: no address, a line break in the subject, an odd key.
pub fn build(mail: &Mail, from: &Sender, at: Timestamp, way: Way) -> Result<Message, MailError> {
    let to: Address = mail.to.parse().map_err(|_| refused("the address is not one"))?;
    if mail.subject.contains(char::is_control) {
        return Err(refused("the subject is not one line"));
    }
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    if mail.key.is_empty() || mail.key.len() > MAX_KEY || !mail.key.chars().all(plain) {
        return Err(refused("the key is not a plain token"));
    }
    let date = UNIX_EPOCH + Duration::from_micros(u64::try_from(at.micros()).unwrap_or(0));
    let message = Message::builder()
        .from(from.0.clone())
        .to(Mailbox::new(None, to))
        .subject(mail.subject.clone())
        .date(date)
        .message_id(Some(format!("<{}@{}>", mail.key, from.0.email.domain())))
        .raw_header(HeaderValue::new(
            HeaderName::new_from_ascii_str(AUTO_SUBMITTED.0),
            AUTO_SUBMITTED.1.to_owned(),
        ))
        .header(ContentType::TEXT_PLAIN)
        .body(body(&mail.text, way));
    message.map_err(|e| refused(&e.to_string()))
}

/// Longest line of a message, in bytes (RFC 5322 §2.1.1).
const MAX_LINE: usize = 998;

/// Readable as it stands, so that links are whole: the library would encode every line of more than 76 characters.
/// Only what a message can't carry as it stands is encoded.
fn body(text: &str, way: Way) -> Body {
    let lines: Vec<&str> = text.split('\n').map(|line| line.strip_suffix('\r').unwrap_or(line)).collect();
    let is_plain = |line: &&str| line.len() <= MAX_LINE && !line.contains(['\r', '\0']);
    let seven_bit = text.is_ascii();
    if !lines.iter().all(is_plain) || (way == Way::SevenBit && !seven_bit) {
        let encoded = Body::new_with_encoding(text.to_owned(), ContentTransferEncoding::QuotedPrintable);
        return encoded.unwrap_or_else(Body::new);
    }
    let encoding =
        if seven_bit { ContentTransferEncoding::SevenBit } else { ContentTransferEncoding::EightBit };
    Body::dangerous_pre_encoded(lines.join("\r\n").into_bytes(), encoding)
}

pub(crate) fn refused(why: &str) -> MailError {
    MailError::Refused(why.to_owned())
}
