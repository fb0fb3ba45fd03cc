//! The price list of `data/plans.toml`.

use crate::{
    model::{Period, Plan, PlanCode, PlanLimits},
    ports::PlanCatalogue,
};
use async_trait::async_trait;
use kernel::{Date, Money, PicoUsd, StoreResult};
use serde::Deserialize;
use std::sync::LazyLock;

/// The price list that comes with the program.
#[derive(Debug, Clone, Copy, Default)]
pub struct ShippedPlans;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct DataFile {
    plan: Vec<Entry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    code: PlanCode,
    name: String,
    description: String,
    price: Money,
    period: Period,
    valid_from: Date,
    valid_to: Option<Date>,
    limits: Limits,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Limits {
    members: Option<u32>,
    campaigns: Option<u32>,
    ai_budget_pico_usd: Option<i64>,
}

impl From<Entry> for Plan {
    fn from(entry: Entry) -> Self {
        let Limits { members, campaigns, ai_budget_pico_usd } = entry.limits;
        Self {
            code: entry.code,
            name: entry.name,
            description: entry.description,
            price: entry.price,
            period: entry.period,
            limits: PlanLimits { members, campaigns, ai_budget: ai_budget_pico_usd.map(PicoUsd::new) },
            valid_from: entry.valid_from,
            valid_to: entry.valid_to,
        }
    }
}

static PLANS: LazyLock<Vec<Plan>> = LazyLock::new(|| {
    #[expect(clippy::expect_used, reason = "the file is part of the program; a test parses it")]
    let file: DataFile = toml::from_str(include_str!("../../data/plans.toml")).expect("plans.toml is valid");
    file.plan.into_iter().map(Plan::from).collect()
});

#[async_trait]
impl PlanCatalogue for ShippedPlans {
    async fn on_sale(&self, day: Date) -> StoreResult<Vec<Plan>> {
        Ok(PLANS.iter().filter(|plan| plan.is_on_sale(day)).cloned().collect())
    }

    async fn find(&self, code: &PlanCode, day: Date) -> StoreResult<Option<Plan>> {
        Ok(PLANS.iter().find(|plan| plan.code == *code && plan.is_on_sale(day)).cloned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_plan_is_one_that_can_be_sold() {
        for plan in PLANS.iter() {
            assert!(plan.price.amount >= 0, "{}", plan.code);
            // The least that the gateway takes is 100 minor units.
            assert!(plan.is_free() || plan.price.amount >= 100, "{}", plan.code);
            assert!(!plan.name.is_empty() && plan.description.ends_with('.'), "{}", plan.code);
            assert!(plan.limits.ai_budget.is_none_or(|budget| budget > PicoUsd::ZERO), "{}", plan.code);
            assert!(plan.valid_to.is_none_or(|last| plan.valid_from <= last), "{}", plan.code);
        }
    }

    #[test]
    fn no_code_is_on_sale_twice_on_one_day() {
        for (index, plan) in PLANS.iter().enumerate() {
            for other in PLANS[..index].iter().filter(|other| other.code == plan.code) {
                let overlap = other.is_on_sale(plan.valid_from) || plan.is_on_sale(other.valid_from);
                assert!(!overlap, "{} has two prices", plan.code);
            }
        }
    }

    #[tokio::test]
    async fn a_plan_is_not_on_sale_before_its_first_day() {
        let day = |text: &str| text.parse::<Date>().unwrap();
        assert_eq!(ShippedPlans.on_sale(day("2025-12-31")).await.unwrap(), []);
        let free = PlanCode::parse("free").unwrap();
        assert_eq!(ShippedPlans.find(&free, day("2025-12-31")).await.unwrap(), None);
        assert!(
            ShippedPlans.find(&free, day("2026-01-01")).await.unwrap().is_some_and(|plan| plan.is_free())
        );
    }
}
