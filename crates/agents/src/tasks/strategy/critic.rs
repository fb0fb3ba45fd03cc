//! Critic: holds a plan, whoever made it, against the rules that every plan must keep, and removes what breaks them.

use std::collections::BTreeSet;

use jiff::civil::Weekday;
use kernel::channels::Vocabulary;
use serde::{Deserialize, Serialize};

use super::{
    constraints::broken_by,
    input::StrategyInput,
    perception::{Perception, perceive},
    plan::{PlannedMove, Refusal, StrategyPlan},
    planning::recounted,
};

/// What the critic found.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Critique {
    /// Number of moves that were examined.
    pub examined: usize,
    /// What was wrong, and what was done about it.
    pub findings: Vec<Finding>,
}

/// Something wrong with a move.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// The move.
    pub move_key: String,
    /// The rule it breaks.
    pub rule: Rule,
    /// What exactly.
    pub detail: String,
    /// Whether the whole move went; otherwise only its draft.
    pub move_removed: bool,
}

/// Rules of a plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Rule {
    /// Nothing forbidden, in deed or word.
    Forbidden,
    /// Due on a working day of the period, not in the past.
    DueDate,
    /// Titles and keys are unique.
    Duplicate,
    /// Budgets stay within the envelope and are positive.
    Budget,
    /// Texts are there.
    Incomplete,
    /// The draft is longer than the channel takes.
    TooLong,
    /// The draft has a figure that the context does not.
    UnfoundedFigure,
}

/// Removes moves and drafts that break a rule and recounts the plan.
#[must_use]
pub fn critique(input: &StrategyInput, plan: StrategyPlan) -> (StrategyPlan, Critique) {
    let perception = perceive(input);
    let mut critique = Critique { examined: plan.moves.len(), findings: Vec::new() };
    let mut critic = Critic::new(input, &perception);
    let mut kept = Vec::new();
    let mut refused = plan.refused.clone();
    for mut planned in plan.moves {
        if let Some((rule, detail)) = critic.fatal(&planned) {
            if rule == Rule::Forbidden {
                let reason = "Found by the critic in a finished move.".to_owned();
                refused.push(Refusal { tactic: planned.title.clone(), rule: detail.clone(), reason });
            }
            critique.findings.push(Finding { move_key: planned.key, rule, detail, move_removed: true });
            continue;
        }
        if let Some((rule, detail)) = critic.draft_fault(&planned) {
            let move_key = planned.key.clone();
            critique.findings.push(Finding { move_key, rule, detail, move_removed: false });
            planned.draft = None;
        }
        critic.keep(&planned);
        kept.push(planned);
    }
    let plan = StrategyPlan { moves: kept, refused, ..plan };
    (recounted(&perception, plan), critique)
}

struct Critic<'a> {
    perception: &'a Perception,
    /// All digits of the context, as words.
    figures: BTreeSet<String>,
    titles: BTreeSet<String>,
    keys: BTreeSet<String>,
    left: i128,
}

impl<'a> Critic<'a> {
    fn new(input: &StrategyInput, perception: &'a Perception) -> Self {
        // The campaign's own words count as context: a person wrote them.
        let known = serde_json::to_string(input).unwrap_or_default();
        let left = perception.envelope.amount.as_ref().map_or(0, |total| i128::from(total.amount));
        Self { perception, figures: figures(&known), titles: BTreeSet::new(), keys: BTreeSet::new(), left }
    }

    fn keep(&mut self, planned: &PlannedMove) {
        self.titles.insert(planned.title.to_lowercase());
        self.keys.insert(planned.key.clone());
        self.left -= planned.budget.as_ref().map_or(0, |budget| i128::from(budget.amount));
    }

    /// A fault for which the whole move goes.
    fn fatal(&self, planned: &PlannedMove) -> Option<(Rule, String)> {
        let rules = &self.perception.constraints;
        if let Some(rule) = rules.iter().find(|rule| rule.channels.contains(&planned.channel)) {
            return Some((Rule::Forbidden, rule.rule.clone()));
        }
        if let Some(rule) = planned.texts().find_map(|text| broken_by(rules, text)) {
            return Some((Rule::Forbidden, rule.rule.clone()));
        }
        let weekend = matches!(planned.due_on.weekday(), Weekday::Saturday | Weekday::Sunday);
        if weekend || !self.perception.working_days.contains(&planned.due_on) {
            return Some((Rule::DueDate, planned.due_on.to_string()));
        }
        if self.titles.contains(&planned.title.to_lowercase()) || self.keys.contains(&planned.key) {
            return Some((Rule::Duplicate, planned.title.clone()));
        }
        if [&planned.title, &planned.objective, &planned.brief, &planned.measure]
            .iter()
            .any(|t| t.trim().is_empty())
        {
            return Some((Rule::Incomplete, "a text is empty".to_owned()));
        }
        let budget = planned.budget.as_ref()?;
        let total = self.perception.envelope.amount.as_ref();
        let fits = budget.amount > 0
            && i128::from(budget.amount) <= self.left
            && total.is_some_and(|total| total.currency == budget.currency);
        (!fits).then(|| (Rule::Budget, budget.for_people()))
    }

    /// A fault for which the draft goes.
    fn draft_fault(&self, planned: &PlannedMove) -> Option<(Rule, String)> {
        let draft = planned.draft.as_ref()?;
        let limit = Vocabulary::standard().channel(&planned.channel).and_then(|c| c.limits.max_draft_chars);
        let length = draft.chars().count();
        if limit.is_some_and(|limit| length > limit) {
            return Some((Rule::TooLong, format!("{length} characters")));
        }
        let unfounded = figures(draft).into_iter().find(|figure| !self.figures.contains(figure))?;
        Some((Rule::UnfoundedFigure, unfounded))
    }
}

/// Runs of digits in a text.
fn figures(text: &str) -> BTreeSet<String> {
    text.split(|c: char| !c.is_numeric()).filter(|run| !run.is_empty()).map(str::to_owned).collect()
}
