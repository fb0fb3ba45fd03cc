//! How ids, instants and days are written to PostgreSQL.

use crate::sql::{At, Day, Id, OnDay, Time, Uid};
use diesel::{
    deserialize::{self, FromSql},
    pg::{Pg, PgValue},
    serialize::{self, Output, ToSql},
    sql_types,
};
use jiff::civil::{Date, date};
use kernel::Timestamp;
use uuid::Uuid;

/// PostgreSQL counts instants and days from 2000-01-01; ours count from 1970.
const EPOCH_MICROS: i64 = 946_684_800_000_000;
const EPOCH_DAY: Date = date(2000, 1, 1);

impl ToSql<Id, Pg> for Uid {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Pg>) -> serialize::Result {
        <Uuid as ToSql<sql_types::Uuid, Pg>>::to_sql(&self.0, &mut out.reborrow())
    }
}

impl FromSql<Id, Pg> for Uid {
    fn from_sql(value: PgValue<'_>) -> deserialize::Result<Self> {
        <Uuid as FromSql<sql_types::Uuid, Pg>>::from_sql(value).map(Self)
    }
}

impl ToSql<At, Pg> for Time {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Pg>) -> serialize::Result {
        let since_epoch = self.0.micros().checked_sub(EPOCH_MICROS).ok_or("the instant is too long ago")?;
        <i64 as ToSql<sql_types::BigInt, Pg>>::to_sql(&since_epoch, &mut out.reborrow())
    }
}

impl FromSql<At, Pg> for Time {
    fn from_sql(value: PgValue<'_>) -> deserialize::Result<Self> {
        let since_epoch = <i64 as FromSql<sql_types::BigInt, Pg>>::from_sql(value)?;
        Ok(Self(Timestamp::from_micros(since_epoch.saturating_add(EPOCH_MICROS))))
    }
}

impl ToSql<OnDay, Pg> for Day {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Pg>) -> serialize::Result {
        let days = (self.0 - EPOCH_DAY).get_days();
        <i32 as ToSql<sql_types::Integer, Pg>>::to_sql(&days, &mut out.reborrow())
    }
}

impl FromSql<OnDay, Pg> for Day {
    fn from_sql(value: PgValue<'_>) -> deserialize::Result<Self> {
        let days = <i32 as FromSql<sql_types::Integer, Pg>>::from_sql(value)?;
        Ok(Self(EPOCH_DAY.checked_add(jiff::Span::new().try_days(days)?)?))
    }
}
