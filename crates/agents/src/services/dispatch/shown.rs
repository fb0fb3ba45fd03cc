use super::Dispatcher;
use crate::{
    ModelAlias, Result,
    dispatch::{Model, ModelKind, Price, Target, Wanted},
    ports::models::LanguageModel,
};
use kernel::{Area, WorkspaceScope};
use std::sync::Arc;

/// A model that is served today.
#[derive(Debug, Clone, PartialEq)]
pub struct ModelView {
    /// The model.
    pub model: Model,
    /// What it costs today; `None` when nobody knows, and nobody may call it.
    pub price: Option<Price>,
    /// Whether it can be asked now: one of its providers is configured, and its price known.
    pub is_available: bool,
}

/// What an alias stands for today.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AliasView {
    /// Which.
    pub alias: ModelAlias,
    /// The targets, in the order in which they are asked.
    pub targets: Vec<Target>,
    /// The first of them that can be asked.
    pub answers: Option<Target>,
}

impl Dispatcher {
    /// The models that are served today, by their ids.
    ///
    /// # Errors
    /// The role is too low, or the store's.
    pub async fn models(&self, scope: &WorkspaceScope) -> Result<Vec<ModelView>> {
        scope.require(Area::Ai.read())?;
        let (providers, now) = (self.providers.of(scope).await?, self.env.now());
        let view = |model: &Model| ModelView {
            model: model.clone(),
            price: self.prices.find(&model.id, now).cloned(),
            is_available: self.first(&providers, &Wanted::Model(model.id.clone()), model.kind).is_some(),
        };
        Ok(self.catalogue.all(now).into_iter().map(view).collect())
    }

    /// What each alias stands for today.
    ///
    /// # Errors
    /// The role is too low, or the store's.
    pub async fn aliases(&self, scope: &WorkspaceScope) -> Result<[AliasView; 3]> {
        scope.require(Area::Ai.read())?;
        let (providers, now) = (self.providers.of(scope).await?, self.env.now());
        Ok(ModelAlias::ALL.map(|alias| {
            let wanted = Wanted::Alias(alias);
            let targets = self.catalogue.targets(&wanted, now);
            AliasView { alias, targets, answers: self.first(&providers, &wanted, ModelKind::Chat) }
        }))
    }

    /// Who would be asked first.
    fn first(
        &self,
        providers: &[Arc<dyn LanguageModel>],
        wanted: &Wanted,
        kind: ModelKind,
    ) -> Option<Target> {
        let candidates = self.candidates(providers, wanted, kind, self.env.now()).ok()?;
        candidates.into_iter().next().map(|candidate| candidate.target)
    }
}
