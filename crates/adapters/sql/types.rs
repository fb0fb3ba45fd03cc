//! Column types that both databases know under one name. How they are written and read stands in
//! `crate::dialect`.

use diesel::{deserialize::FromSqlRow, expression::AsExpression, query_builder::QueryId, sql_types::SqlType};
use kernel::{Date, Timestamp};
use uuid::Uuid;

/// An id: `uuid` on PostgreSQL (type 2950), a blob of 16 bytes on SQLite.
#[derive(SqlType, QueryId, Clone, Copy)]
#[diesel(postgres_type(oid = 2950, array_oid = 2951), sqlite_type(name = "Binary"))]
pub struct Id;

/// An instant: `timestamptz` on PostgreSQL (type 1184), microseconds since 1970 on SQLite.
#[derive(SqlType, QueryId, Clone, Copy)]
#[diesel(postgres_type(oid = 1184, array_oid = 1185), sqlite_type(name = "Long"))]
pub struct At;

/// A day: `date` on PostgreSQL (type 1082), ISO text on SQLite.
#[derive(SqlType, QueryId, Clone, Copy)]
#[diesel(postgres_type(oid = 1082, array_oid = 1182), sqlite_type(name = "Text"))]
pub struct OnDay;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, AsExpression, FromSqlRow)]
#[diesel(sql_type = Id)]
pub(crate) struct Uid(pub(crate) Uuid);

#[derive(Debug, Clone, Copy, PartialEq, Eq, AsExpression, FromSqlRow)]
#[diesel(sql_type = At)]
pub(crate) struct Time(pub(crate) Timestamp);

#[derive(Debug, Clone, Copy, PartialEq, Eq, AsExpression, FromSqlRow)]
#[diesel(sql_type = OnDay)]
pub(crate) struct Day(pub(crate) Date);

impl From<Timestamp> for Time {
    fn from(at: Timestamp) -> Self {
        Self(at)
    }
}

impl From<Date> for Day {
    fn from(date: Date) -> Self {
        Self(date)
    }
}

/// Every typed id is a [`Uid`] in a row.
macro_rules! uids {
    ($($id:ty),* $(,)?) => { $(
        impl From<$id> for Uid {
            fn from(id: $id) -> Self {
                Self(id.uuid())
            }
        }

        impl From<Uid> for $id {
            fn from(id: Uid) -> Self {
                id.0.into()
            }
        }
    )* };
}

uids! {
    kernel::AgentId,
    kernel::ApiKeyId,
    kernel::CampaignId,
    kernel::ChallengeId,
    kernel::ContextVersionId,
    kernel::DailyWinId,
    kernel::EmailTokenId,
    kernel::EventId,
    kernel::FactorId,
    kernel::FoundationId,
    kernel::IcpId,
    kernel::InvitationId,
    kernel::JobId,
    kernel::ModelCallId,
    kernel::ScheduleId,
    kernel::MoveId,
    kernel::OnboardingId,
    kernel::RefreshTokenId,
    kernel::RunId,
    kernel::SessionId,
    kernel::StepId,
    kernel::UserId,
    kernel::WorkspaceId,
}
