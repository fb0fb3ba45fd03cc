//! What administrators of the platform ask for and decide.

use super::{Person, PlatformRole, Profile, User, UserStatus};
use serde::{Deserialize, Serialize};

/// What happens to a person's standing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UserInput {
    /// An administrator shuts them out.
    Ban,
    /// An administrator lets them in again.
    Unban,
    /// They are erased.
    Delete,
}

impl UserInput {
    /// Every input.
    pub const ALL: [Self; 3] = [Self::Ban, Self::Unban, Self::Delete];
}

impl UserStatus {
    /// The next status; `None` when the input has no business in this one.
    #[must_use]
    pub const fn transition(self, input: UserInput) -> Option<Self> {
        match (self, input) {
            (Self::Active, UserInput::Ban) => Some(Self::Banned),
            (Self::Banned, UserInput::Unban) => Some(Self::Active),
            (Self::Active | Self::Banned, UserInput::Delete) => Some(Self::Deleted),
            _ => None,
        }
    }
}

/// Why a person is shut out. A closed list: free text about a person would outlive them in the trail.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BanReason {
    /// They harm others.
    Abuse,
    /// They cheat, with payments or identities.
    Fraud,
    /// Somebody else seems to be using the account.
    Security,
    /// An authority or a contract demands it.
    Legal,
    /// They asked for it.
    Requested,
    /// Anything else.
    Other,
}

impl BanReason {
    /// Every reason.
    pub const ALL: [Self; 6] =
        [Self::Abuse, Self::Fraud, Self::Security, Self::Legal, Self::Requested, Self::Other];

    /// The stable name, as stored and on the wire.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Abuse => "abuse",
            Self::Fraud => "fraud",
            Self::Security => "security",
            Self::Legal => "legal",
            Self::Requested => "requested",
            Self::Other => "other",
        }
    }
}

/// Which people an administrator looks for; what is absent does not narrow it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PeopleFilter {
    /// The beginning of an address, or a part of a name; whatever the case, as far as ASCII goes.
    pub text: Option<String>,
    /// People of this status.
    pub status: Option<UserStatus>,
}

impl PeopleFilter {
    /// Whether the person is one of them.
    #[must_use]
    pub fn matches(&self, person: &Person) -> bool {
        let found = self.text.as_ref().is_none_or(|text| {
            let name = person.profile.display_name.as_deref().unwrap_or_default().to_ascii_lowercase();
            let in_name = !name.is_empty() && name.contains(&text.to_ascii_lowercase());
            in_name || person.user.email.lower().starts_with(&text.to_ascii_lowercase())
        });
        found && self.status.is_none_or(|status| person.user.status == status)
    }
}

/// What an administrator changes of a person; what is absent stays.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Decision {
    /// Shut out, with the reason, or let in again.
    pub standing: Option<Standing>,
    /// What they may do on the platform.
    pub platform_role: Option<PlatformRole>,
    /// Their name; `Some(None)` takes it away.
    pub display_name: Option<Option<String>>,
}

/// Whether a person may come in, as an administrator decides it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// They may.
    Active,
    /// They may not.
    Banned(BanReason),
}

/// One thing that a decision changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decided {
    /// Shut out.
    Banned(BanReason),
    /// Let in again.
    Unbanned,
    /// May do more or less than before.
    Role {
        /// What they might do.
        from: PlatformRole,
        /// What they may do.
        to: PlatformRole,
    },
    /// Has another name.
    Renamed,
}

impl Person {
    /// The person after the decision, and what it changed; nothing, when all was so already.
    #[must_use]
    pub fn after(&self, decision: &Decision) -> (Self, Vec<Decided>) {
        let (mut person, mut decided) = (self.clone(), Vec::new());
        let (input, told) = match decision.standing {
            Some(Standing::Banned(reason)) => (Some(UserInput::Ban), Decided::Banned(reason)),
            Some(Standing::Active) => (Some(UserInput::Unban), Decided::Unbanned),
            None => (None, Decided::Renamed),
        };
        if let Some(status) = input.and_then(|input| person.user.status.transition(input)) {
            person.user.status = status;
            decided.push(told);
        }
        let from = person.user.platform_role;
        if let Some(to) = decision.platform_role.filter(|to| *to != from) {
            person.user.platform_role = to;
            decided.push(Decided::Role { from, to });
        }
        if let Some(name) = decision.display_name.clone().filter(|name| *name != person.profile.display_name)
        {
            person.profile.display_name = name;
            decided.push(Decided::Renamed);
        }
        if !decided.is_empty() {
            person.user.version += 1;
        }
        (person, decided)
    }
}

/// What somebody is shown of a person.
#[derive(Debug, Clone, PartialEq)]
pub enum PersonView {
    /// Everything but the password: to themselves and to administrators.
    Whole(Box<Person>),
    /// Name, picture, job and time zone: to those in a workspace with them.
    Public(Profile),
}

impl User {
    /// Whether they administer the platform now.
    #[must_use]
    pub fn is_administrator(&self) -> bool {
        self.status == UserStatus::Active && self.platform_role == PlatformRole::Admin
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{EmailAddress, PasswordHash};
    use kernel::Timestamp;

    fn person() -> Person {
        let id = uuid::Uuid::nil().into();
        let email = EmailAddress::parse("Ada@Example.com").unwrap();
        let user = User::new(id, email, PasswordHash::new("x".into()), Timestamp::from_micros(5));
        Person { user, profile: Profile::new(id, Some("Ada Lovelace".into())) }
    }

    #[test]
    fn every_pair_of_status_and_input_is_decided() {
        use UserInput as I;
        use UserStatus as S;
        let allowed = [
            (S::Active, I::Ban, S::Banned),
            (S::Banned, I::Unban, S::Active),
            (S::Active, I::Delete, S::Deleted),
            (S::Banned, I::Delete, S::Deleted),
        ];
        for status in S::ALL {
            for input in I::ALL {
                let expected = allowed.iter().find(|(s, i, _)| (*s, *i) == (status, input)).map(|row| row.2);
                assert_eq!(status.transition(input), expected, "{status:?} {input:?}");
            }
        }
    }

    #[test]
    fn a_decision_tells_what_it_changed_and_nothing_else() {
        let person = person();
        let decision = Decision {
            standing: Some(Standing::Banned(BanReason::Fraud)),
            platform_role: Some(PlatformRole::Admin),
            display_name: Some(Some("Ada".into())),
        };
        let (after, decided) = person.after(&decision);
        let role = Decided::Role { from: PlatformRole::User, to: PlatformRole::Admin };
        assert_eq!(decided, [Decided::Banned(BanReason::Fraud), role, Decided::Renamed]);
        assert_eq!((after.user.status, after.user.version), (UserStatus::Banned, 2));
        assert!(!after.user.is_administrator(), "who is shut out administers nothing");
        assert_eq!(after.after(&decision), (after.clone(), vec![]));
        let again = Decision { standing: Some(Standing::Active), ..Decision::default() };
        assert_eq!(after.after(&again).1, [Decided::Unbanned]);
        assert_eq!(person.after(&again), (person.clone(), vec![]));
        assert_eq!(person.after(&Decision::default()).1, []);
    }

    #[test]
    fn a_filter_finds_by_the_beginning_of_the_address_or_a_part_of_the_name() {
        let find = |text: &str| PeopleFilter { text: Some(text.into()), status: None }.matches(&person());
        for found in ["ada@", "ADA@EXAMPLE", "love", "LACE", ""] {
            assert!(find(found), "{found}");
        }
        for lost in ["example", "%", "_da", "lady"] {
            assert!(!find(lost), "{lost}");
        }
        let banned = PeopleFilter { text: None, status: Some(UserStatus::Banned) };
        assert!(!banned.matches(&person()));
    }
}
