//! How types of the domains look on the wire and in the documents.

use kernel::{Currency, Money};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa::openapi::SchemaFormat;
use utoipa::openapi::schema::{ArrayBuilder, Object, ObjectBuilder, Type};

/// An amount of money.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct MoneyBody {
    /// In minor units: cents, paise.
    #[schema(minimum = 0)]
    amount: i64,
    /// ISO 4217.
    #[schema(schema_with = currencies)]
    currency: Currency,
}

impl From<Money> for MoneyBody {
    fn from(money: Money) -> Self {
        Self { amount: money.amount, currency: money.currency }
    }
}

impl From<MoneyBody> for Money {
    fn from(money: MoneyBody) -> Self {
        Self { amount: money.amount, currency: money.currency }
    }
}

/// The schema of an enumeration that stays in its domain, by its stable names: for `schema_with`.
#[must_use]
pub(super) fn names<const N: usize>(names: [&'static str; N]) -> Object {
    ObjectBuilder::new().schema_type(Type::String).enum_values(Some(names)).build()
}

/// The schema of a list of texts of a format that has a rule, `most` at most: for `schema_with`.
#[must_use]
pub(super) fn list_of(format: &str, most: usize) -> ArrayBuilder {
    let format = SchemaFormat::Custom(format.to_owned());
    let text = ObjectBuilder::new().schema_type(Type::String).format(Some(format));
    ArrayBuilder::new().items(text).max_items(Some(most))
}

fn currencies() -> Object {
    names(Currency::ALL.map(Currency::code))
}
