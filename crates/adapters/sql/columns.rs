//! Columns that many rows share: enums as texts, an actor as two columns, money as two.

use super::Uid;
use kernel::{Actor, Currency, Money, StoreError, StoreResult};

/// The thing that a row holds, when this version can read it; else the row waits for one that can, and stops no other.
pub(crate) fn readable<R, T: TryFrom<R, Error = StoreError>>(table: &str, row: R) -> Option<T> {
    let read = T::try_from(row);
    read.inspect_err(|error| tracing::error!(%error, db.table = table, "a row can't be read")).ok()
}

/// Adds what this version can read, `most` in all; answers behind which row to read on, when a full page had some that it
/// can't read.
pub(crate) fn add_readable<R, T: TryFrom<R, Error = StoreError>, K>(
    table: &str,
    found: &mut Vec<T>,
    rows: Vec<R>,
    most: i64,
    key: impl Fn(&R) -> K,
) -> Option<K> {
    let most = usize::try_from(most).unwrap_or(usize::MAX);
    let last = rows.last().filter(|_| rows.len() == most).map(key);
    found.extend(rows.into_iter().filter_map(|row| readable(table, row)));
    found.truncate(most);
    last.filter(|_| found.len() < most)
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
