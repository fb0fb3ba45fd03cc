use crate::scripted::{Turn, fails};
use crate::world::{World, ask};
use agents::dispatch::{Ask, FailureKind, Refusal, Wanted};
use futures_util::poll;
use kernel::{CallContext, Failure, IdempotencyKey, KeyScope, KeyScopes, Role, WorkspaceScope};
use std::time::Duration;

fn under(world: &World, key: &str, request: &str) -> CallContext {
    let (caller, key, request_hash) = ("me".to_owned(), key.to_owned(), request.to_owned());
    CallContext { idempotency: Some(IdempotencyKey { caller, key, request_hash }), ..world.ctx.clone() }
}

fn code(refusal: &Refusal) -> &'static str {
    refusal.code().name
}

#[tokio::test]
async fn under_one_key_a_question_is_asked_and_paid_for_once() {
    let world = World::new();
    let (dispatcher, ctx) = (world.dispatcher(), under(&world, "k", "body"));
    let first = dispatcher.generate(&ctx, &world.scope, &ask("fast")).await.unwrap();
    let again = dispatcher.generate(&ctx, &world.scope, &ask("fast")).await.unwrap();
    assert_eq!((again, world.vertex.times()), (first.clone(), 1));
    assert_eq!(world.row().await.head.id, first.call);
    let other = under(&world, "k", "another body");
    let reused = dispatcher.generate(&other, &world.scope, &ask("fast")).await.unwrap_err();
    assert_eq!((code(&reused), world.vertex.times()), ("idempotency_key_reused", 1));
    world.clock.advance(Duration::from_secs(24 * 60 * 60));
    let later = dispatcher.generate(&ctx, &world.scope, &ask("fast")).await.unwrap();
    assert!(later.call != first.call, "a day later it is forgotten");
}

#[tokio::test]
async fn a_kept_answer_is_for_those_only_who_may_ask() {
    let world = World::new();
    let (dispatcher, ctx) = (world.dispatcher(), under(&world, "k", "body"));
    dispatcher.generate(&ctx, &world.scope, &ask("fast")).await.unwrap();
    let reads = KeyScopes::new([KeyScope::parse("ai:read").unwrap()]).unwrap();
    let program = WorkspaceScope::for_api_key(world.env.id(), world.scope.workspace(), Role::Owner, reads);
    let refused = dispatcher.generate(&ctx, &program, &ask("fast")).await.unwrap_err();
    assert!(matches!(refused, Refusal::Denied(_)), "{refused}");
    let (wanted, texts) = (Wanted::of("text-embedding-005"), ["Why?".to_owned()]);
    let refused = dispatcher.embed(&ctx, &program, &wanted, &texts).await.unwrap_err();
    assert!(matches!(refused, Refusal::Denied(_)), "{refused}");
    let refused = dispatcher.stream(&world.ctx, &program, &ask("fast")).await.err().unwrap();
    assert!(matches!(refused, Refusal::Denied(_)), "{refused}");
    assert_eq!(world.vertex.times(), 1);
}

#[tokio::test]
async fn a_key_is_taken_while_its_call_is_under_way_and_free_when_that_is_left_or_dead() {
    let world = World::new();
    let (dispatcher, ctx, question) = (world.dispatcher(), under(&world, "k", "body"), ask("fast"));
    world.vertex.play([Turn::Hangs, Turn::Hangs]);
    let mut first = Box::pin(dispatcher.generate(&ctx, &world.scope, &question));
    assert!(poll!(&mut first).is_pending());
    let second = dispatcher.generate(&ctx, &world.scope, &question).await.unwrap_err();
    assert_eq!((code(&second), world.vertex.times()), ("idempotency_in_flight", 1));
    drop(first);
    world.afterwards().await;
    let mut third = Box::pin(dispatcher.generate(&ctx, &world.scope, &question));
    assert!(poll!(&mut third).is_pending(), "who went away has no answer, so it is asked again");
    std::mem::forget(third);
    // As long as a call may last, and its hold.
    world.clock.advance(Duration::from_secs(300));
    dispatcher.generate(&ctx, &world.scope, &question).await.unwrap();
    assert_eq!(world.vertex.times(), 3);
}

#[tokio::test]
async fn what_was_refused_may_be_asked_again_under_its_key() {
    let world = World::new();
    let (dispatcher, ctx) = (world.dispatcher(), under(&world, "k", "body"));
    world.vertex.play([fails(FailureKind::Invalid)]);
    dispatcher.generate(&ctx, &world.scope, &ask("fast")).await.unwrap_err();
    world.afterwards().await;
    dispatcher.generate(&ctx, &world.scope, &ask("fast")).await.unwrap();
    assert_eq!(world.vertex.times(), 2);
}

#[tokio::test]
async fn a_repeated_batch_asks_only_what_had_no_answer() {
    let world = World::new();
    let (dispatcher, ctx) = (world.dispatcher(), under(&world, "k", "body"));
    let asks: Vec<Ask> = (0..3).map(|n| Ask { prompt_version: Some(n.to_string()), ..ask("fast") }).collect();
    world.vertex.play([fails(FailureKind::Invalid)]);
    let first = dispatcher.batch(&ctx, &world.scope, &asks).await.unwrap();
    assert_eq!(first.iter().filter(|answer| answer.is_err()).count(), 1);
    world.afterwards().await;
    let again = dispatcher.batch(&ctx, &world.scope, &asks).await.unwrap();
    assert!(again.iter().all(Result::is_ok));
    assert_eq!(world.vertex.times(), 4);
}

#[tokio::test]
async fn vectors_are_kept_under_a_key_and_streams_take_none() {
    let world = World::new();
    let (dispatcher, ctx) = (world.dispatcher(), under(&world, "k", "body"));
    let wanted = Wanted::of("text-embedding-005");
    let texts = ["Why?".to_owned()];
    let first = dispatcher.embed(&ctx, &world.scope, &wanted, &texts).await.unwrap();
    assert_eq!(dispatcher.embed(&ctx, &world.scope, &wanted, &texts).await.unwrap(), first);
    assert_eq!(world.vertex.times(), 1);
    let refused = dispatcher.stream(&under(&world, "s", "body"), &world.scope, &ask("fast")).await;
    let refused = refused.err().unwrap();
    assert_eq!((refused.fields()[0].pointer.as_str(), world.vertex.times()), ("/stream", 1));
}
