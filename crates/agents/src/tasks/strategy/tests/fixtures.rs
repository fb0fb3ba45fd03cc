use jiff::civil::{Date, date};
use kernel::channels::ChannelSlug;

use super::super::*;

/// A coffee roaster: nothing technical, its own currency, phrases written as people write them.
pub(super) fn kiln() -> ContextView {
    serde_json::from_str(include_str!("kiln.json")).unwrap()
}

/// A developer tool with many constraints.
pub(super) fn lanternfish() -> ContextView {
    serde_json::from_str(include_str!("lanternfish.json")).unwrap()
}

/// Four weeks from a Monday, planned ten days before.
pub(super) fn campaign(context: ContextView, channels: &[&str]) -> StrategyInput {
    StrategyInput {
        campaign: CampaignBrief {
            name: "Winter".to_owned(),
            goal: context.goals.objective.clone(),
            channels: slugs(channels),
            icp_ids: vec![],
            starts_on: date(2025, 12, 1),
            ends_on: date(2025, 12, 28),
            budget: None,
        },
        context,
        today: date(2025, 11, 21),
    }
}

pub(super) fn slugs(channels: &[&str]) -> Vec<ChannelSlug> {
    channels.iter().map(|slug| ChannelSlug::parse(slug).unwrap()).collect()
}

pub(super) fn money(amount: i64, currency: &str) -> Option<BudgetAmount> {
    Some(BudgetAmount { amount, currency: currency.to_owned() })
}

pub(super) fn period(input: &mut StrategyInput, starts_on: Date, ends_on: Date) {
    input.campaign.starts_on = starts_on;
    input.campaign.ends_on = ends_on;
}

pub(super) fn text_of(planned: &PlannedMove) -> String {
    planned.texts().collect::<Vec<_>>().join("\n")
}

pub(super) fn spent(plan: &StrategyPlan) -> i64 {
    plan.moves.iter().filter_map(|planned| planned.budget.as_ref()).map(|budget| budget.amount).sum()
}
