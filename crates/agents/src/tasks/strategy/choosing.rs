//! Chooses, place by place, the tactic and what it is about, so that the plan as a whole does not repeat itself.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use kernel::channels::Channel;

use super::{
    constraints::broken_by,
    input::{BudgetAmount, StrategyInput},
    library::{About, Spend, Tactic, tactics},
    perception::{Audience, Perception},
    plan::{FunnelStage, PlannedMove, Refusal},
    writing::{Setting, Texts, answer, write},
};

/// What a place in the plan is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Role {
    Unpaid,
    Experiment,
    Scale,
}

/// A place for a move.
pub(crate) struct Slot {
    /// The channel's place in the perception.
    pub(crate) line: usize,
    pub(crate) channel: &'static Channel,
    pub(crate) due_on: Date,
    pub(crate) stage: FunnelStage,
    pub(crate) role: Role,
    /// What the move may spend.
    pub(crate) amount: Option<i64>,
}

struct Candidate<'a> {
    score: i64,
    tactic: &'static Tactic,
    audience: &'a Audience,
    item: String,
}

/// Fills places one after the other and remembers what it has used.
pub(crate) struct Chooser<'a> {
    input: &'a StrategyInput,
    perception: &'a Perception,
    /// Uses of an item, over all channels and on each one.
    item_uses: BTreeMap<String, i64>,
    item_uses_on: BTreeMap<usize, BTreeMap<String, i64>>,
    tactic_uses: BTreeMap<&'static str, i64>,
    tactic_uses_on: BTreeMap<(usize, &'static str), i64>,
    /// Uses of each audience on each channel.
    turns: BTreeMap<(usize, usize), i64>,
    titles: BTreeSet<String>,
    /// Headlines that earlier moves publish, with the channel they appear on.
    published: Vec<(usize, String)>,
    refused: Vec<Refusal>,
    /// What the business answers to pains, goals, objections and triggers, where it can.
    answers: BTreeMap<&'a str, &'a str>,
    count: usize,
}

impl<'a> Chooser<'a> {
    pub(crate) fn new(input: &'a StrategyInput, perception: &'a Perception) -> Self {
        Self {
            input,
            perception,
            item_uses: BTreeMap::new(),
            item_uses_on: BTreeMap::new(),
            tactic_uses: BTreeMap::new(),
            tactic_uses_on: BTreeMap::new(),
            turns: BTreeMap::new(),
            titles: BTreeSet::new(),
            published: Vec::new(),
            refused: Vec::new(),
            answers: answers(perception),
            count: 0,
        }
    }

    /// Refusals that came up while writing.
    pub(crate) fn into_refused(self) -> Vec<Refusal> {
        self.refused
    }

    /// The best move for the place that is allowed and not yet in the plan.
    pub(crate) fn fill(&mut self, slot: &Slot) -> Option<PlannedMove> {
        let budget = slot.amount.zip(self.perception.envelope.amount.as_ref());
        let budget = budget.map(|(amount, total)| BudgetAmount { amount, currency: total.currency.clone() });
        for index in self.audience_order(slot) {
            let audience = &self.perception.audiences[index];
            for candidate in self.candidates(slot, audience) {
                let setting = self.setting(slot, audience, &candidate.item, budget.as_ref());
                let Some(texts) = write(candidate.tactic, &candidate.item, &setting) else { continue };
                if !self.titles.contains(&texts.title.to_lowercase()) && self.permits(&texts) {
                    self.remember(slot, index, &candidate, &texts);
                    return Some(self.planned(slot, &candidate, texts, budget));
                }
            }
        }
        None
    }

    fn setting<'s>(
        &'s self,
        slot: &Slot,
        audience: &'s Audience,
        item: &str,
        budget: Option<&'s BudgetAmount>,
    ) -> Setting<'s> {
        Setting {
            business: &self.perception.business,
            answer: self.answers.get(item).copied(),
            audience,
            channel: slot.channel,
            fit: &self.perception.channels[slot.line],
            due_on: slot.due_on,
            ends_on: self.input.campaign.ends_on,
            budget,
            ordinal: self.count,
        }
    }

    /// Audiences, the one whose turn it is first. Turns follow priority and how well the channel suits the audience;
    /// money is spent only on audiences that the channel is known to reach, if there are any.
    fn audience_order(&self, slot: &Slot) -> Vec<usize> {
        let affinity = &self.perception.channels[slot.line].affinity;
        let known = slot.role != Role::Unpaid && affinity.contains(&3);
        let share = |index: usize| {
            let suits = i64::from(affinity.get(index).copied().unwrap_or(0)) * 2 + 1;
            i64::from(self.perception.audiences[index].weight) * suits
        };
        let due = |index: usize| {
            let taken = self.turns.get(&(slot.line, index)).copied().unwrap_or(0);
            // Smallest quotient first, as in a proportional count of seats.
            (taken * 2 + 1) * 10_000 / share(index).max(1)
        };
        let mut order: Vec<usize> = (0..self.perception.audiences.len())
            .filter(|&index| !known || affinity.get(index) == Some(&3))
            .collect();
        order.sort_by_key(|&index| (due(index), index));
        order
    }

    fn candidates<'c>(&self, slot: &Slot, audience: &'c Audience) -> Vec<Candidate<'c>> {
        let mut candidates = Vec::new();
        for tactic in tactics().iter().filter(|tactic| self.usable(tactic, slot)) {
            for (rank, item) in self.items(tactic.about, audience, slot.line).into_iter().enumerate() {
                let score = self.score(tactic, &item, rank, slot);
                candidates.push(Candidate { score, tactic, audience, item });
            }
        }
        candidates.sort_by_key(|candidate| -candidate.score);
        candidates
    }

    fn usable(&self, tactic: &Tactic, slot: &Slot) -> bool {
        let spends = match slot.role {
            Role::Unpaid => tactic.spend.is_none(),
            Role::Experiment => tactic.spend == Some(Spend::Experiment) || tactic.is_general(),
            Role::Scale => tactic.spend == Some(Spend::Scale),
        };
        let forbidden =
            self.perception.constraints.iter().any(|rule| rule.tags.iter().any(|t| tactic.tags.contains(t)));
        let voiced = tactic.voice.is_none() || self.perception.business.humour;
        spends && !forbidden && voiced && tactic.suits(slot.channel)
    }

    fn items(&self, about: About, audience: &Audience, line: usize) -> Vec<String> {
        let business = &self.perception.business;
        match about {
            About::Pain => audience.pains.clone(),
            About::Goal => audience.goals.clone(),
            About::Objection => audience.objections.clone(),
            About::Trigger => audience.triggers.clone(),
            About::Pillar => business.pillars.iter().map(|pillar| pillar.name.clone()).collect(),
            About::Support => {
                let support = business.pillars.iter().flat_map(|pillar| &pillar.support);
                support.map(|support| super::text::without_verb_label(support).to_owned()).collect()
            }
            About::Proof => business.proof.clone(),
            About::Competitor => business.competitors.clone(),
            About::Published => {
                let elsewhere = self.published.iter().rev().filter(|(on, _)| *on != line);
                elsewhere.map(|(_, headline)| headline.clone()).collect()
            }
            About::Nothing => vec![String::new()],
        }
    }

    /// Higher is better. The stage counts most, then that nothing is repeated, then the tactic's own weight.
    fn score(&self, tactic: &Tactic, item: &str, rank: usize, slot: &Slot) -> i64 {
        let uses = |map: &BTreeMap<String, i64>| map.get(item).copied().unwrap_or(0);
        let stage = (tactic.stage as i64 - slot.stage as i64).abs();
        let tactic_here = self.tactic_uses_on.get(&(slot.line, tactic.id.as_str())).copied().unwrap_or(0);
        let tactic_all = self.tactic_uses.get(tactic.id.as_str()).copied().unwrap_or(0);
        let item_here = self.item_uses_on.get(&slot.line).map_or(0, uses);
        let item_score = match item.is_empty() {
            true => 0,
            false => {
                -14 * uses(&self.item_uses) - 30 * item_here - 2 * i64::try_from(rank.min(6)).unwrap_or(6)
            }
        };
        let answerable = matches!(tactic.about, About::Pain | About::Objection | About::Goal);
        let answered = answerable && self.answers.contains_key(item);
        let activity = tactic.prefers_activity && is_activity(item);
        let headline = slot.channel.limits.max_headline_chars.filter(|_| slot.role != Role::Unpaid);
        let too_long = headline.is_some_and(|most| item.chars().count() >= most);
        let merits = 4 * tactic.weight + 10 * i64::from(answered) + 26 * i64::from(activity);
        let faults = 24 * i64::from(tactic.is_general())
            + 40 * i64::from(tactic.weight == 0)
            + 12 * i64::from(too_long);
        100 + merits + item_score - faults - 28 * stage - 34 * tactic_here - 6 * tactic_all
    }

    /// Whether no constraint is broken; a refusal is recorded otherwise.
    fn permits(&mut self, texts: &Texts) -> bool {
        let own = [&texts.title, &texts.objective, &texts.brief, &texts.measure];
        let all = own.into_iter().chain(&texts.tasks).chain(&texts.draft).map(String::as_str);
        let all = all.collect::<Vec<_>>().join("\n");
        let Some(rule) = broken_by(&self.perception.constraints, &all) else { return true };
        let known = |refusal: &Refusal| refusal.tactic == texts.title;
        if !self.refused.iter().any(known) {
            self.refused.push(Refusal {
                tactic: texts.title.clone(),
                rule: rule.rule.clone(),
                reason: "Its text would mention what the constraint forbids.".to_owned(),
            });
        }
        false
    }

    fn remember(&mut self, slot: &Slot, audience: usize, candidate: &Candidate<'_>, texts: &Texts) {
        let tactic = candidate.tactic.id.as_str();
        self.titles.insert(texts.title.to_lowercase());
        *self.tactic_uses.entry(tactic).or_insert(0) += 1;
        *self.tactic_uses_on.entry((slot.line, tactic)).or_insert(0) += 1;
        *self.item_uses.entry(candidate.item.clone()).or_insert(0) += 1;
        let here = self.item_uses_on.entry(slot.line).or_default();
        *here.entry(candidate.item.clone()).or_insert(0) += 1;
        *self.turns.entry((slot.line, audience)).or_insert(0) += 1;
        self.published.extend(texts.headline.clone().map(|headline| (slot.line, headline)));
        self.count += 1;
    }

    fn planned(
        &self,
        slot: &Slot,
        candidate: &Candidate<'_>,
        texts: Texts,
        budget: Option<BudgetAmount>,
    ) -> PlannedMove {
        PlannedMove {
            key: format!("{:02}-{}-{}", self.count, slot.channel.slug, candidate.tactic.id),
            title: texts.title,
            channel: slot.channel.slug.clone(),
            stage: candidate.tactic.stage,
            icp_id: candidate.audience.icp_id.clone(),
            icp_name: candidate.audience.name.clone(),
            tactic: candidate.tactic.id.clone(),
            objective: texts.objective,
            brief: texts.brief,
            tasks: texts.tasks,
            draft: texts.draft,
            due_on: slot.due_on,
            measure: texts.measure,
            budget,
        }
    }
}

fn answers(perception: &Perception) -> BTreeMap<&str, &str> {
    let lists = perception.audiences.iter().flat_map(|a| [&a.pains, &a.goals, &a.objections, &a.triggers]);
    let items = lists.flatten();
    items.filter_map(|item| Some((item.as_str(), answer(&perception.business, item)?))).collect()
}

/// Whether the phrase names something that people do: "driving internal adoption of a new tool".
fn is_activity(phrase: &str) -> bool {
    phrase.split_whitespace().next().is_some_and(|word| word.len() > 4 && word.ends_with("ing"))
}
