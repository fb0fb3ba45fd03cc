use crate::scripted::{Turn, fails};
use crate::world::{World, ask};
use agents::dispatch::{Ask, FailureKind};
use kernel::Failure;

#[tokio::test]
async fn each_item_has_its_own_result_in_order() {
    let world = World::new();
    world.vertex.play([fails(FailureKind::Blocked)]);
    let asks = [ask("fast"), ask("gpt-9"), ask("fast")];
    let results = world.dispatcher().batch(&world.ctx, &world.scope, &asks).await.unwrap();
    let codes: Vec<_> =
        results.iter().map(|result| result.as_ref().err().map(|refused| refused.code().name)).collect();
    assert_eq!(codes, [Some("content_blocked"), Some("invalid"), None]);
}

#[tokio::test]
async fn eight_are_asked_at_once_and_none_after_the_caller_has_gone() {
    let world = World::new();
    world.vertex.play((0..20).map(|_| Turn::Hangs));
    let asks: Vec<Ask> = (0..20).map(|_| ask("fast")).collect();
    let dispatcher = world.dispatcher();
    let mut batch = Box::pin(dispatcher.batch(&world.ctx, &world.scope, &asks));
    assert!(futures_util::poll!(&mut batch).is_pending());
    assert_eq!(world.vertex.times(), 8);
    drop(batch);
    world.afterwards().await;
    assert_eq!((world.vertex.times(), world.vertex.open(), world.rows().await.len()), (8, 0, 8));
}
