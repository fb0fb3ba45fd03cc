//! Invitations of people who may not have an account yet.

use kernel::{EmailAddress, InvitationId, Role, Timestamp, UserId, Violation, WorkspaceId};
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// Where an invitation is in its life.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum InvitationStatus {
    /// Can be accepted.
    Open,
    /// The invited person is in.
    Accepted,
    /// Was taken back, or its maker has left, before it was accepted.
    Revoked,
    /// Its time ran out before it was accepted.
    Expired,
}

/// What happens to an invitation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum InvitationInput {
    /// The invited person shows the token.
    Accept,
    /// An admin takes it back, or its maker leaves.
    Revoke,
    /// Its time runs out.
    Expire,
}

impl InvitationStatus {
    /// Every state.
    pub const ALL: [Self; 4] = [Self::Open, Self::Accepted, Self::Revoked, Self::Expired];

    /// The stable name, as on the wire. No store keeps it: it follows from the instants and the time.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Accepted => "accepted",
            Self::Revoked => "revoked",
            Self::Expired => "expired",
        }
    }

    /// The next state; `None` when the input has no business in this state.
    #[must_use]
    pub const fn transition(self, input: InvitationInput) -> Option<Self> {
        match (self, input) {
            (Self::Open, InvitationInput::Accept) => Some(Self::Accepted),
            (Self::Open, InvitationInput::Revoke) => Some(Self::Revoked),
            (Self::Open, InvitationInput::Expire) => Some(Self::Expired),
            (Self::Accepted | Self::Revoked | Self::Expired, _) => None,
        }
    }
}

/// An offer to the owner of an address to become a member.
///
/// The token that accepts it stands in the mail only; a store keeps the token's hash beside the invitation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Invitation {
    /// Its id.
    pub id: InvitationId,
    /// Into which workspace.
    pub workspace_id: WorkspaceId,
    /// Whose owner is invited, and nobody else.
    pub email: EmailAddress,
    /// What they will be; fixed when it is made.
    pub role: Role,
    /// Who vouches for it.
    pub invited_by: UserId,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it is too late.
    pub expires_at: Timestamp,
    /// When it was accepted.
    pub accepted_at: Option<Timestamp>,
    /// By whom.
    pub accepted_by: Option<UserId>,
    /// When it was taken back. At or after the expiry it only made room for a newer one.
    pub revoked_at: Option<Timestamp>,
}

impl Invitation {
    /// The address in the place of an erased person's: well-formed, and nobody's (RFC 2606).
    ///
    /// # Errors
    /// Never in practice: the text is an address.
    pub fn nobodys_address(id: InvitationId) -> Result<EmailAddress, Violation> {
        EmailAddress::parse(&format!("erased-{id}@erased.invalid"))
    }

    /// How long it can be accepted.
    pub const LASTS: Duration = Duration::from_secs(7 * 24 * 60 * 60);

    /// Its state at an instant.
    #[must_use]
    pub fn status(&self, now: Timestamp) -> InvitationStatus {
        let ended = self.revoked_at.unwrap_or(now);
        match (self.accepted_at, self.revoked_at) {
            (Some(_), _) => InvitationStatus::Accepted,
            _ if self.expires_at <= ended => InvitationStatus::Expired,
            (None, Some(_)) => InvitationStatus::Revoked,
            (None, None) => InvitationStatus::Open,
        }
    }
}

/// An invitation with its state when it was looked at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct InvitationView {
    /// The invitation.
    pub invitation: Invitation,
    /// Its state.
    pub status: InvitationStatus,
}

impl InvitationView {
    /// The invitation as it stands at `now`.
    #[must_use]
    pub fn at(invitation: Invitation, now: Timestamp) -> Self {
        Self { status: invitation.status(now), invitation }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_pair_of_state_and_input_is_decided() {
        use InvitationInput as I;
        use InvitationStatus as S;
        let allowed = [
            (S::Open, I::Accept, S::Accepted),
            (S::Open, I::Revoke, S::Revoked),
            (S::Open, I::Expire, S::Expired),
        ];
        for state in S::ALL {
            for input in [I::Accept, I::Revoke, I::Expire] {
                let expected = allowed.iter().find(|(s, i, _)| (*s, *i) == (state, input)).map(|row| row.2);
                assert_eq!(state.transition(input), expected, "{state:?} {input:?}");
            }
        }
    }

    #[test]
    fn the_state_follows_from_the_instants() {
        let (id, at) = (uuid::Uuid::nil(), Timestamp::from_micros);
        let status = |accepted: Option<i64>, revoked: Option<i64>, now| {
            let invitation = Invitation {
                id: id.into(),
                workspace_id: id.into(),
                email: EmailAddress::parse("ada@example.com").unwrap(),
                role: Role::Member,
                invited_by: id.into(),
                created_at: at(0),
                expires_at: at(10),
                accepted_at: accepted.map(at),
                accepted_by: accepted.map(|_| id.into()),
                revoked_at: revoked.map(at),
            };
            invitation.status(at(now))
        };
        assert_eq!(status(None, None, 9), InvitationStatus::Open);
        assert_eq!(status(None, None, 10), InvitationStatus::Expired);
        assert_eq!(status(Some(3), None, 99), InvitationStatus::Accepted);
        assert_eq!(status(None, Some(9), 99), InvitationStatus::Revoked);
        assert_eq!(status(None, Some(10), 99), InvitationStatus::Expired, "it only made room");
    }
}
