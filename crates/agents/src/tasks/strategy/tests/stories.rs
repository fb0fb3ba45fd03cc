//! What a marketing lead would check.

use std::collections::BTreeSet;

use jiff::civil::date;
use kernel::channels::Vocabulary;

use super::{super::*, fixtures::*};

const LANTERNFISH_CHANNELS: [&str; 5] = ["content", "twitter", "reddit_ads", "linkedin_ads", "documentation"];

fn lanternfish_plan() -> StrategyOutcome {
    let mut input = campaign(lanternfish(), &LANTERNFISH_CHANNELS);
    input.campaign.budget = money(300_000, "USD");
    baseline(&input).unwrap()
}

#[test]
fn four_weeks_give_a_full_plan_over_all_channels_and_stages() {
    let outcome = lanternfish_plan();
    let moves = &outcome.plan.moves;
    assert!(moves.len() >= 12, "{}", moves.len());
    let channels: BTreeSet<&str> = moves.iter().map(|planned| planned.channel.as_str()).collect();
    assert_eq!(channels, BTreeSet::from(LANTERNFISH_CHANNELS));
    let stages: BTreeSet<FunnelStage> = moves.iter().map(|planned| planned.stage).collect();
    assert_eq!(stages.len(), 4);
    let days: BTreeSet<_> = moves.iter().map(|planned| planned.due_on).collect();
    assert!(days.len() * 2 >= moves.len(), "moves are spread over the days");
    assert!(moves.is_sorted_by_key(|planned| planned.due_on));
    assert_eq!(outcome.critique.findings, []);
}

#[test]
fn moves_are_complete_and_speak_to_people_by_their_roles() {
    for planned in lanternfish_plan().plan.moves {
        assert!((3..=5).contains(&planned.tasks.len()), "{}", planned.title);
        assert!(planned.draft.is_some(), "{} has no draft", planned.title);
        let text = text_of(&planned);
        assert!(!text.contains("Dana Backend") && !text.contains("Lee Lead"), "{text}");
    }
}

#[test]
fn texts_are_clean_sentences_for_either_business() {
    let channels: Vec<&str> = Vocabulary::standard().iter().map(|channel| channel.slug.as_str()).collect();
    for (context, set) in
        [kiln(), lanternfish()].iter().flat_map(|c| channels.chunks(6).map(move |set| (c, set)))
    {
        for planned in baseline(&campaign(context.clone(), set)).unwrap().plan.moves {
            for text in planned.texts() {
                for mush in
                    ["{", "}", "[[", "]]", "..", ": .", " ,", " .", "?.", "…?", "  ", " \n", "our product"]
                {
                    assert!(!text.contains(mush), "{mush:?} in {}: {text}", planned.key);
                }
                assert_eq!(text.trim(), text);
            }
        }
    }
}

#[test]
fn what_is_forbidden_is_refused_by_name_and_never_mentioned() {
    let outcome = lanternfish_plan();
    let rules: BTreeSet<&str> = outcome.plan.refused.iter().map(|refusal| refusal.rule.as_str()).collect();
    for rule in &lanternfish().constraints.forbidden {
        assert!(rules.contains(rule.as_str()), "nothing was refused because of “{rule}”");
    }
    assert!(outcome.plan.refused.iter().all(|refusal| refusal.tactic.contains(' ')), "in words, not by id");
    for planned in &outcome.plan.moves {
        let text = text_of(planned).to_lowercase();
        for word in
            ["cold", "tracker", "retarget", "pop-up", "incentiv", "prize", "reward", "journalist", "press "]
        {
            assert!(!text.contains(word), "“{word}” in {text}");
        }
    }
    assert!(
        outcome.plan.notes.iter().any(|note| note.contains("pop-ups in the interface")),
        "the phrase is accounted for"
    );
}

#[test]
fn budget_is_split_within_the_limit_per_experiment_and_adds_up() {
    let plan = lanternfish_plan().plan;
    assert_eq!(spent(&plan), 300_000);
    assert_eq!(plan.channels.iter().filter_map(|channel| channel.budget).sum::<i64>(), 300_000);
    for planned in &plan.moves {
        let paid = planned.channel.as_str().ends_with("_ads");
        assert_eq!(planned.budget.is_some(), paid, "{}", planned.title);
        assert!(planned.budget.as_ref().is_none_or(|budget| budget.amount <= 50_000));
    }
}

#[test]
fn money_that_the_limits_leave_no_use_for_is_held_back_and_said() {
    let mut input = campaign(lanternfish(), &["reddit_ads"]);
    input.campaign.budget = money(370_000, "USD");
    let plan = baseline(&input).unwrap().plan;
    assert_eq!(spent(&plan), 4 * 50_000);
    assert!(
        plan.notes.iter().any(|note| note.contains("1,700 USD of the budget is held back")),
        "{:?}",
        plan.notes
    );
}

#[test]
fn a_budget_above_the_share_of_the_month_is_cut_to_it() {
    let mut input = campaign(kiln(), &["meta_ads"]);
    input.campaign.budget = money(500_000, "EUR");
    let plan = baseline(&input).unwrap().plan;
    assert_eq!(spent(&plan), 90_000 * 28 / 30);
    input.campaign.budget = None;
    assert_eq!(
        spent(&baseline(&input).unwrap().plan),
        90_000 * 28 / 30,
        "without its own, the share is the budget"
    );
    input.campaign.budget = money(500_000, "JPY");
    let plan = baseline(&input).unwrap().plan;
    assert_eq!(spent(&plan), 500_000, "another currency cannot be compared");
    assert!(plan.notes.iter().any(|note| note.contains("JPY")));
}

#[test]
fn without_channels_the_foundations_are_ranked_by_how_well_they_reach_the_icps() {
    let outcome = baseline(&campaign(kiln(), &[])).unwrap();
    let ranked: Vec<&str> = outcome.plan.channels.iter().map(|channel| channel.channel.as_str()).collect();
    assert_eq!(ranked, ["instagram", "events", "meta_ads", "newsletter"]);
    assert!(outcome.plan.notes.iter().any(|note| note.contains("carrier pigeon")));
}

#[test]
fn a_forbidden_channel_is_refused_even_when_the_campaign_names_it() {
    let plan = baseline(&campaign(kiln(), &["tiktok", "instagram"])).unwrap().plan;
    assert!(plan.moves.iter().all(|planned| planned.channel.as_str() == "instagram"));
    assert!(plan.refused.iter().any(|refusal| refusal.tactic == "TikTok" && refusal.rule == "TikTok"));
    let plan = baseline(&campaign(kiln(), &["tiktok"])).unwrap().plan;
    assert!(!plan.moves.is_empty(), "what every business owns takes its place");
}

#[test]
fn only_the_campaigns_icps_are_addressed() {
    let mut input = campaign(kiln(), &["instagram", "newsletter"]);
    input.campaign.icp_ids = vec!["icp-chef".to_owned()];
    let moves = baseline(&input).unwrap().plan.moves;
    assert!(!moves.is_empty());
    assert!(moves.iter().all(|planned| planned.icp_id.as_deref() == Some("icp-chef")));
    input.campaign.icp_ids = vec!["nobody".to_owned()];
    let plan = baseline(&input).unwrap().plan;
    assert!(plan.notes.iter().any(|note| note.contains("None of the campaign's ICPs")));
}

#[test]
fn an_empty_context_still_gives_a_plan_and_says_what_is_missing() {
    let outcome = baseline(&campaign(ContextView::default(), &[])).unwrap();
    assert!(outcome.plan.moves.len() >= 4, "{}", outcome.plan.moves.len());
    assert!(outcome.reflection.questions.len() >= 5);
    assert!(outcome.plan.notes.iter().any(|note| note.contains("what every business owns")));
    assert!(outcome.plan.moves.iter().all(|planned| planned.icp_id.is_none()));
}

#[test]
fn a_context_with_nulls_and_unknown_parts_is_read() {
    let json =
        r#"{"company": null, "icps": [{"name": "Cafés", "pains": null, "extra": 1}], "zodiac": "fish"}"#;
    let context: ContextView = serde_json::from_str(json).unwrap();
    assert_eq!(context.icps[0].name, "Cafés");
    assert!(baseline(&campaign(context, &["newsletter"])).is_ok());
}

#[test]
fn a_period_without_a_working_day_left_is_an_error() {
    let mut input = campaign(kiln(), &["instagram"]);
    period(&mut input, date(2025, 12, 6), date(2025, 12, 7));
    assert!(matches!(baseline(&input), Err(StrategyError::NoWorkingDay { .. })), "a weekend");
    period(&mut input, date(2025, 12, 9), date(2025, 12, 1));
    assert!(baseline(&input).is_err(), "an end before the start");
    period(&mut input, date(2025, 10, 1), date(2025, 11, 20));
    assert!(baseline(&input).is_err(), "a period that is over");
}

#[test]
fn a_day_and_a_year_are_planned_sensibly() {
    let mut input = campaign(kiln(), &["instagram", "newsletter", "events"]);
    period(&mut input, date(2025, 12, 3), date(2025, 12, 3));
    let moves = baseline(&input).unwrap().plan.moves;
    assert!(
        (1..=3).contains(&moves.len()) && moves.iter().all(|planned| planned.due_on == date(2025, 12, 3))
    );
    period(&mut input, date(2025, 12, 1), date(2026, 11, 30));
    let moves = baseline(&input).unwrap().plan.moves;
    assert!((30..=60).contains(&moves.len()), "{}", moves.len());
    assert!(moves.last().unwrap().due_on > date(2026, 10, 1), "the year is used to its end");
}

#[test]
fn twenty_channels_each_get_their_own_moves() {
    let channels: Vec<&str> =
        Vocabulary::standard().iter().map(|channel| channel.slug.as_str()).take(20).collect();
    let plan = baseline(&campaign(kiln(), &channels)).unwrap().plan;
    let used: BTreeSet<&str> = plan.moves.iter().map(|planned| planned.channel.as_str()).collect();
    assert_eq!(used.len(), 20);
}

#[test]
fn the_critic_holds_a_plan_of_somebody_else_to_the_same_rules() {
    let input = campaign(lanternfish(), &["content"]);
    let perception = perceive(&input);
    let mut plan = plan(&input, &perception);
    let good = plan.moves.len();
    let sample = plan.moves[0].clone();
    let mut add = |change: fn(&mut PlannedMove)| {
        let mut planned = sample.clone();
        planned.key = format!("extra-{}", plan.moves.len());
        planned.title = format!("Extra {}", plan.moves.len());
        change(&mut planned);
        plan.moves.push(planned);
    };
    add(|planned| planned.due_on = date(2025, 12, 6));
    add(|planned| planned.brief = "Send a press release to everybody".to_owned());
    add(|planned| planned.channel = slugs(&["cold_email"]).remove(0));
    add(|planned| planned.budget = money(i64::MAX, "USD"));
    add(|planned| planned.measure = " ".to_owned());
    add(|planned| planned.draft = Some("Trusted by 99 banks".to_owned()));
    plan.moves.push(sample.clone());
    let (kept, critique) = critique(&input, plan);
    let rules: Vec<Rule> = critique.findings.iter().map(|finding| finding.rule).collect();
    use Rule::*;
    assert_eq!(rules, [DueDate, Forbidden, Forbidden, Budget, Incomplete, UnfoundedFigure, Duplicate]);
    assert_eq!(kept.moves.len(), good + 1, "only the one with a bad draft stays, without it");
    assert_eq!(kept.moves.last().unwrap().draft, None);
}

#[test]
fn each_stage_survives_a_journal() {
    let input = campaign(kiln(), &[]);
    let outcome = baseline(&input).unwrap();
    let journalled = serde_json::to_string(&outcome).unwrap();
    assert_eq!(serde_json::from_str::<StrategyOutcome>(&journalled).unwrap(), outcome);
    let again: Perception = serde_json::from_str(&serde_json::to_string(&perceive(&input)).unwrap()).unwrap();
    assert_eq!(critique(&input, plan(&input, &again)).0, outcome.plan);
}
