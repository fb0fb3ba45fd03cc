use super::{Factor, Price, ServiceTier, Terms};
use kernel::Timestamp;
use serde::Deserialize;
use std::collections::BTreeMap;

/// The price list: dated rows in a file, which an installation may replace by its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PriceFile(BTreeMap<String, Vec<Price>>);

/// What is wrong with a price list.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PriceFileError {
    /// Not the form of one.
    #[error("{0}")]
    Form(String),
    /// A row ends before it begins, or two of a model hold at once.
    #[error("{model}: the row {row} ends before it begins, or holds at the same time as another one")]
    Validity {
        /// Of which model.
        model: String,
        /// Which row.
        row: String,
    },
    /// An amount would have to be rounded.
    #[error("{0}: a price times a factor is no whole number of pico-dollars")]
    Fraction(String),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    #[serde(rename = "price")]
    prices: Vec<Price>,
}

impl PriceFile {
    /// The list that comes with the product.
    ///
    /// # Errors
    /// [`PriceFileError`], which the crate's tests rule out.
    pub fn shipped() -> Result<Self, PriceFileError> {
        Self::parse(include_str!("../../../../data/prices.toml"))
    }

    /// Reads a list.
    ///
    /// # Errors
    /// [`PriceFileError`]: the first mistake.
    pub fn parse(text: &str) -> Result<Self, PriceFileError> {
        let document: Document = toml::from_str(text).map_err(|e| PriceFileError::Form(e.to_string()))?;
        let mut models: BTreeMap<String, Vec<Price>> = BTreeMap::new();
        for price in document.prices {
            check_fractions(&price)?;
            models.entry(price.model.clone()).or_default().push(price);
        }
        for prices in models.values_mut() {
            prices.sort_by_key(|price| price.valid_from);
            check_validity(prices)?;
        }
        Ok(Self(models))
    }

    /// What a model costs at an instant; `None` when nobody knows.
    #[must_use]
    pub fn find(&self, model: &str, at: Timestamp) -> Option<&Price> {
        self.0.get(model)?.iter().find(|price| price.holds_at(at))
    }

    /// Every row, by model and day.
    pub fn rows(&self) -> impl Iterator<Item = &Price> {
        self.0.values().flatten()
    }
}

fn check_validity(prices: &[Price]) -> Result<(), PriceFileError> {
    let wrong = |price: &Price| PriceFileError::Validity { model: price.model.clone(), row: price.name() };
    for price in prices {
        if price.valid_from.zip(price.valid_to).is_some_and(|(from, to)| from >= to) {
            return Err(wrong(price));
        }
    }
    for pair in prices.windows(2) {
        let [earlier, later] = pair else { continue };
        let is_apart = earlier.valid_to.zip(later.valid_from).is_some_and(|(to, from)| to <= from);
        if !is_apart {
            return Err(wrong(later));
        }
    }
    Ok(())
}

/// Every rate under all terms.
fn check_fractions(price: &Price) -> Result<(), PriceFileError> {
    let rates = price.rates.all().chain(price.above.iter().flat_map(|long| long.rates.all()));
    for rate in rates {
        for terms in all_terms() {
            let Ok(factors) = price.factor(terms) else { continue };
            let whole = factors
                .into_iter()
                .try_fold(i128::from(rate.pico()), |rate, factor: Factor| factor.apply(rate));
            if whole.is_none() {
                return Err(PriceFileError::Fraction(price.name()));
            }
        }
    }
    Ok(())
}

fn all_terms() -> impl Iterator<Item = Terms> {
    let tiers = [ServiceTier::Standard, ServiceTier::Flex, ServiceTier::Batch, ServiceTier::Priority];
    tiers.into_iter().flat_map(|tier| [false, true].map(|is_regional| Terms { tier, is_regional }))
}
