//! Columns that many rows share: enums as texts, an actor as two columns, money as two.

use super::Uid;
use kernel::{Actor, Currency, Money, StoreError, StoreResult};

/// The thing that a row holds, when this version can read it; else the row waits for one that can, and stops no other.
pub(crate) fn readable<R, T: TryFrom<R, Error = StoreError>>(table: &str, row: R) -> Option<T> {
    let read = T::try_from(row);
    read.inspect_err(|error| tracing::error!(%error, db.table = table, "a row can't be read")).ok()
}

/// The value of a text column that names an enum's variant.
pub(crate) fn text<T>(column: &str, name: &str, parse: impl Fn(&str) -> Option<T>) -> StoreResult<T> {
    parse(name).ok_or_else(|| StoreError::Corrupt(format!("{column} holds `{name}`")))
}

pub(crate) fn actor_columns(actor: Actor) -> (&'static str, Option<Uid>) {
    (actor.kind(), actor.id().map(Uid))
}

pub(crate) fn actor(kind: &str, id: Option<Uid>) -> StoreResult<Actor> {
    text("actor_kind", kind, |kind| Actor::from_parts(kind, id.map(|id| id.0)))
}

pub(crate) fn currency(amount: Option<i64>, code: Option<&str>) -> StoreResult<Option<Money>> {
    let Some((amount, code)) = amount.zip(code) else { return Ok(None) };
    let currency = text("budget_currency", code, Currency::from_code)?;
    Ok(Some(Money { amount, currency }))
}
