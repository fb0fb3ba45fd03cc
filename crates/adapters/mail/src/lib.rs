//! Mail, behind the kernel's [`Mailer`](kernel::Mailer) port.
//!
//! - [`FileMailer`] is the mailer of a machine on its own: each mail is an `.eml` file in a folder, which every mail
//!   program opens.
//! - [`SmtpMailer`] hands mails to an SMTP server.
//! - [`ResendMailer`] hands them to the API of Resend.
//!
//! What a mailer is told becomes one of two answers. *Refused*: this mail will never be taken, as its address is
//! unknown or its text unwelcome; nobody tries again. *Unavailable*: everything else, our own wrong password included,
//! since the mail can go once that is mended; the job tries again. A service that has not answered several times in a row
//! is left alone for a while, and mails are *unavailable* at once. Errors hold codes and no words of the other side,
//! which may repeat an address or a secret.
//!
//! # How to add a mailer
//! One file, one implementation of the port. The message itself (headers, encoding, message id) comes from
//! [`message`], so that every mailer sends the same. Its tests run it against a fake of the other side that can be told
//! to refuse, to be slow and to hang up.

#![forbid(unsafe_code)]

mod file;
pub mod message;
mod resend;
mod smtp;

pub use file::FileMailer;
pub use resend::{ResendMailer, UnusableResend};
pub use smtp::{SmtpMailer, SmtpServer, UnusableSmtp};

use kernel::MailError;
use web::CallError;

/// What a mailer answers when its service was not called, or the call failed.
fn unsent(error: CallError<MailError>) -> MailError {
    match error {
        CallError::Unavailable(left_alone) => MailError::Unavailable(left_alone.to_string()),
        CallError::Failed { error, .. } => error,
    }
}
