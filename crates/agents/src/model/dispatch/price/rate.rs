use kernel::PicoUsd;
use serde::{Deserialize, Deserializer, de::Error};
use std::str::FromStr;

/// What one token costs, in pico-dollars. Written as list prices are: a decimal of dollars per million tokens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Rate(i64);

/// The text is no rate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must be a decimal of dollars per million tokens such as \"0.075\", with at most 6 decimals")]
pub struct NotARate;

/// In US dollars per million tokens, as price lists say it.
impl std::fmt::Display for Rate {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        PicoUsd::new(self.0.saturating_mul(1_000_000)).fmt(f)
    }
}

impl Rate {
    /// Of pico-dollars per token.
    #[must_use]
    pub const fn new(pico: i64) -> Self {
        Self(pico)
    }

    /// Pico-dollars per token.
    #[must_use]
    pub const fn pico(self) -> i64 {
        self.0
    }
}

impl FromStr for Rate {
    type Err = NotARate;

    fn from_str(text: &str) -> Result<Self, NotARate> {
        let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
        let digits = format!("{whole}{fraction:0<6}");
        let is_plain = (1..=6).contains(&whole.len()) && (1..=6).contains(&fraction.len());
        let is_plain = is_plain && digits.bytes().all(|byte| byte.is_ascii_digit());
        is_plain.then(|| digits.parse().ok()).flatten().map(Self).ok_or(NotARate)
    }
}

impl<'de> Deserialize<'de> for Rate {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(D::Error::custom)
    }
}

impl<'de> Deserialize<'de> for super::Factor {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let parts =
            text.split_once('/').and_then(|(times, by)| Some((times.parse().ok()?, by.parse().ok()?)));
        match parts {
            Some((times, by)) if times > 0 && by > 0 => Ok(Self { times, by }),
            _ => Err(D::Error::custom("must be a fraction such as \"11/10\"")),
        }
    }
}
