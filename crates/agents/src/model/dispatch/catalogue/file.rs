use super::{Model, ModelKind};
use crate::model::{ModelAlias, dispatch::Target};
use kernel::Timestamp;
use serde::Deserialize;
use std::collections::BTreeMap;

/// The catalogue: models and aliases in a file, which an installation may replace by its own.
#[derive(Debug, Clone, PartialEq)]
pub struct CatalogueFile {
    models: BTreeMap<String, Vec<Model>>,
    aliases: Aliases,
}

/// What is wrong with a catalogue.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CatalogueFileError {
    /// Not the form of one.
    #[error("{0}")]
    Form(String),
    /// Two rows of a model hold at the same time.
    #[error("{0}: two rows hold at the same time")]
    Twice(String),
    /// An alias stands for nothing, or for what is not there.
    #[error("{alias}: {target}")]
    Alias {
        /// Which.
        alias: &'static str,
        /// What is wrong with its targets.
        target: String,
    },
    /// A model's limits contradict each other.
    #[error("{0}: its usual output is longer than its longest one, or it has none at all")]
    Limits(String),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    #[serde(rename = "model")]
    models: Vec<Model>,
    alias: Aliases,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
struct Aliases {
    fast: Vec<Target>,
    standard: Vec<Target>,
    heavy: Vec<Target>,
}

impl CatalogueFile {
    /// The catalogue that comes with the product.
    ///
    /// # Errors
    /// [`CatalogueFileError`], which the crate's tests rule out.
    pub fn shipped() -> Result<Self, CatalogueFileError> {
        Self::parse(include_str!("../../../../data/models.toml"))
    }

    /// Reads a catalogue.
    ///
    /// # Errors
    /// [`CatalogueFileError`]: the first mistake.
    pub fn parse(text: &str) -> Result<Self, CatalogueFileError> {
        let Document { models: rows, alias: aliases } =
            toml::from_str(text).map_err(|e| CatalogueFileError::Form(e.to_string()))?;
        let mut models: BTreeMap<String, Vec<Model>> = BTreeMap::new();
        for model in rows {
            check_limits(&model)?;
            models.entry(model.id.clone()).or_default().push(model);
        }
        for (id, rows) in &mut models {
            rows.sort_by_key(|row| row.valid_from);
            let apart = |pair: &[Model]| match pair {
                [earlier, later] => {
                    earlier.valid_to.zip(later.valid_from).is_some_and(|(to, from)| to <= from)
                }
                _ => true,
            };
            if !rows.windows(2).all(apart) {
                return Err(CatalogueFileError::Twice(id.clone()));
            }
        }
        let catalogue = Self { models, aliases };
        ModelAlias::ALL.into_iter().try_for_each(|alias| catalogue.check_alias(alias))?;
        Ok(catalogue)
    }

    fn check_alias(&self, alias: ModelAlias) -> Result<(), CatalogueFileError> {
        let wrong = |target: String| CatalogueFileError::Alias { alias: alias.name(), target };
        if self.alias(alias).is_empty() {
            return Err(wrong("stands for nothing".to_owned()));
        }
        let is_served = |target: &Target| {
            let mut rows = self.models.get(&target.model).into_iter().flatten();
            rows.any(|row| row.kind == ModelKind::Chat && row.served_as.contains_key(&target.provider))
        };
        match self.alias(alias).iter().find(|target| !is_served(target)) {
            Some(target) => Err(wrong(format!("no such chat model is served: {target}"))),
            None => Ok(()),
        }
    }

    /// What an alias stands for, whether it is served by now or not.
    #[must_use]
    pub fn alias(&self, alias: ModelAlias) -> &[Target] {
        match alias {
            ModelAlias::Fast => &self.aliases.fast,
            ModelAlias::Standard => &self.aliases.standard,
            ModelAlias::Heavy => &self.aliases.heavy,
        }
    }

    /// The model of this id, as it is at an instant; `None` when nobody knows it, or it is retired.
    #[must_use]
    pub fn find(&self, id: &str, at: Timestamp) -> Option<&Model> {
        self.models.get(id)?.iter().find(|model| model.holds_at(at))
    }

    /// Those that are served at an instant, by their ids.
    pub fn all(&self, at: Timestamp) -> impl Iterator<Item = &Model> {
        self.models.values().flatten().filter(move |model| model.holds_at(at))
    }
}

fn check_limits(model: &Model) -> Result<(), CatalogueFileError> {
    let is_right = match model.kind {
        ModelKind::Chat => (1..=model.output_tokens).contains(&model.usual_output_tokens),
        ModelKind::Embedding => model.output_tokens == 0 && model.usual_output_tokens == 0,
    };
    let is_right = is_right && model.input_tokens > 0 && !model.served_as.is_empty();
    if is_right { Ok(()) } else { Err(CatalogueFileError::Limits(model.id.clone())) }
}
