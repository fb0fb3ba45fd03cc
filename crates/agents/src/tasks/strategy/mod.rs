//! Strategy: turns a business context and a campaign into dated, channelled marketing moves.
//!
//! This is the rule-based baseline, which answers when no model does. It is a pure function of its input: no clock, no
//! randomness, no input or output. Four stages, each of which can be journalled and resumed from:
//!
//! ```text
//! perceive ── Perception ──> plan ── StrategyPlan ──> critique ── StrategyPlan, Critique ──> reflect ── Reflection
//! ```
//!
//! - **Perception** cleans the context's phrases, reads the constraints, ranks channels by how well they reach the ICPs.
//! - **Planning** spreads moves over working days and funnel stages, splits the budget, and fills each place with the
//!   tactic that repeats the least. Pains and doubts are answered with the claim of the context that is most alike.
//! - **The critic** examines any plan, a model's too, and removes what breaks a rule.
//! - **Reflection** says what the plan rests on and which questions would improve it.
//!
//! Drafts say only what the context says. What only people can know stands in square brackets.
//!
//! # How to add a tactic
//! Add it to a file under `data/strategy/tactics`; the slots are listed in `writing`. Tag it if a constraint could forbid
//! it, and give the tag's wordings in `data/strategy/constraints.toml`.

mod calendar;
mod choosing;
mod constraints;
mod context;
mod critic;
mod error;
mod fit;
mod gaps;
mod input;
mod lexicon;
mod library;
mod people;
mod perception;
mod plan;
mod planning;
mod reflection;
mod refusals;
mod spending;
mod template;
#[cfg(test)]
mod tests;
mod text;
mod writing;

use serde::{Deserialize, Serialize};

pub use constraints::{ConstraintReading, Mention};
pub use context::*;
pub use critic::{Critique, Finding, Rule, critique};
pub use error::{StrategyError, code};
pub use fit::ChannelFit;
pub use input::{BudgetAmount, CampaignBrief, StrategyInput};
pub use perception::{Audience, Business, Perception, PillarView, perceive};
pub use plan::{Cadence, ChannelPlan, FunnelStage, PlannedMove, Refusal, StrategyPlan};
pub use planning::plan;
pub use reflection::{Reflection, reflect};
pub use spending::Envelope;

/// What the four stages have produced.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct StrategyOutcome {
    /// How the input was read.
    pub perception: Perception,
    /// The plan, after the critic.
    pub plan: StrategyPlan,
    /// What the critic found.
    pub critique: Critique,
    /// The planner's own view.
    pub reflection: Reflection,
}

/// Runs the four stages.
///
/// # Errors
/// [`StrategyError::NoWorkingDay`] when the period has no working day left.
pub fn baseline(input: &StrategyInput) -> Result<StrategyOutcome, StrategyError> {
    let perception = perceive(input);
    if perception.working_days.is_empty() {
        let (starts_on, ends_on) = (input.campaign.starts_on, input.campaign.ends_on);
        return Err(StrategyError::NoWorkingDay { starts_on, ends_on, today: input.today });
    }
    let (plan, critique) = critique(input, plan(input, &perception));
    let reflection = reflect(input, &perception, &plan, &critique);
    Ok(StrategyOutcome { perception, plan, critique, reflection })
}
