//! Keys by which programs act in a workspace.

use kernel::{ApiKeyId, KeyScopes, RawToken, Role, Timestamp, UserId, Violation, WorkspaceId, field};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// Whether a key lets anybody in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum KeyStatus {
    /// It does.
    Live,
    /// Its time ran out.
    Expired,
    /// Somebody took it back.
    Revoked,
}

/// What happens to a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyInput {
    /// Its time runs out.
    Expire,
    /// An admin takes it back.
    Revoke,
}

impl KeyStatus {
    /// Every state.
    pub const ALL: [Self; 3] = [Self::Live, Self::Expired, Self::Revoked];

    /// The stable name, as on the wire.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Live => "live",
            Self::Expired => "expired",
            Self::Revoked => "revoked",
        }
    }

    /// The next state; `None` when the input has no business in this state.
    #[must_use]
    pub const fn transition(self, input: KeyInput) -> Option<Self> {
        match (self, input) {
            (Self::Live, KeyInput::Expire) => Some(Self::Expired),
            (Self::Live | Self::Expired, KeyInput::Revoke) => Some(Self::Revoked),
            (Self::Expired, KeyInput::Expire) | (Self::Revoked, _) => None,
        }
    }
}

/// A key. Its text is its holder's alone, and the hash of it the store's.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ApiKey {
    /// Addresses it.
    pub id: ApiKeyId,
    /// Where it lets in.
    pub workspace_id: WorkspaceId,
    /// What people call it: 1 to 80 characters.
    pub name: String,
    /// How the text begins, to find the key that a program holds.
    pub prefix: String,
    /// What it may be used for.
    pub scopes: KeyScopes,
    /// Who made it. It acts with this member's present role, and ends with their membership.
    pub created_by: UserId,
    /// When it was made.
    pub created_at: Timestamp,
    /// From this instant on it lets nobody in.
    pub expires_at: Timestamp,
    /// When it was last used, to the minute.
    pub last_used_at: Option<Timestamp>,
    /// When it was taken back.
    pub revoked_at: Option<Timestamp>,
}

impl ApiKey {
    /// How many live keys a workspace has at most.
    pub const MOST: u32 = 50;
    /// How long a key lets in when its maker says nothing.
    pub const USUAL_LIFE: Duration = Duration::from_secs(90 * DAY);
    /// How long it does at most.
    pub const LONGEST_LIFE: Duration = Duration::from_secs(366 * DAY);
    /// How exactly its last use is known.
    pub const USE_IS_NOTED_EVERY: Duration = Duration::from_secs(60);
    const PREFIX: usize = 12;

    /// Where it is in its life.
    #[must_use]
    pub fn status(&self, now: Timestamp) -> KeyStatus {
        match self.revoked_at {
            Some(_) => KeyStatus::Revoked,
            None if self.expires_at <= now => KeyStatus::Expired,
            None => KeyStatus::Live,
        }
    }

    /// Whether a use at `now` is worth a row's change.
    #[must_use]
    pub fn use_is_news(&self, now: Timestamp) -> bool {
        self.last_used_at.is_none_or(|last| now.since(last) >= Self::USE_IS_NOTED_EVERY)
    }
}

const DAY: u64 = 24 * 60 * 60;

/// The visible beginning of a key's text. The rest of it stays as unguessable as 200 random bits.
pub(crate) fn prefix(text: &RawToken) -> String {
    text.secret().expose_secret().chars().take(ApiKey::PREFIX).collect()
}

/// The name of a key.
///
/// # Errors
/// `required`, `too_long` or `forbidden_character`.
pub(crate) fn key_name(text: &str) -> Result<String, Violation> {
    field::text(text, 1, 80)
}

/// When a key made at `now` ends.
///
/// # Errors
/// `in_the_past` or `too_late`.
pub(crate) fn expiry(wanted: Option<Timestamp>, now: Timestamp) -> Result<Timestamp, Violation> {
    let latest = now.plus(ApiKey::LONGEST_LIFE);
    match wanted {
        None => Ok(now.plus(ApiKey::USUAL_LIFE)),
        Some(at) if at <= now => Err(Violation::new("in_the_past", "must be in the future")),
        Some(at) if at > latest => {
            Err(Violation::new("too_late", format!("must not be after {latest}, a year from now")))
        }
        Some(at) => Ok(at),
    }
}

/// A new key with its text, for the eyes of its maker. Not printable.
#[derive(Debug, Clone)]
pub struct IssuedKey {
    /// The key.
    pub key: ApiKey,
    /// Its text.
    pub text: SecretString,
}

/// A key with what else decides whether it lets in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyStanding {
    /// The key.
    pub key: ApiKey,
    /// The present role of its maker in its workspace.
    pub maker_role: Role,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_pair_of_state_and_input_is_decided() {
        use KeyInput as I;
        use KeyStatus as S;
        let allowed = [
            (S::Live, I::Expire, S::Expired),
            (S::Live, I::Revoke, S::Revoked),
            (S::Expired, I::Revoke, S::Revoked),
        ];
        for state in S::ALL {
            for input in [I::Expire, I::Revoke] {
                let expected = allowed.iter().find(|(s, i, _)| (*s, *i) == (state, input)).map(|row| row.2);
                assert_eq!(state.transition(input), expected, "{state:?} {input:?}");
            }
        }
    }

    #[test]
    fn a_key_ends_in_the_future_and_within_a_year() {
        let now = Timestamp::from_micros(0);
        let at = |seconds| Some(now.plus(Duration::from_secs(seconds)));
        assert_eq!(expiry(None, now).unwrap(), at(90 * DAY).unwrap());
        assert_eq!(expiry(at(1), now).unwrap(), at(1).unwrap());
        assert_eq!(expiry(at(366 * DAY), now).unwrap(), at(366 * DAY).unwrap());
        assert_eq!(expiry(at(0), now).unwrap_err().code, "in_the_past");
        assert_eq!(expiry(at(366 * DAY + 1), now).unwrap_err().code, "too_late");
    }

    #[test]
    fn a_key_has_a_name() {
        assert_eq!(key_name(" CI ").unwrap(), "CI");
        assert_eq!(key_name(" ").unwrap_err().code, "required");
        assert_eq!(key_name(&"x".repeat(81)).unwrap_err().code, "too_long");
    }
}
