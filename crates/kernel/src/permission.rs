//! What a call may be allowed to do: an area of the product, a verb, and the lowest role.
//!
//! A use case names its permission once, as the argument of [`WorkspaceScope::require`](crate::WorkspaceScope::require):
//! a person needs the role, an API key also the [`KeyScope`] of area and verb.

use crate::Role;
use serde::{Deserialize, Serialize};

/// A part of the product that permissions are given for; the tag of its routes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Area {
    /// The workspace itself: name, settings, deletion.
    Workspaces,
    /// Who is a member, and with which role. Never a key's business.
    Members,
    /// Who is invited. Never a key's business.
    Invitations,
    /// API keys. Never a key's business.
    ApiKeys,
    /// The audit trail.
    Audit,
    /// The AI budget.
    Budget,
    /// The onboarding steps.
    Onboarding,
    /// The business context.
    Bcm,
    /// Campaigns.
    Campaigns,
    /// Marketing moves.
    Moves,
    /// Daily wins.
    DailyWins,
    /// The council and its runs.
    Agents,
    /// Work in the background.
    Jobs,
    /// Language models, asked directly.
    Ai,
}

impl Area {
    /// Every area.
    pub const ALL: [Self; 14] = [
        Self::Workspaces,
        Self::Members,
        Self::Invitations,
        Self::ApiKeys,
        Self::Audit,
        Self::Budget,
        Self::Onboarding,
        Self::Bcm,
        Self::Campaigns,
        Self::Moves,
        Self::DailyWins,
        Self::Agents,
        Self::Jobs,
        Self::Ai,
    ];

    /// The stable name, as in scopes and as the tag of routes.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Workspaces => "workspaces",
            Self::Members => "members",
            Self::Invitations => "invitations",
            Self::ApiKeys => "api_keys",
            Self::Audit => "audit",
            Self::Budget => "budget",
            Self::Onboarding => "onboarding",
            Self::Bcm => "bcm",
            Self::Campaigns => "campaigns",
            Self::Moves => "moves",
            Self::DailyWins => "daily_wins",
            Self::Agents => "agents",
            Self::Jobs => "jobs",
            Self::Ai => "ai",
        }
    }

    /// The area of a name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|area| area.name() == name)
    }

    /// Whether an API key can be given scopes of this area: a stolen key must not be able to make itself permanent.
    #[must_use]
    pub const fn is_open_to_keys(self) -> bool {
        !matches!(self, Self::Members | Self::Invitations | Self::ApiKeys)
    }

    /// Reading in this area, for every member.
    #[must_use]
    pub const fn read(self) -> Permission {
        Permission { scope: KeyScope { area: self, verb: Verb::Read }, role: Role::Member }
    }

    /// Changing something in this area, for every member.
    #[must_use]
    pub const fn write(self) -> Permission {
        Permission { scope: KeyScope { area: self, verb: Verb::Write }, role: Role::Member }
    }
}

/// Whether something is changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Verb {
    /// No.
    Read,
    /// Yes.
    Write,
}

impl Verb {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Read, Self::Write];

    /// The stable name, as in scopes.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Write => "write",
        }
    }
}

/// What an API key can be given: a verb in an area, written `campaigns:read`. Writing does not include reading.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct KeyScope {
    /// Where.
    pub area: Area,
    /// What.
    pub verb: Verb,
}

impl KeyScope {
    /// Every scope that a key can have, in order.
    pub fn all() -> impl Iterator<Item = Self> {
        let areas = Area::ALL.into_iter().filter(|area| area.is_open_to_keys());
        areas.flat_map(|area| Verb::ALL.map(|verb| Self { area, verb }))
    }

    /// The scope of a text such as `campaigns:read`; `None` for one that no key can have.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::all().find(|scope| scope.to_string() == text)
    }

    const fn bit(self) -> u32 {
        1 << (2 * self.area as u32 + self.verb as u32)
    }
}

impl std::fmt::Display for KeyScope {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}:{}", self.area.name(), self.verb.name())
    }
}

/// The scopes of one API key; never empty. On the wire and in stores a list of texts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "Vec<String>", into = "Vec<String>")]
pub struct KeyScopes(u32);

/// The texts are no scopes of a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a key needs at least one scope, and each must be one that keys can have")]
pub struct NoKeyScopes;

impl KeyScopes {
    /// Of these scopes.
    ///
    /// # Errors
    /// [`NoKeyScopes`] when there is none, or one that no key can have.
    pub fn new(scopes: impl IntoIterator<Item = KeyScope>) -> Result<Self, NoKeyScopes> {
        let mut bits = 0;
        for scope in scopes {
            if !scope.area.is_open_to_keys() {
                return Err(NoKeyScopes);
            }
            bits |= scope.bit();
        }
        if bits == 0 { Err(NoKeyScopes) } else { Ok(Self(bits)) }
    }

    /// Whether the scope is among them.
    #[must_use]
    pub const fn contain(self, scope: KeyScope) -> bool {
        self.0 & scope.bit() != 0
    }

    /// The scopes in order.
    pub fn iter(self) -> impl Iterator<Item = KeyScope> {
        KeyScope::all().filter(move |scope| self.contain(*scope))
    }
}

impl TryFrom<Vec<String>> for KeyScopes {
    type Error = NoKeyScopes;

    fn try_from(texts: Vec<String>) -> Result<Self, NoKeyScopes> {
        let scopes: Option<Vec<_>> = texts.iter().map(|text| KeyScope::parse(text)).collect();
        Self::new(scopes.ok_or(NoKeyScopes)?)
    }
}

impl From<KeyScopes> for Vec<String> {
    fn from(scopes: KeyScopes) -> Self {
        scopes.iter().map(|scope| scope.to_string()).collect()
    }
}

/// What a use case needs of its caller.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Permission {
    /// What a key must have been given.
    pub scope: KeyScope,
    /// The lowest role that may.
    pub role: Role,
}

impl Permission {
    /// The same for this role and higher ones only.
    #[must_use]
    pub const fn by(self, role: Role) -> Self {
        Self { scope: self.scope, role }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scope_comes_back_from_its_text_and_no_other_text_is_one() {
        for scope in KeyScope::all() {
            assert_eq!(KeyScope::parse(&scope.to_string()), Some(scope));
        }
        for bad in [
            "",
            "campaigns",
            "campaigns:",
            "campaigns:delete",
            "Campaigns:read",
            "members:read",
            "api_keys:write",
        ] {
            assert_eq!(KeyScope::parse(bad), None, "{bad}");
        }
        for area in Area::ALL {
            assert_eq!(Area::from_name(area.name()), Some(area));
        }
    }

    #[test]
    fn scopes_hold_what_was_given_and_nothing_else() {
        for given in KeyScope::all() {
            let scopes = KeyScopes::new([given]).unwrap();
            for asked in KeyScope::all() {
                assert_eq!(scopes.contain(asked), asked == given);
            }
            assert_eq!(scopes.iter().collect::<Vec<_>>(), [given]);
            let texts = serde_json::to_value(scopes).unwrap();
            assert_eq!(serde_json::from_value::<KeyScopes>(texts).unwrap(), scopes);
        }
    }

    #[test]
    fn a_key_gets_no_scope_over_keys_or_members() {
        let members = KeyScope { area: Area::Members, verb: Verb::Write };
        assert_eq!(KeyScopes::new([members]), Err(NoKeyScopes));
        assert_eq!(KeyScopes::new([]), Err(NoKeyScopes));
    }
}
