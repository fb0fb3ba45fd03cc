use super::{Factor, Price, Rate, Rates, ServiceTier, Terms};
use crate::model::dispatch::Usage;
use kernel::PicoUsd;

/// The price list does not say what this costs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Unpriced {
    /// A class of tokens has no rate.
    #[error("no price for {0}")]
    Class(&'static str),
    /// The model is not served under these terms.
    #[error("no price for the tier {0}")]
    Tier(&'static str),
    /// More than an amount can hold, nine million dollars.
    #[error("the amount is too large")]
    TooMuch,
}

impl Rates {
    fn of(&self, usage: &Usage) -> Result<i128, Unpriced> {
        let classes = [
            ("input", usage.fresh, Some(self.fresh)),
            ("cache reads", usage.cache_read, self.cache_read),
            ("cache writes of 5 minutes", usage.cache_write_5m, self.cache_write_5m),
            ("cache writes of an hour", usage.cache_write_1h, self.cache_write_1h),
            ("output", usage.output, self.output),
        ];
        let mut sum = 0;
        for (class, tokens, rate) in classes.into_iter().filter(|(_, tokens, _)| *tokens > 0) {
            sum += i128::from(tokens) * i128::from(rate.ok_or(Unpriced::Class(class))?.pico());
        }
        Ok(sum)
    }

    pub(super) fn all(&self) -> impl Iterator<Item = Rate> {
        let others = [self.cache_read, self.cache_write_5m, self.cache_write_1h, self.output];
        std::iter::once(self.fresh).chain(others.into_iter().flatten())
    }
}

impl Factor {
    /// The amount, when it stays whole.
    pub(super) fn apply(self, amount: i128) -> Option<i128> {
        let product = amount.checked_mul(self.times.into())?;
        (product % i128::from(self.by) == 0).then(|| product / i128::from(self.by))
    }
}

impl Price {
    /// The rates of a request with so much input: longer than the threshold, not as long, has the other ones throughout.
    fn rates_for(&self, input: u64) -> &Rates {
        match &self.above {
            Some(long) if input > long.tokens => &long.rates,
            _ => &self.rates,
        }
    }

    pub(super) fn factor(&self, terms: Terms) -> Result<[Factor; 2], Unpriced> {
        let tier = match terms.tier {
            ServiceTier::Standard => Some(Factor::ONE),
            ServiceTier::Flex => self.factors.flex,
            ServiceTier::Batch => self.factors.batch,
            ServiceTier::Priority => self.factors.priority,
        };
        let regional = self.factors.regional.filter(|_| terms.is_regional).unwrap_or(Factor::ONE);
        Ok([tier.ok_or(Unpriced::Tier(terms.tier.name()))?, regional])
    }

    /// What the usage costs, exactly.
    ///
    /// # Errors
    /// [`Unpriced`]: a class or a tier that the row does not name is never priced at nothing.
    pub fn cost(&self, usage: &Usage, terms: Terms) -> Result<PicoUsd, Unpriced> {
        let mut amount = self.rates_for(usage.input()).of(usage)?;
        for factor in self.factor(terms)? {
            // The file's reader made sure that each rate stays whole, so each sum of them does.
            amount = factor.apply(amount).ok_or(Unpriced::TooMuch)?;
        }
        i64::try_from(amount).map(PicoUsd::new).map_err(|_| Unpriced::TooMuch)
    }
}

impl ServiceTier {
    /// The tier of a stored name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Standard, Self::Flex, Self::Batch, Self::Priority].into_iter().find(|tier| tier.name() == name)
    }

    /// The stable name, as stored.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Standard => "standard",
            Self::Flex => "flex",
            Self::Batch => "batch",
            Self::Priority => "priority",
        }
    }
}
