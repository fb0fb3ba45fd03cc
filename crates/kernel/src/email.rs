//! Mail addresses.

use crate::Violation;
use serde::{Deserialize, Serialize};

/// An address that mail can be sent to.
///
/// It keeps the form in which its owner wrote it; two addresses are the same when their [`lower`](Self::lower) forms
/// are. Only ASCII is taken: a domain of other letters has its `xn--` form, and a local part of other letters can't
/// be delivered by every mail service, nor compared alike by every database.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct EmailAddress(String);

impl EmailAddress {
    /// Longest address that SMTP can carry (RFC 5321 §4.5.3.1.3, less the angle brackets).
    pub const MAX_LENGTH: usize = 254;

    /// Takes an address, without the space around it.
    ///
    /// # Errors
    /// `required`, `too_long` or `not_an_email_address`.
    pub fn parse(text: &str) -> Result<Self, Violation> {
        let text = text.trim_matches(' ');
        if text.is_empty() {
            return Err(Violation::new("required", "must not be empty"));
        }
        if text.len() > Self::MAX_LENGTH {
            let message = format!("must have at most {} characters", Self::MAX_LENGTH);
            return Err(Violation::new("too_long", message));
        }
        match text.split_once('@') {
            Some((local, domain)) if is_local_part(local) && is_domain(domain) => Ok(Self(text.to_owned())),
            _ => Err(Violation::new(
                "not_an_email_address",
                "must be an e-mail address such as ada@example.com",
            )),
        }
    }

    /// As its owner wrote it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The address's identity: all in lower case. Mail services that tell cases apart are a thing of the past.
    #[must_use]
    pub fn lower(&self) -> String {
        self.0.to_ascii_lowercase()
    }
}

/// Atoms of RFC 5322 §3.2.3 joined by single dots, at most 64 characters; no quoted strings.
fn is_local_part(text: &str) -> bool {
    let atom = |c: u8| c.is_ascii_alphanumeric() || b"!#$%&'*+-/=?^_`{|}~".contains(&c);
    text.len() <= 64 && text.split('.').all(|part| !part.is_empty() && part.bytes().all(atom))
}

/// At least two labels of RFC 1035 §2.3.1, the last one not a number (that would be an IP address).
fn is_domain(text: &str) -> bool {
    let label = |part: &str| {
        (1..=63).contains(&part.len())
            && part.bytes().all(|c| c.is_ascii_alphanumeric() || c == b'-')
            && !part.starts_with('-')
            && !part.ends_with('-')
    };
    let Some((_, last)) = text.rsplit_once('.') else { return false };
    text.split('.').all(label) && !last.bytes().all(|c| c.is_ascii_digit())
}

impl std::fmt::Display for EmailAddress {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl TryFrom<String> for EmailAddress {
    type Error = Violation;

    fn try_from(text: String) -> Result<Self, Violation> {
        Self::parse(&text)
    }
}

impl From<EmailAddress> for String {
    fn from(address: EmailAddress) -> Self {
        address.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn an_address_keeps_its_form_and_is_compared_in_lower_case() {
        let address = EmailAddress::parse("  Ada.Lovelace+raptor@Example.COM ").unwrap();
        assert_eq!(address.as_str(), "Ada.Lovelace+raptor@Example.COM");
        assert_eq!(address.lower(), "ada.lovelace+raptor@example.com");
    }

    #[test]
    fn what_no_mail_service_delivers_is_refused() {
        let long_local = format!("{}@example.com", "x".repeat(65));
        let refused = [
            "ada",
            "@example.com",
            "ada@",
            "ada@localhost",
            "ada@@example.com",
            "ada@b@example.com",
            "a da@example.com",
            ".ada@example.com",
            "ada.@example.com",
            "a..da@example.com",
            "ada@-example.com",
            "ada@example-.com",
            "ada@example..com",
            "ada@example.com.",
            "ada@127.0.0.1",
            "ada@[127.0.0.1]",
            "ada@exämple.com",
            "ädä@example.com",
            "ada@example.com\r\nBcc: eve@example.com",
            "ada\0@example.com",
            "\"ada\"@example.com",
            "Ada <ada@example.com>",
            long_local.as_str(),
        ];
        for text in refused {
            assert_eq!(EmailAddress::parse(text).unwrap_err().code, "not_an_email_address", "{text:?}");
        }
        assert_eq!(EmailAddress::parse("  ").unwrap_err().code, "required");
        let long = format!("ada@{}.com", "a.".repeat(130));
        assert_eq!(EmailAddress::parse(&long).unwrap_err().code, "too_long");
    }

    proptest! {
        #[test]
        fn whatever_is_taken_is_one_line_with_one_at_and_is_taken_again(text in "[ -~\\r\\n\\x00@.]{0,40}") {
            if let Ok(address) = EmailAddress::parse(&text) {
                prop_assert!(address.as_str().bytes().all(|c| c.is_ascii_graphic()));
                prop_assert_eq!(address.as_str().matches('@').count(), 1);
                prop_assert_eq!(EmailAddress::parse(address.as_str()), Ok(address.clone()));
                prop_assert!(EmailAddress::parse(&address.lower()).is_ok());
            }
        }

        #[test]
        fn plain_addresses_are_taken(text in "[a-zA-Z0-9_+-]{1,20}(\\.[a-z0-9]{1,9})?@[a-z0-9]{1,12}\\.[a-z]{2,8}") {
            prop_assert!(EmailAddress::parse(&text).is_ok());
        }
    }
}
