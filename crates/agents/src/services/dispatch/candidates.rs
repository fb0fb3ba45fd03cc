use super::Dispatcher;
use crate::{
    ModelAlias,
    dispatch::{
        Model, ModelKind, ModelRequest, Price, Refusal, ServiceTier, Source, Target, Terms, Usage, Wanted,
    },
    ports::models::LanguageModel,
};
use kernel::{FieldErrors, PicoUsd, Timestamp, Violation};
use std::sync::Arc;

/// A target that can be asked: its provider is configured, and its price known.
#[derive(Clone)]
pub(super) struct Candidate {
    pub(super) target: Target,
    pub(super) provider: Arc<dyn LanguageModel>,
    pub(super) model: Model,
    pub(super) price: Price,
    pub(super) alias: Option<ModelAlias>,
}

impl Candidate {
    /// What the usage costs at the usual tier.
    pub(super) fn cost(&self, usage: &Usage) -> (PicoUsd, bool) {
        self.cost_of(usage, ServiceTier::Standard)
    }

    /// What the usage costs, and whether that is our own estimate: a tier without a price counts as the usual one, a class
    /// without a rate as fresh input.
    pub(super) fn cost_of(&self, usage: &Usage, tier: ServiceTier) -> (PicoUsd, bool) {
        let is_regional = self.provider.is_regional(&self.model);
        let told = self.price.cost(usage, Terms { tier, is_regional });
        let plain = Usage { fresh: usage.input(), output: usage.output, ..Usage::NONE };
        let terms = Terms { tier: ServiceTier::Standard, is_regional };
        let guessed = || [*usage, plain].iter().find_map(|usage| self.price.cost(usage, terms).ok());
        match told {
            Ok(cost) => (cost, false),
            // Only a sum beyond all money has no cost by now.
            Err(_) => (guessed().unwrap_or(PicoUsd::new(i64::MAX)), true),
        }
    }

    pub(super) fn source(&self) -> Source {
        Source { model: self.target.model.clone(), provider: self.target.provider }
    }
}

impl Dispatcher {
    /// The targets to try, in their order: those that are priced and served by one of the providers.
    ///
    /// # Errors
    /// The model is unknown or has no price, or no provider of it is configured.
    pub(super) fn candidates(
        &self,
        providers: &[Arc<dyn LanguageModel>],
        wanted: &Wanted,
        kind: ModelKind,
        at: Timestamp,
    ) -> Result<Vec<Candidate>, Refusal> {
        let targets = self.catalogue.targets(wanted, at);
        let of_kind = |target: &Target| {
            self.catalogue.find(&target.model, at).filter(|model| model.kind == kind).cloned()
        };
        let known: Vec<(Target, Model)> =
            targets.into_iter().filter_map(|target| of_kind(&target).map(|model| (target, model))).collect();
        if known.is_empty() {
            return Err(no_such_model(wanted, kind));
        }
        let alias = match wanted {
            Wanted::Alias(alias) => Some(*alias),
            Wanted::Model(_) => None,
        };
        let priced = known.into_iter().filter_map(|(target, model)| {
            let price = self.prices.find(&target.model, at)?.clone();
            Some((target, model, price))
        });
        let priced: Vec<_> = priced.collect();
        if priced.is_empty() {
            return Err(no_price(wanted));
        }
        let configured = priced.into_iter().filter_map(|(target, model, price)| {
            let provider = providers.iter().find(|known| known.provider() == target.provider)?.clone();
            Some(Candidate { target, provider, model, price, alias })
        });
        let candidates: Vec<Candidate> = configured.collect();
        if candidates.is_empty() {
            return Err(Refusal::NotConfigured(wanted.name().to_owned()));
        }
        Ok(candidates)
    }

    /// Of the candidates those that can be asked this; the first one's mistakes when none can.
    pub(super) fn able(
        &self,
        candidates: Vec<Candidate>,
        request: &ModelRequest,
    ) -> Result<Vec<Candidate>, Refusal> {
        let mut first = None;
        let able = candidates.into_iter().filter(|candidate| match request.check(&candidate.model) {
            Ok(()) => true,
            Err(errors) => {
                first.get_or_insert(errors);
                false
            }
        });
        let able: Vec<Candidate> = able.collect();
        match first {
            Some(errors) if able.is_empty() => Err(Refusal::Invalid(errors)),
            _ => Ok(able),
        }
    }
}

fn wrong_model(code: &'static str, message: String) -> Refusal {
    Refusal::Invalid(FieldErrors::one("/model", Violation::new(code, message)))
}

fn no_such_model(wanted: &Wanted, kind: ModelKind) -> Refusal {
    let what = match kind {
        ModelKind::Chat => "an alias (fast, standard, heavy) or the id of a chat model",
        ModelKind::Embedding => "the id of an embedding model",
    };
    wrong_model("unknown_model", format!("`{}` is not {what} that is served today", wanted.name()))
}

fn no_price(wanted: &Wanted) -> Refusal {
    wrong_model("unpriced_model", format!("`{}` has no price today, so nobody may call it", wanted.name()))
}
