use crate::scripted::{KNOWN_COST, Turn, fails, reply};
use crate::world::{World, ask};
use agents::dispatch::{FailureKind, ModelFailure, Refusal, Reply, ServiceTier, Usage, Wanted};
use futures_util::future::join_all;
use kernel::{Failure, PicoUsd};

fn limit(world: &World, pico: i64) {
    *world.around.limit.lock().unwrap() = Some(PicoUsd::new(pico));
}

/// 27 tokens of input by our count, 200 of output: at the dearest of the configured targets.
const WORST: i64 = 22 * 750_000 + 200 * 3_750_000;

#[tokio::test]
async fn the_worst_case_is_held_while_a_call_is_under_way_and_nothing_after() {
    let world = World::new();
    world.vertex.play([Turn::Hangs]);
    let dispatcher = world.dispatcher();
    let question = ask("gemini-3.8-flash");
    let mut asking = Box::pin(dispatcher.generate(&world.ctx, &world.scope, &question));
    assert!(futures_util::poll!(&mut asking).is_pending());
    let held = world.spending().await.reserved.pico();
    assert!((WORST - 5 * 750_000..=WORST + 5 * 750_000).contains(&held), "{held}");
    drop(asking);
    world.afterwards().await;
    assert_eq!(world.spending().await.reserved, PicoUsd::ZERO);
}

#[tokio::test]
async fn a_budget_without_room_refuses_before_anybody_is_asked() {
    let world = World::new();
    limit(&world, 10);
    let refused = world.ask(&ask("fast")).await.unwrap_err();
    let Refusal::BudgetExceeded(budget) = &refused else { panic!("{refused}") };
    assert_eq!((budget.limit, budget.spending.spent), (PicoUsd::new(10), PicoUsd::ZERO));
    assert_eq!(budget.resets_at.to_string(), "2026-04-01T00:00:00Z");
    assert_eq!((refused.code().name, world.vertex.times()), ("budget_exceeded", 0));
    assert!(world.rows().await.is_empty());
}

#[tokio::test]
async fn of_many_at_once_only_those_are_asked_that_fit() {
    let world = World::new();
    limit(&world, 3 * 1_000_000_000);
    world.vertex.play((0..100).map(|_| Turn::Hangs));
    let dispatcher = world.dispatcher();
    let question = ask("gemini-3.8-flash");
    let mut asking: Vec<_> =
        (0..100).map(|_| Box::pin(dispatcher.generate(&world.ctx, &world.scope, &question))).collect();
    for call in &mut asking {
        let _ = futures_util::poll!(call);
    }
    assert_eq!(world.vertex.times(), 3, "three times 0.767 of a milli-dollar are less than three of them");
    assert!(world.spending().await.reserved <= PicoUsd::new(3 * 1_000_000_000));
}

#[tokio::test]
async fn a_call_that_costs_more_than_was_held_is_charged_in_full() {
    let world = World::new();
    let usage = Usage { output: 1_000_000, ..Usage::NONE };
    world.vertex.play([Turn::Says(Reply { usage: Some(usage), ..reply("Long.") })]);
    let answer = world.ask(&ask("gemini-3.8-flash")).await.unwrap();
    assert_eq!(answer.cost, PicoUsd::new(3_750_000_000_000));
    assert_eq!(world.ask(&ask("gemini-3.8-flash")).await.unwrap_err().code().name, "budget_exceeded");
}

#[tokio::test]
async fn without_a_word_of_usage_our_own_count_is_charged_and_marked() {
    let world = World::new();
    world.vertex.play([Turn::Says(Reply { usage: None, ..reply("123456789") })]);
    world.ask(&ask("gemini-3.8-flash")).await.unwrap();
    let row = world.row().await;
    assert_eq!((row.is_estimated, row.usage.output), (true, 3));
    assert!(row.cost > PicoUsd::ZERO);
}

#[tokio::test]
async fn the_tier_that_served_is_charged_and_one_without_a_price_is_marked() {
    let world = World::new();
    let served = |tier| Turn::Says(Reply { tier, ..reply("Yes.") });
    world.vertex.play([served(ServiceTier::Flex), served(ServiceTier::Priority)]);
    for cost in [KNOWN_COST / 2, KNOWN_COST * 9 / 5] {
        let mut fresh = ask("gemini-3.8-flash");
        fresh.prompt_version = Some(cost.to_string());
        assert_eq!(world.ask(&fresh).await.unwrap().cost, PicoUsd::new(cost));
    }
    world.openai.play([served(ServiceTier::Priority)]);
    assert!(world.ask(&ask("gpt-4o-mini")).await.unwrap().is_estimated, "it has no price for that tier");
}

#[tokio::test]
async fn a_blocked_prompt_is_charged_as_the_provider_says() {
    let world = World::new();
    let usage = Usage { fresh: 1_000, ..Usage::NONE };
    world.vertex.play([Turn::Fails(ModelFailure::new(FailureKind::Blocked, "safety").charged(Some(usage)))]);
    world.ask(&ask("fast")).await.unwrap_err();
    assert_eq!(world.row().await.cost, PicoUsd::new(750_000_000));
}

#[tokio::test]
async fn vectors_have_their_price_too() {
    let world = World::new();
    let texts = ["One".to_owned(), "Two".to_owned()];
    let wanted = Wanted::of("text-embedding-005");
    let vectors = world.dispatcher().embed(&world.ctx, &world.scope, &wanted, &texts).await.unwrap();
    assert_eq!((vectors.vectors.len(), vectors.cost), (2, PicoUsd::new(100_000_000)));
    assert_eq!(world.row().await.head.operation.name(), "embed");
    let none = world.dispatcher().embed(&world.ctx, &world.scope, &wanted, &[]).await.unwrap_err();
    assert_eq!(none.fields()[0].pointer, "/input");
}

#[tokio::test]
async fn answers_failures_and_vanished_callers_together_leave_nothing_held() {
    let world = World::new();
    let turns = (0..30).map(|n| match n % 3 {
        0 => Turn::Hangs,
        1 => fails(FailureKind::Blocked),
        _ => Turn::Says(reply("Yes.")),
    });
    world.vertex.play(turns);
    let dispatcher = world.dispatcher();
    let question = ask("gemini-3.8-flash");
    let mut asking: Vec<_> =
        (0..30).map(|_| Box::pin(dispatcher.generate(&world.ctx, &world.scope, &question))).collect();
    join_all(asking.iter_mut().map(|call| async { futures_util::poll!(call).is_ready() })).await;
    drop(asking);
    world.afterwards().await;
    assert_eq!((world.rows().await.len(), world.spending().await.reserved), (30, PicoUsd::ZERO));
}
