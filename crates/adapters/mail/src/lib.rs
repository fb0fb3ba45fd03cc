//! Mail, behind the kernel's [`Mailer`](kernel::Mailer) port.
//!
//! [`FileMailer`] is the mailer of a machine on its own: each mail is an `.eml` file in a folder, which every mail
//! program opens.
//!
//! # How to add a mailer
//! One file, one implementation of the port. The message itself (headers, encoding, message id) comes from
//! [`message`], so that every mailer sends the same.

#![forbid(unsafe_code)]

mod file;
pub mod message;

pub use file::FileMailer;
