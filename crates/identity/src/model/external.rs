//! People who come in by another service's word.

use super::{EmailAddress, PlatformRole, Profile, User, UserStatus};
use kernel::{Timestamp, UserId};

/// Who somebody is at another service. Issuer and subject together never change and are never given to another person.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ExternalSubject {
    /// The service, as its tokens call it.
    pub issuer: String,
    /// The person, as the service calls them.
    pub subject: String,
}

impl ExternalSubject {
    /// Longest issuer and longest subject, in bytes.
    pub const MAX_LENGTH: usize = 255;

    /// A subject of an issuer; `None` for a text that is empty, too long or has control characters.
    #[must_use]
    pub fn new(issuer: &str, subject: &str) -> Option<Self> {
        let plain =
            |text: &str| (1..=Self::MAX_LENGTH).contains(&text.len()) && !text.contains(char::is_control);
        let (issuer, subject) =
            [issuer, subject].iter().all(|text| plain(text)).then_some((issuer, subject))?;
        Some(Self { issuer: issuer.to_owned(), subject: subject.to_owned() })
    }
}

/// The account that somebody of another service has here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExternalIdentity {
    /// Who they are there.
    pub subject: ExternalSubject,
    /// Who they are here.
    pub user_id: UserId,
    /// Since when.
    pub linked_at: Timestamp,
}

/// What another service vouches for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExternalClaims {
    /// Who it is.
    pub subject: ExternalSubject,
    /// Their address, which the service has verified.
    pub email: EmailAddress,
    /// How they are called there.
    pub display_name: Option<String>,
    /// When they proved who they are, when the service tells.
    pub authenticated_at: Option<Timestamp>,
    /// When the word is too old.
    pub expires_at: Timestamp,
}

impl ExternalClaims {
    /// An account for somebody who has none: active, with the address that the service has verified, and no password.
    #[must_use]
    pub fn newcomer(&self, id: UserId, now: Timestamp) -> (User, Profile) {
        let user = User {
            id,
            email: self.email.clone(),
            email_verified_at: Some(now),
            status: UserStatus::Active,
            platform_role: PlatformRole::User,
            password_hash: None,
            version: 1,
            created_at: now,
        };
        (user, Profile::new(id, self.display_name.clone()))
    }
}

/// What becomes of an account that has the address of somebody who comes in by another service's word.
#[derive(Debug, Clone, PartialEq)]
pub enum Claim {
    /// It is theirs as it stands: its owner had proven the address.
    Theirs,
    /// It becomes theirs, as here: whoever made it never proved the address, so their password must not work on.
    Taken(User),
    /// They can't come in.
    Refused,
}

impl User {
    /// Judges the account for somebody to whom another service has verified its address at `now`.
    #[must_use]
    pub fn claimed(&self, now: Timestamp) -> Claim {
        match (self.status, self.email_verified_at) {
            (UserStatus::Banned | UserStatus::Deleted, _) => Claim::Refused,
            (UserStatus::Active, Some(_)) => Claim::Theirs,
            (UserStatus::Active, None) => Claim::Taken(Self {
                email_verified_at: Some(now),
                password_hash: None,
                version: self.version + 1,
                ..self.clone()
            }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::PasswordHash;

    fn user() -> User {
        let email = EmailAddress::parse("ada@example.com").unwrap();
        User::new(uuid::Uuid::nil().into(), email, PasswordHash::new("x".into()), Timestamp::from_micros(1))
    }

    #[test]
    fn an_account_with_an_unproven_address_loses_its_password_to_who_proves_it() {
        let now = Timestamp::from_micros(5);
        let Claim::Taken(taken) = user().claimed(now) else { panic!("not taken") };
        assert_eq!((taken.email_verified_at, &taken.password_hash, taken.version), (Some(now), &None, 2));
    }

    #[test]
    fn a_proven_account_stays_as_it_is_and_one_that_is_shut_out_stays_shut() {
        let now = Timestamp::from_micros(5);
        let proven = User { email_verified_at: Some(now), ..user() };
        assert_eq!(proven.claimed(now), Claim::Theirs);
        for status in [UserStatus::Banned, UserStatus::Deleted] {
            assert_eq!(User { status, ..proven.clone() }.claimed(now), Claim::Refused);
            assert_eq!(User { status, ..user() }.claimed(now), Claim::Refused);
        }
    }

    #[test]
    fn a_subject_is_a_short_plain_text_of_an_issuer() {
        assert!(ExternalSubject::new("https://x.example/auth/v1", "0197").is_some());
        let long = "x".repeat(256);
        for (issuer, subject) in
            [("", "x"), ("x", ""), ("x", "a\0b"), ("x\n", "a"), ("x", &long), (&long, "x")]
        {
            assert_eq!(ExternalSubject::new(issuer, subject), None, "{issuer:?} {subject:?}");
        }
    }
}
