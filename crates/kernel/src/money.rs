//! Money and AI cost, both integers.

use serde::{Deserialize, Serialize};

/// An ISO 4217 currency that RaptorFlow knows, with its number of minor digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
#[expect(missing_docs, reason = "the variants are their ISO 4217 codes")]
pub enum Currency {
    Aud,
    Brl,
    Cad,
    Chf,
    Eur,
    Gbp,
    Inr,
    Jpy,
    Sgd,
    Usd,
}

impl Currency {
    /// Every known currency.
    pub const ALL: [Self; 10] = [
        Self::Aud,
        Self::Brl,
        Self::Cad,
        Self::Chf,
        Self::Eur,
        Self::Gbp,
        Self::Inr,
        Self::Jpy,
        Self::Sgd,
        Self::Usd,
    ];

    /// The ISO 4217 code.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Aud => "AUD",
            Self::Brl => "BRL",
            Self::Cad => "CAD",
            Self::Chf => "CHF",
            Self::Eur => "EUR",
            Self::Gbp => "GBP",
            Self::Inr => "INR",
            Self::Jpy => "JPY",
            Self::Sgd => "SGD",
            Self::Usd => "USD",
        }
    }

    /// How many decimal digits the minor unit has (ISO 4217): the yen none, the others two.
    #[must_use]
    pub const fn minor_digits(self) -> u32 {
        match self {
            Self::Jpy => 0,
            _ => 2,
        }
    }

    /// The currency of an ISO code in upper case.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|currency| currency.code() == code)
    }
}

/// An amount in minor units (cents, paise) of a currency. Never a float.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Money {
    /// Minor units; may be negative in a ledger, never in a price.
    pub amount: i64,
    /// ISO 4217 code.
    pub currency: Currency,
}

impl Money {
    /// The sum, when both are of one currency and it fits.
    #[must_use]
    pub fn checked_add(self, other: Self) -> Option<Self> {
        let amount = self.amount.checked_add(other.amount)?;
        (self.currency == other.currency).then_some(Self { amount, ..self })
    }
}

impl std::fmt::Display for Money {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let unit = 10_u64.pow(self.currency.minor_digits());
        let (sign, amount) = (if self.amount < 0 { "-" } else { "" }, self.amount.unsigned_abs());
        let code = self.currency.code();
        if unit == 1 {
            return write!(f, "{sign}{amount} {code}");
        }
        write!(f, "{sign}{}.{:02} {code}", amount / unit, amount % unit)
    }
}

/// AI cost in pico-dollars (10⁻¹² USD): prices are quoted per million tokens, so one token costs whole pico-dollars.
///
/// An `i64` holds 9.2 million dollars, more than any workspace's month.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct PicoUsd(i64);

impl PicoUsd {
    /// Nothing.
    pub const ZERO: Self = Self(0);

    /// From pico-dollars.
    #[must_use]
    pub const fn new(pico: i64) -> Self {
        Self(pico)
    }

    /// The number of pico-dollars.
    #[must_use]
    pub const fn pico(self) -> i64 {
        self.0
    }

    /// The sum, or `None` when it does not fit.
    #[must_use]
    pub fn checked_add(self, other: Self) -> Option<Self> {
        self.0.checked_add(other.0).map(Self)
    }
}

/// A decimal of dollars without trailing zeros: `0.000125`.
impl std::fmt::Display for PicoUsd {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        const UNIT: u64 = 1_000_000_000_000;
        let (sign, pico) = (if self.0 < 0 { "-" } else { "" }, self.0.unsigned_abs());
        let fraction = format!("{:012}", pico % UNIT);
        match fraction.trim_end_matches('0') {
            "" => write!(f, "{sign}{}", pico / UNIT),
            digits => write!(f, "{sign}{}.{digits}", pico / UNIT),
        }
    }
}

/// The text is no amount of dollars.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must be a decimal of dollars such as 12.50, not negative, with at most 12 decimals")]
pub struct NotUsd;

/// Reads what [`Display`](std::fmt::Display) writes of amounts that are not negative; trailing zeros are taken, too.
impl std::str::FromStr for PicoUsd {
    type Err = NotUsd;

    fn from_str(text: &str) -> Result<Self, NotUsd> {
        let (whole, fraction) = match text.split_once('.') {
            Some((whole, fraction)) if (1..=12).contains(&fraction.len()) => (whole, fraction),
            None => (text, ""),
            Some(_) => return Err(NotUsd),
        };
        let digits = format!("{whole}{fraction:0<12}");
        let plain = !whole.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
        plain.then(|| digits.parse().ok()).flatten().map(Self).ok_or(NotUsd)
    }
}

impl Serialize for PicoUsd {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn money_prints_its_minor_digits() {
        let inr = |amount| Money { amount, currency: Currency::Inr };
        assert_eq!(inr(49_900).to_string(), "499.00 INR");
        assert_eq!(inr(-5).to_string(), "-0.05 INR");
        assert_eq!(Money { amount: 1_200, currency: Currency::Jpy }.to_string(), "1200 JPY");
        assert_eq!(inr(1).checked_add(Money { amount: 1, currency: Currency::Usd }), None);
        assert_eq!(inr(i64::MAX).checked_add(inr(1)), None);
    }

    #[test]
    fn cost_is_a_decimal_of_dollars() {
        assert_eq!(PicoUsd::new(125_000_000).to_string(), "0.000125");
        assert_eq!(PicoUsd::new(3_000_000_000_000).to_string(), "3");
        assert_eq!(PicoUsd::new(-1).to_string(), "-0.000000000001");
        assert_eq!(PicoUsd::ZERO.to_string(), "0");
    }

    #[test]
    fn every_currency_is_found_by_its_code() {
        for currency in Currency::ALL {
            assert_eq!(Currency::from_code(currency.code()), Some(currency));
            assert_eq!(serde_json::to_value(currency).unwrap(), currency.code());
        }
    }

    #[test]
    fn dollars_are_read_without_a_float() {
        let read = |text: &str| text.parse::<PicoUsd>().map(PicoUsd::pico);
        assert_eq!(read("12.50"), Ok(12_500_000_000_000));
        assert_eq!(read("0.000000000001"), Ok(1));
        assert_eq!(read("0"), Ok(0));
        for amount in [PicoUsd::ZERO, PicoUsd::new(125), PicoUsd::new(i64::MAX)] {
            assert_eq!(amount.to_string().parse(), Ok(amount));
        }
        for bad in
            ["", ".", "1.", ".5", "-1", "+1", "1e3", "1,5", " 1", "0.0000000000001", "9223373", "NaN", "١"]
        {
            assert_eq!(read(bad), Err(NotUsd), "{bad:?}");
        }
    }
}
