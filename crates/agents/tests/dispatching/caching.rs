use crate::scripted::{KNOWN_COST, Turn, fails, reply};
use crate::world::{World, ask};
use agents::dispatch::{Ask, CallEnd, FailureKind, Finish, Part, Reply, Usage};
use kernel::{PicoUsd, Role, WorkspaceScope};
use serde_json::json;
use std::time::Duration;

fn caching() -> World {
    let mut world = World::new();
    world.policy.cached = Duration::from_secs(60);
    world
}

#[tokio::test]
async fn the_same_question_is_paid_for_once_and_its_saving_logged() {
    let world = caching();
    let first = world.ask(&ask("fast")).await.unwrap();
    let second = world.ask(&ask("fast")).await.unwrap();
    assert_eq!((first.is_cached, second.is_cached, world.vertex.times()), (false, true, 1));
    assert_eq!(
        (second.reply.text(), second.cost, second.usage),
        (first.reply.text(), PicoUsd::ZERO, Usage::NONE)
    );
    let rows = world.rows().await;
    assert_eq!((rows.len(), rows[0].end), (2, CallEnd::Cached(Finish::Stop)));
    assert_eq!((rows[0].saved, rows[0].attempts), (PicoUsd::new(KNOWN_COST), 0));
}

#[tokio::test]
async fn another_question_model_prompt_or_workspace_is_another_matter() {
    let world = caching();
    let same = ask("fast");
    let mut longer = same.clone();
    longer.request.max_output_tokens = Some(201);
    let newer = Ask { prompt_version: Some("2".to_owned()), ..same.clone() };
    let asked_anew = Ask { may_be_cached: false, ..same.clone() };
    for question in [same.clone(), longer, newer, asked_anew] {
        assert!(!world.ask(&question).await.unwrap().is_cached);
    }
    let stranger = WorkspaceScope::for_test(world.env.id(), world.env.id(), Role::Owner);
    let theirs = world.dispatcher().generate(&world.ctx, &stranger, &same).await.unwrap();
    assert!(!theirs.is_cached);
    assert!(world.ask(&same).await.unwrap().is_cached);
    world.dispatcher().clear_cache(&world.scope).await.unwrap();
    assert!(!world.ask(&same).await.unwrap().is_cached);
    assert!(
        world.dispatcher().generate(&world.ctx, &stranger, &same).await.unwrap().is_cached,
        "only this workspace's"
    );
}

#[tokio::test]
async fn what_is_cut_short_or_wants_a_tool_or_fell_back_is_not_kept() {
    let world = caching();
    let call =
        Part::ToolCall { id: "1".to_owned(), name: "look".to_owned(), arguments: json!({}), signature: None };
    let short = Turn::Says(Reply { finish: Finish::Length, ..reply("Yes, b") });
    let calls = Turn::Says(Reply { finish: Finish::ToolCalls, parts: vec![call], ..reply("") });
    world.vertex.play([short, calls, fails(FailureKind::Unauthorised)]);
    for _ in 0..4 {
        assert!(!world.ask(&ask("fast")).await.unwrap().is_cached);
    }
    assert!(world.ask(&ask("fast")).await.unwrap().is_cached);
}

#[tokio::test]
async fn only_an_admin_empties_the_cache() {
    let world = caching();
    let member = WorkspaceScope::for_test(world.scope.workspace(), world.env.id(), Role::Member);
    assert!(world.dispatcher().clear_cache(&member).await.is_err());
}
