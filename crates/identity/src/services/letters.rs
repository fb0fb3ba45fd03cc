//! The mails of this crate, as people read them, and where their links lead.

use crate::EmailAddress;
use kernel::{JobId, Mail};

/// Where a mail's token goes to when its link is opened.
pub(super) const VERIFY: &str = "/api/v1/auth/verify-email?token=";
/// A page of the client, which asks for the new password and sends both to `POST /auth/reset-password`.
pub(super) const RESET: &str = "/reset-password?token=";

/// A mail without its address.
pub(super) struct Letter {
    subject: &'static str,
    text: &'static str,
}

impl Letter {
    pub(super) const VERIFY_EMAIL: Self = Self {
        subject: "Confirm your address for RaptorFlow",
        text: include_str!("../../data/mails/verify_email.txt"),
    };
    pub(super) const SIGN_UP_NOTICE: Self = Self {
        subject: "You have a RaptorFlow account already",
        text: include_str!("../../data/mails/sign_up_notice.txt"),
    };
    pub(super) const RESET_PASSWORD: Self = Self {
        subject: "Choose a new password for RaptorFlow",
        text: include_str!("../../data/mails/reset_password.txt"),
    };
    pub(super) const PASSWORD_CHANGED: Self = Self {
        subject: "Your RaptorFlow password was changed",
        text: include_str!("../../data/mails/password_changed.txt"),
    };
    pub(super) const CONFIRM_NEW_EMAIL: Self = Self {
        subject: "Confirm your new address for RaptorFlow",
        text: include_str!("../../data/mails/confirm_new_email.txt"),
    };
    pub(super) const ADDRESS_NOTICE: Self = Self {
        subject: "Somebody wants to use your address for RaptorFlow",
        text: include_str!("../../data/mails/address_notice.txt"),
    };
    pub(super) const SECOND_FACTOR_ADDED: Self = Self {
        subject: "Your RaptorFlow account has a second factor now",
        text: include_str!("../../data/mails/second_factor_added.txt"),
    };
    pub(super) const SECOND_FACTOR_REMOVED: Self = Self {
        subject: "Your RaptorFlow account has no second factor any more",
        text: include_str!("../../data/mails/second_factor_removed.txt"),
    };
    pub(super) const RECOVERY_CODE_USED: Self = Self {
        subject: "A recovery code of your RaptorFlow account was used",
        text: include_str!("../../data/mails/recovery_code_used.txt"),
    };
    pub(super) const EMAIL_CHANGED: Self = Self {
        subject: "Your RaptorFlow account has moved to another address",
        text: include_str!("../../data/mails/email_changed.txt"),
    };

    /// The mail that this job sends to the address.
    pub(super) fn to(&self, address: &EmailAddress, job: JobId) -> Mail {
        Mail {
            to: address.as_str().to_owned(),
            subject: self.subject.to_owned(),
            text: self.text.to_owned(),
            key: job.to_string(),
        }
    }

    /// The same with a link in it.
    pub(super) fn with_link(&self, address: &EmailAddress, job: JobId, link: &str) -> Mail {
        let mail = self.to(address, job);
        Mail { text: mail.text.replace("{link}", link), ..mail }
    }
}
