//! What holds for any input.

use std::collections::BTreeSet;

use jiff::{
    ToSpan,
    civil::{Weekday, date},
};
use kernel::channels::{ChannelKind, ChannelSlug, Vocabulary};
use proptest::prelude::*;

use super::super::{constraints::broken_by, *};

/// Phrases of every kind: ordinary, empty, foreign, hostile, endless.
fn phrase() -> impl Strategy<Value = String> {
    let odd = [
        "",
        "  ",
        "{{ 7 * 7 }}",
        "{% for x in y %}",
        "{who} [[{pain}]]",
        "]] }} {",
        "日本語の悩み",
        "naïve “quotes”.",
        "pop-ups everywhere",
        "press coverage in 12 papers",
        "🙂🙂🙂",
        "ends with…",
        "line\nbreak\u{0}",
        "To be free",
    ];
    prop_oneof![
        3 => "[a-z]{3,9}( [a-z]{2,9}){0,6}",
        1 => "\\PC{0,30}",
        1 => "[a-z]{200,400}",
        2 => proptest::sample::select(odd.to_vec()).prop_map(str::to_owned),
    ]
}

fn phrases(most: usize) -> impl Strategy<Value = Vec<String>> {
    proptest::collection::vec(phrase(), 0..=most)
}

prop_compose! {
    fn icp()(name in phrase(), titles in phrases(3), pains in phrases(4), goals in phrases(3), objections in phrases(3),
             channels in phrases(2), priority in 0_u32..5, id in "[a-c]{0,2}") -> Icp {
        Icp { id, name, titles, pains, goals, objections, channels, priority, ..Icp::default() }
    }
}

prop_compose! {
    fn context()(icps in proptest::collection::vec(icp(), 0..4), name in phrase(), pillars in phrases(3), support in phrases(3),
                 proof in phrases(3), strong in phrases(2), dont in phrases(2), link in phrase(),
                 forbidden in proptest::collection::vec(prop_oneof![
                     phrase(),
                     proptest::sample::select(vec!["press outreach", "TikTok", "third-party trackers", "giveaways",
                         "pop-ups and dark patterns", "paid advertising", "email marketing", "customers"]).prop_map(str::to_owned),
                 ], 0..4),
                 monthly in proptest::option::of((0_i64..5_000_000, "(USD|EUR|JPY)")),
                 cap in proptest::option::of(1_i64..3_000)) -> ContextView {
        let mut context = ContextView { icps, ..ContextView::default() };
        context.company.name = name;
        context.company.website = link;
        let pillar = |message: String| Pillar { name: message.clone(), message, support: support.clone() };
        context.positioning.pillars = pillars.into_iter().map(pillar).collect();
        context.positioning.competitors.strong = strong;
        context.offer.proof_points = proof;
        context.voice.dont = dont;
        context.constraints.forbidden = forbidden;
        context.constraints.monthly_budget = monthly.map(|(amount, currency)| BudgetAmount { amount, currency });
        let limited = |channel: &str| FoundationChannel {
            channel: channel.to_owned(), note: String::new(), budget_usd_per_experiment: cap,
        };
        context.channels = ["reddit_ads", "content"].map(limited).to_vec();
        context
    }
}

fn channels() -> impl Strategy<Value = Vec<ChannelSlug>> {
    let all: Vec<ChannelSlug> = Vocabulary::standard().iter().map(|channel| channel.slug.clone()).collect();
    proptest::collection::vec(proptest::sample::select(all), 0..8)
}

prop_compose! {
    fn input()(context in context(), channels in channels(), goal in phrase(), start in 0_i64..40, length in 0_i64..90,
               today in 0_i64..30, budget in proptest::option::of((-5_i64..9_000_000, "(USD|EUR|JPY|XTS)")))
        -> StrategyInput {
        let first = date(2025, 11, 1);
        let starts_on = first.saturating_add(start.days());
        StrategyInput {
            campaign: CampaignBrief {
                name: goal.clone(), goal, channels, icp_ids: vec![],
                starts_on, ends_on: starts_on.saturating_add(length.days()),
                budget: budget.map(|(amount, currency)| BudgetAmount { amount, currency }),
            },
            context,
            today: first.saturating_add(today.days()),
        }
    }
}

fn outcome(input: &StrategyInput) -> Result<StrategyOutcome, TestCaseError> {
    baseline(input).map_err(|error| TestCaseError::reject(error.to_string()))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, max_shrink_iters: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn moves_are_due_on_working_days_of_the_period_and_not_in_the_past(input in input()) {
        let plan = outcome(&input)?.plan;
        prop_assert!(plan.moves.len() <= 60);
        for planned in &plan.moves {
            prop_assert!(planned.due_on >= input.campaign.starts_on.max(input.today));
            prop_assert!(planned.due_on <= input.campaign.ends_on);
            prop_assert!(!matches!(planned.due_on.weekday(), Weekday::Saturday | Weekday::Sunday));
        }
    }

    #[test]
    fn budgets_add_up_and_stay_within_every_limit(input in input()) {
        let StrategyOutcome { plan, perception, critique, .. } = outcome(&input)?;
        let total = perception.envelope.amount.as_ref().map_or(0, |total| total.amount);
        let spent: i64 = plan.moves.iter().filter_map(|p| p.budget.as_ref()).map(|b| b.amount).sum();
        prop_assert_eq!(plan.channels.iter().filter_map(|channel| channel.budget).sum::<i64>(), spent);
        prop_assert!(spent <= total);
        let own = input.campaign.budget.as_ref().filter(|own| own.amount > 0);
        prop_assert!(own.is_none_or(|own| spent <= own.amount));
        let is_paid = |p: &PlannedMove| Vocabulary::standard().channel(&p.channel).unwrap().kind == ChannelKind::Paid;
        prop_assert!(plan.moves.iter().all(|p| p.budget.is_none() || is_paid(p)));
        let limited = perception.channels.iter().any(|c| c.usd_per_experiment.is_some() && c.channel.as_str().ends_with("ads"));
        let whole = plan.notes.iter().all(|note| !note.contains("stayed empty")) && critique.findings.is_empty();
        if plan.moves.iter().any(is_paid) && !limited && whole {
            prop_assert_eq!(spent, total, "without a limit per experiment everything is allotted");
        }
        for planned in &plan.moves {
            let cap = perception.channels.iter().find(|c| c.channel == planned.channel).and_then(|c| c.usd_per_experiment);
            if let (Some(cap), Some(budget)) = (cap, &planned.budget) && budget.currency == "USD" {
                prop_assert!(budget.amount <= cap * 100);
            }
        }
    }

    #[test]
    fn the_same_input_gives_the_same_plan(input in input()) {
        prop_assert_eq!(outcome(&input)?, outcome(&input.clone())?);
    }

    #[test]
    fn titles_and_keys_are_unique_and_texts_complete(input in input()) {
        let plan = outcome(&input)?.plan;
        let titles: BTreeSet<String> = plan.moves.iter().map(|planned| planned.title.to_lowercase()).collect();
        let keys: BTreeSet<&String> = plan.moves.iter().map(|planned| &planned.key).collect();
        prop_assert_eq!(titles.len(), plan.moves.len());
        prop_assert_eq!(keys.len(), plan.moves.len());
        for planned in &plan.moves {
            prop_assert!((3..=5).contains(&planned.tasks.len()));
            prop_assert!(planned.texts().all(|text| !text.trim().is_empty()));
        }
    }

    #[test]
    fn what_is_forbidden_never_appears(input in input()) {
        let StrategyOutcome { plan, perception, .. } = outcome(&input)?;
        for planned in &plan.moves {
            for rule in &perception.constraints {
                prop_assert!(!rule.channels.contains(&planned.channel));
            }
            for text in planned.texts() {
                prop_assert_eq!(broken_by(&perception.constraints, text), None);
            }
        }
        let every_rule = input.context.constraints.forbidden.iter().filter(|rule| rule.chars().any(char::is_alphanumeric));
        prop_assert_eq!(perception.constraints.len(), every_rule.count());
    }

    #[test]
    fn drafts_keep_the_channels_limits(input in input()) {
        for planned in outcome(&input)?.plan.moves {
            let limits = Vocabulary::standard().channel(&planned.channel).unwrap().limits;
            let draft = planned.draft.unwrap_or_default();
            prop_assert!(limits.max_draft_chars.is_none_or(|max| draft.chars().count() <= max));
            for line in draft.lines() {
                if let Some((_, headline)) = line.split_once("headline: ").filter(|_| planned.budget.is_some()) {
                    prop_assert!(limits.max_headline_chars.is_none_or(|max| headline.chars().count() <= max), "{}", line);
                }
            }
        }
    }
}
