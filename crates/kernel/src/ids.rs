//! Typed ids. Every id is a UUIDv7 (RFC 9562): its first 48 bits are the time of its making, so ids sort by age.

/// Declares id types: a transparent wrapper of a UUID that no other id can be mistaken for.
macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident),* $(,)?) => { $(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
        #[serde(transparent)]
        pub struct $name(uuid::Uuid);

        impl $name {
            /// Wraps an id that was minted by an [`IdGenerator`](crate::IdGenerator) or read from a store.
            #[must_use]
            pub const fn from_uuid(id: uuid::Uuid) -> Self {
                Self(id)
            }

            /// The bare id, for adapters.
            #[must_use]
            pub const fn uuid(self) -> uuid::Uuid {
                self.0
            }
        }

        impl From<uuid::Uuid> for $name {
            fn from(id: uuid::Uuid) -> Self {
                Self(id)
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.0.fmt(f)
            }
        }

        impl std::str::FromStr for $name {
            type Err = uuid::Error;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                text.parse().map(Self)
            }
        }
    )* };
}

ids! {
    /// A tenant.
    WorkspaceId,
    /// A person.
    UserId,
    /// A login of a person; also the family of its refresh tokens.
    SessionId,
    /// One refresh token of a session.
    RefreshTokenId,
    /// A single-use token that was sent by mail.
    EmailTokenId,
    /// A second factor of a person.
    FactorId,
    /// A login that waits for its second factor.
    ChallengeId,
    /// An invitation into a workspace.
    InvitationId,
    /// A key by which a program acts in a workspace.
    ApiKeyId,
    /// A row of the `events` table: audit trail and outbox at once.
    EventId,
    /// A durable unit of background work.
    JobId,
    /// Work that comes again and again.
    ScheduleId,
    /// A walk through the onboarding steps.
    OnboardingId,
    /// The foundation of a workspace.
    FoundationId,
    /// An ideal customer profile.
    IcpId,
    /// A version of a business context.
    ContextVersionId,
    /// A campaign.
    CampaignId,
    /// A marketing move.
    MoveId,
    /// A daily win.
    DailyWinId,
    /// One of the seven lords of a workspace's council.
    AgentId,
    /// One tracked execution of an agent.
    RunId,
    /// A call of a language model.
    ModelCallId,
    /// A step in the journal of an agent run.
    StepId,
    /// A plan on the price list.
    PlanId,
    /// A subscription of a workspace to a plan.
    SubscriptionId,
}
