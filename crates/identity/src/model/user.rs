//! Users.

use super::{EmailAddress, PasswordHash, Profile};
use kernel::{Timestamp, UserId};
use serde::{Deserialize, Serialize};

/// Whether a person may come in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum UserStatus {
    /// May.
    Active,
    /// Was shut out by a platform administrator.
    Banned,
    /// Is gone; the row stays for what refers to it.
    Deleted,
}

impl UserStatus {
    /// Every status.
    pub const ALL: [Self; 3] = [Self::Active, Self::Banned, Self::Deleted];

    /// The stable name, as stored and on the wire.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Banned => "banned",
            Self::Deleted => "deleted",
        }
    }

    /// The status of a stored name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.name() == name)
    }
}

/// What a person may do on the whole platform, beside their roles in workspaces.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PlatformRole {
    /// What everybody may.
    User,
    /// Administers people and sees every trail.
    Admin,
}

impl PlatformRole {
    /// Every role.
    pub const ALL: [Self; 2] = [Self::User, Self::Admin];

    /// The stable name, as stored and on the wire.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::User => "user",
            Self::Admin => "admin",
        }
    }

    /// The role of a stored name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.name() == name)
    }
}

/// A person with an account. Deliberately not serialisable: it holds the password's hash.
#[derive(Debug, Clone, PartialEq)]
pub struct User {
    /// Its id.
    pub id: UserId,
    /// Unique by its lower-case form.
    pub email: EmailAddress,
    /// When the person proved that the address is theirs.
    pub email_verified_at: Option<Timestamp>,
    /// Whether they may come in.
    pub status: UserStatus,
    /// What they may do on the platform.
    pub platform_role: PlatformRole,
    /// `None` for somebody who comes in by another way than a password.
    pub password_hash: Option<PasswordHash>,
    /// Starts at 1; one more per save.
    pub version: i32,
    /// When they signed up.
    pub created_at: Timestamp,
}

impl User {
    /// Somebody who has just signed up: active, with an address still to be proven.
    #[must_use]
    pub const fn new(id: UserId, email: EmailAddress, password: PasswordHash, now: Timestamp) -> Self {
        Self {
            id,
            email,
            email_verified_at: None,
            status: UserStatus::Active,
            platform_role: PlatformRole::User,
            password_hash: Some(password),
            version: 1,
            created_at: now,
        }
    }

    /// The user with its address proven at `now`; `None` when it was proven before or the user is gone.
    #[must_use]
    pub fn with_verified_email(&self, now: Timestamp) -> Option<Self> {
        let open = self.email_verified_at.is_none() && self.status != UserStatus::Deleted;
        open.then(|| Self { email_verified_at: Some(now), version: self.version + 1, ..self.clone() })
    }

    /// The user with this role on the platform; `None` when they have it already.
    #[must_use]
    pub fn with_platform_role(&self, role: PlatformRole) -> Option<Self> {
        let differs = self.platform_role != role;
        differs.then(|| Self { platform_role: role, version: self.version + 1, ..self.clone() })
    }

    /// The user with the same password hashed anew.
    #[must_use]
    pub fn with_rehashed_password(&self, hash: PasswordHash) -> Self {
        self.with_password(hash)
    }

    /// The user with another password.
    #[must_use]
    pub fn with_password(&self, hash: PasswordHash) -> Self {
        Self { password_hash: Some(hash), version: self.version + 1, ..self.clone() }
    }

    /// The user with a new password by the link in a mail, which proves the address at `now` if nothing had before.
    #[must_use]
    pub fn with_reset_password(&self, hash: PasswordHash, now: Timestamp) -> Self {
        Self { email_verified_at: self.email_verified_at.or(Some(now)), ..self.with_password(hash) }
    }

    /// The user at another address, which was proven at `now`.
    #[must_use]
    pub fn with_email(&self, email: EmailAddress, now: Timestamp) -> Self {
        Self { email, email_verified_at: Some(now), version: self.version + 1, ..self.clone() }
    }

    /// The user whose profile has changed: the two share a version.
    #[must_use]
    pub fn with_new_profile(&self) -> Self {
        Self { version: self.version + 1, ..self.clone() }
    }

    /// The user, if they may come in.
    #[must_use]
    pub fn if_active(self) -> Option<Self> {
        (self.status == UserStatus::Active).then_some(self)
    }
}

/// A user with their profile: what most questions about a person need together.
#[derive(Debug, Clone, PartialEq)]
pub struct Person {
    /// The account.
    pub user: User,
    /// What others see.
    pub profile: Profile,
}

/// What a person is told about their own account: the `user` of the API.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Account {
    /// Its id.
    pub id: UserId,
    /// As the person wrote it.
    pub email: EmailAddress,
    /// Whether they proved that it is theirs.
    pub email_verified: bool,
    /// The name that colleagues see.
    pub display_name: Option<String>,
    /// When they signed up.
    pub created_at: Timestamp,
}

impl From<&Person> for Account {
    fn from(person: &Person) -> Self {
        Self {
            id: person.user.id,
            email: person.user.email.clone(),
            email_verified: person.user.email_verified_at.is_some(),
            display_name: person.profile.display_name.clone(),
            created_at: person.user.created_at,
        }
    }
}

/// What colleagues in a workspace see of a person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DirectoryEntry {
    /// Who.
    pub user_id: UserId,
    /// Their address.
    pub email: EmailAddress,
    /// Their name, when they told one.
    pub display_name: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stored_names_come_back() {
        for status in UserStatus::ALL {
            assert_eq!(UserStatus::from_name(status.name()), Some(status));
        }
        for role in PlatformRole::ALL {
            assert_eq!(PlatformRole::from_name(role.name()), Some(role));
        }
        assert_eq!((UserStatus::from_name("x"), PlatformRole::from_name("owner")), (None, None));
    }

    #[test]
    fn an_address_is_proven_once_and_never_of_somebody_who_is_gone() {
        let now = Timestamp::from_micros(5);
        let email = EmailAddress::parse("ada@example.com").unwrap();
        let user = User::new(uuid::Uuid::nil().into(), email, PasswordHash::new("x".into()), now);
        let proven = user.with_verified_email(now).unwrap();
        assert_eq!((proven.email_verified_at, proven.version), (Some(now), 2));
        assert_eq!(proven.with_verified_email(now), None);
        assert_eq!(User { status: UserStatus::Deleted, ..user }.with_verified_email(now), None);
    }
}
