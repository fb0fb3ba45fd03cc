//! Planning: how many moves each channel bears, when they are due, what each one is about.

use std::collections::{BTreeMap, BTreeSet};

use kernel::channels::{Channel, ChannelKind, Vocabulary};

use super::{
    calendar::Load,
    choosing::{Chooser, Role, Slot},
    input::{BudgetAmount, StrategyInput},
    library::{self, pace},
    perception::Perception,
    plan::{Cadence, ChannelPlan, FunnelStage, PlannedMove, Refusal, StrategyPlan},
    refusals,
    spending::{Share, over_moves, split},
};

/// Most moves of a plan: what a small team can do in a year, and read in one sitting.
pub(crate) const MAX_MOVES: usize = 60;
/// Working days in four weeks.
const FOUR_WEEKS: usize = 20;

/// A channel with what the plan gives it.
pub(crate) struct Line {
    pub(crate) channel: &'static Channel,
    /// Its place in the perception.
    pub(crate) index: usize,
    count: usize,
    amounts: Vec<i64>,
    /// The last move puts the reserve behind the best test.
    scales: bool,
}

/// Makes the plan. An empty period makes an empty plan.
#[must_use]
pub fn plan(input: &StrategyInput, perception: &Perception) -> StrategyPlan {
    let mut notes = [perception.notes.clone(), perception.envelope.notes.clone()].concat();
    let mut lines = lines(perception, &mut notes);
    fund(&mut lines, perception, &mut notes);
    let slots = schedule(&lines, perception);
    let mut chooser = Chooser::new(input, perception);
    let moves: Vec<PlannedMove> = slots.iter().filter_map(|slot| chooser.fill(slot)).collect();
    if moves.len() < slots.len() {
        notes.push(format!(
            "{} of {} places stayed empty: the context has too little that differs. Filling its gaps fills them.",
            slots.len() - moves.len(),
            slots.len()
        ));
    }
    let refused: Vec<Refusal> =
        [perception.refused.clone(), refusals::of_library(perception), chooser.into_refused()].concat();
    notes.extend(refusals::standing_rules(perception, &refused));
    let channels = channel_plans(perception, &moves);
    StrategyPlan { channels, cadence: cadence(perception, &moves), moves, refused, notes }
}

/// Channels with the number of moves that each bears in the period, within what the whole plan bears.
fn lines(perception: &Perception, notes: &mut Vec<String>) -> Vec<Line> {
    let days = perception.working_days.len();
    let channels = perception.channels.iter().enumerate();
    let mut lines: Vec<Line> = channels
        .filter_map(|(index, fit)| {
            let channel = Vocabulary::standard().channel(&fit.channel)?;
            let wanted = pace(channel).per_four_weeks * days;
            let count = ((wanted + FOUR_WEEKS / 2) / FOUR_WEEKS).max(1);
            Some(Line { channel, index, count, amounts: vec![], scales: false })
        })
        .collect();
    if days == 0 {
        lines.clear();
    }
    let most = (days * 5 / 4 + 2).min(MAX_MOVES);
    if lines.len() > most {
        let left_out: Vec<&str> = lines[most..].iter().map(|line| line.channel.name.as_str()).collect();
        notes.push(format!(
            "The period is too short for every channel; left out: {}.",
            super::text::listed(&left_out)
        ));
        lines.truncate(most);
    }
    while lines.iter().map(|line| line.count).sum::<usize>() > most {
        // `max_by_key` takes the last of equals: the channel that fits least gives up a move first.
        match lines.iter_mut().max_by_key(|line| line.count) {
            Some(line) => line.count -= 1,
            None => break,
        }
    }
    lines
}

/// Splits the money over paid channels and their moves, and adapts their number to it.
fn fund(lines: &mut [Line], perception: &Perception, notes: &mut Vec<String>) {
    let mut paid: Vec<&mut Line> =
        lines.iter_mut().filter(|line| line.channel.kind == ChannelKind::Paid).collect();
    if paid.is_empty() {
        return;
    }
    let Some(total) = &perception.envelope.amount else {
        let note =
            "No budget is known: paid moves are planned and drafted, but must not start before one is set.";
        notes.push(note.to_owned());
        return;
    };
    let caps: Vec<Option<i64>> = paid.iter().map(|line| cap(line, total, perception)).collect();
    let share = |(line, cap): (&&mut Line, &Option<i64>)| Share {
        weight: i64::from(perception.channels[line.index].fit),
        capacity: cap.map(|cap| cap.saturating_mul(i64::try_from(line.count).unwrap_or(i64::MAX))),
    };
    let shares: Vec<Share> = paid.iter().zip(&caps).map(share).collect();
    let parts = split(total.amount, &shares);
    for ((line, part), cap) in paid.iter_mut().zip(&parts).zip(caps) {
        if let Some(cap) = cap {
            // No more tests than the money can pay for at full size.
            let needed = part / cap + i64::from(part % cap > 0);
            line.count = usize::try_from(needed).unwrap_or(line.count).clamp(1, line.count);
        }
        line.scales = line.count >= 3 && library::can_scale(line.channel);
        line.amounts = over_moves(*part, line.count, line.scales, cap, BudgetAmount::unit(&total.currency));
    }
    let limited = paid.iter().any(|line| perception.channels[line.index].usd_per_experiment.is_some());
    notes.extend(money_notes(total, parts.iter().sum(), limited));
}

/// The most that one test on the channel may cost, in minor units of the plan's currency.
fn cap(line: &Line, total: &BudgetAmount, perception: &Perception) -> Option<i64> {
    let usd = perception.channels[line.index].usd_per_experiment.filter(|_| total.currency == "USD")?;
    Some(usd.saturating_mul(BudgetAmount::unit(&total.currency)))
}

fn money_notes(total: &BudgetAmount, allotted: i64, limited: bool) -> Vec<String> {
    let mut notes = Vec::new();
    if allotted < total.amount {
        let held = BudgetAmount { amount: total.amount - allotted, currency: total.currency.clone() };
        let held = held.for_people();
        notes.push(format!(
            "{held} of the budget is held back: the limit per experiment leaves no use for it."
        ));
    }
    if limited && total.currency != "USD" {
        let currency = &total.currency;
        notes.push(format!(
            "The limits per experiment are in USD and were not applied to a budget in {currency}."
        ));
    }
    notes
}

/// Places for moves, by day.
fn schedule(lines: &[Line], perception: &Perception) -> Vec<Slot> {
    let days = perception.working_days.len();
    let mut load = Load::new(days, lines.iter().map(|line| line.count).sum());
    let mut slots = Vec::new();
    for (rank, line) in lines.iter().enumerate() {
        for number in 0..line.count {
            let (target, window) = place(line, rank, number, days);
            let day = load.take(target, window);
            slots.push(Slot {
                line: line.index,
                channel: line.channel,
                due_on: perception.working_days[day],
                stage: stage_at(line, number, day, days, perception),
                role: role(line, number),
                amount: line.amounts.get(number).copied().filter(|amount| *amount > 0),
            });
        }
    }
    slots.sort_by_key(|slot| (slot.due_on, slot.line));
    slots
}

fn role(line: &Line, number: usize) -> Role {
    match line.channel.kind {
        ChannelKind::Paid if line.scales && number + 1 == line.count => Role::Scale,
        ChannelKind::Paid => Role::Experiment,
        _ => Role::Unpaid,
    }
}

/// The day to aim at and the days that will do, as indexes of working days.
fn place(line: &Line, rank: usize, number: usize, days: usize) -> (usize, std::ops::RangeInclusive<usize>) {
    let last = days.saturating_sub(1);
    let first = pace(line.channel).lead_days.min(days / 4).min(last);
    match role(line, number) {
        // Late enough to have read the first tests, early enough to run for some days.
        Role::Scale => {
            let target = days * 4 / 5;
            (target.min(last), (days * 3 / 4).min(last)..=last)
        }
        // Tests start early so that each can run for two weeks.
        Role::Experiment => {
            let until = (days * 3 / 5).clamp(first, last);
            let tests = if line.scales { line.count - 1 } else { line.count };
            let target = first + (until - first) * number / tests.saturating_sub(1).max(1);
            (target, first..=until)
        }
        Role::Unpaid => {
            let target = first + (last - first) * (2 * number + 1) / (2 * line.count) + rank % 2;
            (target.min(last), first..=last)
        }
    }
}

/// The stage of the funnel that the campaign has reached on that day; tests pass through the stages one by one.
fn stage_at(line: &Line, number: usize, day: usize, days: usize, perception: &Perception) -> FunnelStage {
    let percent = match role(line, number) {
        Role::Scale => return FunnelStage::Conversion,
        Role::Experiment => return test_stage(number, if line.scales { line.count - 1 } else { line.count }),
        Role::Unpaid => (2 * day + 1) * 50 / days,
    };
    let mut reached = 0;
    for (stage, share) in FunnelStage::ALL.into_iter().zip(perception.emphasis) {
        reached += share as usize;
        if percent < reached {
            return stage;
        }
    }
    FunnelStage::Retention
}

/// Tests of a channel open with a problem, go on to the offer and end with the doubt.
fn test_stage(number: usize, tests: usize) -> FunnelStage {
    match tests {
        1 => FunnelStage::Consideration,
        2 => [FunnelStage::Awareness, FunnelStage::Conversion][number.min(1)],
        _ => FunnelStage::ALL[(number * 3 / tests).min(2)],
    }
}

fn channel_plans(perception: &Perception, moves: &[PlannedMove]) -> Vec<ChannelPlan> {
    let of = |fit: &super::fit::ChannelFit| {
        let own: Vec<&PlannedMove> = moves.iter().filter(|planned| planned.channel == fit.channel).collect();
        let spent: Vec<i64> =
            own.iter().filter_map(|planned| planned.budget.as_ref()).map(|b| b.amount).collect();
        ChannelPlan {
            channel: fit.channel.clone(),
            name: Vocabulary::standard().channel(&fit.channel).map_or_else(String::new, |c| c.name.clone()),
            fit: fit.fit,
            reason: fit.reason.clone(),
            budget: (!spent.is_empty()).then(|| spent.iter().sum()),
            moves: own.len(),
        }
    };
    perception.channels.iter().map(of).collect()
}

fn cadence(perception: &Perception, moves: &[PlannedMove]) -> Vec<Cadence> {
    let mut due: BTreeMap<_, BTreeSet<_>> = BTreeMap::new();
    for planned in moves {
        due.entry(&planned.channel).or_default().insert(planned.due_on);
    }
    let line = |fit: &super::fit::ChannelFit| {
        let dates = due.get(&fit.channel)?;
        let count = moves.iter().filter(|planned| planned.channel == fit.channel).count();
        Some(Cadence {
            channel: fit.channel.clone(),
            moves: count,
            first_due: *dates.first()?,
            last_due: *dates.last()?,
            rhythm: rhythm(count, perception.working_days.len()),
        })
    };
    perception.channels.iter().filter_map(line).collect()
}

fn rhythm(count: usize, days: usize) -> String {
    match count {
        1 => "once".to_owned(),
        _ if days <= count => "about every working day".to_owned(),
        _ => format!("{count} times, about every {} working days", (days + count / 2) / count),
    }
}

/// Recounts what the critic's removals have changed.
pub(crate) fn recounted(perception: &Perception, plan: StrategyPlan) -> StrategyPlan {
    let channels = channel_plans(perception, &plan.moves);
    StrategyPlan { channels, cadence: cadence(perception, &plan.moves), ..plan }
}
