//! Reflection: what the plan rests on, where it is weak, and what would make the next one better.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{
    calendar::spoken,
    critic::Critique,
    input::BudgetAmount,
    input::StrategyInput,
    perception::Perception,
    plan::{FunnelStage, StrategyPlan},
    text::{clean, listed},
};

/// The planner's own view of its plan.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reflection {
    /// The plan in a few sentences.
    pub summary: String,
    /// Where it may fail.
    pub risks: Vec<String>,
    /// What to find out to plan better, most useful first.
    pub questions: Vec<String>,
}

/// Looks back at the plan.
#[must_use]
pub fn reflect(
    input: &StrategyInput,
    perception: &Perception,
    plan: &StrategyPlan,
    critique: &Critique,
) -> Reflection {
    Reflection {
        summary: summary(input, perception, plan),
        risks: risks(perception, plan, critique),
        questions: perception.gaps.clone(),
    }
}

fn summary(input: &StrategyInput, perception: &Perception, plan: &StrategyPlan) -> String {
    let (Some(first), Some(last)) = (plan.moves.first(), plan.moves.last()) else {
        return "Nothing could be planned; the notes say why.".to_owned();
    };
    let used = plan.channels.iter().filter(|channel| channel.moves > 0);
    let channels: Vec<String> = used.map(|channel| format!("{} ({})", channel.name, channel.moves)).collect();
    let mut stages: BTreeMap<FunnelStage, usize> = BTreeMap::new();
    for planned in &plan.moves {
        *stages.entry(planned.stage).or_insert(0) += 1;
    }
    let stages: Vec<String> =
        stages.iter().map(|(stage, count)| format!("{} {}", count, stage.name())).collect();
    let audiences: Vec<&str> = perception.audiences.iter().map(|audience| audience.who.as_str()).collect();
    let goal = clean(&input.campaign.goal).map(|goal| format!(" towards “{goal}”")).unwrap_or_default();
    let spent: i64 = plan.channels.iter().filter_map(|channel| channel.budget).sum();
    let money = perception.envelope.amount.as_ref().filter(|_| spent > 0).map(|total| {
        let spent = BudgetAmount { amount: spent, currency: total.currency.clone() };
        format!(" Paid tests may spend {} in all.", spent.for_people())
    });
    format!(
        "{} moves from {} to {}{goal}, for {}: {}. By stage: {}.{}",
        plan.moves.len(),
        spoken(first.due_on),
        spoken(last.due_on),
        audiences.join("; "),
        listed(&channels),
        listed(&stages),
        money.unwrap_or_default()
    )
}

fn risks(perception: &Perception, plan: &StrategyPlan, critique: &Critique) -> Vec<String> {
    let mut risks = Vec::new();
    let weak = plan.channels.iter().zip(&perception.channels);
    let weak: Vec<&str> = weak
        .filter(|(channel, fit)| channel.moves > 0 && fit.affinity.iter().all(|affinity| *affinity == 0))
        .map(|(channel, _)| channel.name.as_str())
        .collect();
    if !weak.is_empty() {
        risks.push(format!(
            "No ICP is known to use {}; look at the first results before going on there.",
            listed(&weak)
        ));
    }
    if perception.business.proof.is_empty() && perception.business.pillars.is_empty() {
        risks.push(
            "The context has nothing that the business can claim, so drafts ask more than they argue."
                .to_owned(),
        );
    }
    let days = perception.working_days.len();
    if plan.moves.len() > days {
        let moves = plan.moves.len();
        risks.push(format!(
            "{moves} moves in {days} working days is a full calendar; if time runs short, drop the retention moves of the weakest channel first."
        ));
    }
    if days < 5 {
        risks.push("The period is shorter than a week: results will come in after it has ended.".to_owned());
    }
    if !critique.findings.is_empty() {
        risks.push(format!("The critic objected {} times; see its findings.", critique.findings.len()));
    }
    risks
}
