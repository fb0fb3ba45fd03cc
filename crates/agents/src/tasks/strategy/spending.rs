//! Money: how much there is, and how it is split so that every part adds up.

use serde::{Deserialize, Serialize};

use super::{
    calendar,
    input::{BudgetAmount, StrategyInput},
};

/// Days that a monthly budget is taken to be for.
const DAYS_PER_MONTH: i128 = 30;

/// What paid moves may spend together, after every limit that the business has set.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Envelope {
    /// The amount; `None` when no budget is known.
    pub amount: Option<BudgetAmount>,
    /// How it came about, where that needs saying.
    pub notes: Vec<String>,
}

/// The campaign's budget, limited by its share of the monthly budget; without one, that share itself.
pub(crate) fn envelope(input: &StrategyInput) -> Envelope {
    let positive = |budget: &Option<BudgetAmount>| budget.clone().filter(|budget| budget.amount > 0);
    let own = positive(&input.campaign.budget);
    let monthly = positive(&input.context.constraints.monthly_budget).map(|monthly| {
        let days = i128::from(calendar::length(input.campaign.starts_on, input.campaign.ends_on));
        let share = i128::from(monthly.amount) * days / DAYS_PER_MONTH;
        BudgetAmount { amount: i64::try_from(share).unwrap_or(i64::MAX), currency: monthly.currency }
    });
    let (amount, note) = match (own, monthly) {
        (Some(own), Some(share)) if own.currency != share.currency => {
            let note = format!(
                "The campaign's budget is in {}, the monthly budget in {}: the two were not compared.",
                own.currency, share.currency
            );
            (Some(own), Some(note))
        }
        (Some(own), Some(share)) if own.amount > share.amount => {
            let note = format!(
                "The campaign's budget of {} is more than its share of the monthly budget; {} is planned.",
                own.for_people(),
                share.for_people()
            );
            (Some(share), Some(note))
        }
        (Some(own), _) => (Some(own), None),
        (None, Some(share)) => {
            let note = format!(
                "The campaign has no budget of its own; paid channels are planned within its share of the monthly budget, {}.",
                share.for_people()
            );
            (Some(share), Some(note))
        }
        (None, None) => (None, None),
    };
    Envelope { amount: amount.filter(|amount| amount.amount > 0), notes: note.into_iter().collect() }
}

/// A claim on a shared amount.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Share {
    pub(crate) weight: i64,
    /// The most it can take.
    pub(crate) capacity: Option<i64>,
}

/// Splits an amount by weight without exceeding any capacity. The parts add up to the amount, or to all capacities
/// together if these are less.
pub(crate) fn split(amount: i64, shares: &[Share]) -> Vec<i64> {
    let mut parts = vec![0_i64; shares.len()];
    let mut left = amount.max(0);
    loop {
        let room = |index: usize, parts: &[i64]| match shares[index].capacity {
            Some(capacity) => capacity - parts[index],
            None => i64::MAX - parts[index],
        };
        let open: Vec<usize> = (0..shares.len()).filter(|&index| room(index, &parts) > 0).collect();
        if left == 0 || open.is_empty() {
            return parts;
        }
        let weights: i128 = open.iter().map(|&index| i128::from(shares[index].weight.max(1))).sum();
        let round = left;
        for &index in &open {
            let fair = i128::from(round) * i128::from(shares[index].weight.max(1)) / weights;
            let part = i64::try_from(fair).unwrap_or(i64::MAX).max(1).min(left).min(room(index, &parts));
            parts[index] += part;
            left -= part;
        }
    }
}

/// Splits a channel's amount over its moves: tests of equal size and, if the last one scales a winner, the rest for it.
/// No part exceeds `cap`, provided that `amount` does not exceed `cap` for each move. Tests are whole units of money.
pub(crate) fn over_moves(amount: i64, moves: usize, scales: bool, cap: Option<i64>, unit: i64) -> Vec<i64> {
    let count = i64::try_from(moves).unwrap_or(i64::MAX);
    if count == 0 || amount <= 0 {
        return vec![0; moves];
    }
    if scales && count > 1 {
        let fair = cap.map_or(amount / count, |cap| cap.min(amount / (count - 1)));
        let test = if fair >= unit { fair - fair % unit } else { fair };
        let rest = amount - test * (count - 1);
        if rest * 4 >= test && cap.is_none_or(|cap| rest <= cap) {
            let mut parts = vec![test; moves];
            parts[moves - 1] = rest;
            return parts;
        }
    }
    let equal = Share { weight: 1, capacity: None };
    split(amount, &vec![equal; moves])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_add_up_and_keep_to_their_capacity() {
        let share = |weight, capacity| Share { weight, capacity };
        assert_eq!(split(100, &[share(1, None), share(1, None), share(1, None)]).iter().sum::<i64>(), 100);
        assert_eq!(split(100, &[share(9, Some(10)), share(1, None)]), [10, 90]);
        assert_eq!(split(100, &[share(1, Some(10)), share(1, Some(20))]), [10, 20]);
        assert_eq!(split(1, &[share(5, None), share(5, None)]), [1, 0]);
        assert_eq!(split(i64::MAX, &[share(1, None)]), [i64::MAX]);
        assert_eq!(split(5, &[]), Vec::<i64>::new());
    }

    #[test]
    fn tests_cost_the_same_and_the_winner_gets_the_rest() {
        assert_eq!(over_moves(373_333, 4, true, Some(100_000), 100), [100_000, 100_000, 100_000, 73_333]);
        assert_eq!(over_moves(200_001, 2, false, Some(100_001), 100), [100_001, 100_000]);
        assert_eq!(over_moves(90, 4, true, None, 1), [22, 22, 22, 24]);
        assert_eq!(over_moves(0, 2, true, None, 100), [0, 0]);
    }
}
