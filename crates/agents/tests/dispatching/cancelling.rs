use crate::scripted::Turn;
use crate::world::{World, ask};
use agents::{
    dispatch::{CallEnd, Delta, Held, Hold, ModelCall, Usage},
    ports::models::BudgetLedger,
    services::AnswerPiece,
};
use async_trait::async_trait;
use futures_util::{StreamExt, future};
use kernel::{PicoUsd, StoreResult, SystemScope, Timestamp, WorkspaceScope};
use std::sync::Arc;

#[tokio::test]
async fn a_caller_who_goes_away_ends_the_attempt_and_pays_for_what_was_sent() {
    let world = World::new();
    world.vertex.play([Turn::Hangs]);
    let (dispatcher, question) = (world.dispatcher(), ask("fast"));
    let mut asking = Box::pin(dispatcher.generate(&world.ctx, &world.scope, &question));
    assert!(futures_util::poll!(&mut asking).is_pending());
    assert_eq!(world.vertex.open(), 1);
    drop(asking);
    assert_eq!(world.vertex.open(), 0, "the connection is closed with the caller's");
    world.afterwards().await;
    let row = world.row().await;
    assert_eq!((row.end, row.attempts, row.is_estimated), (CallEnd::Cancelled, 1, true));
    assert_eq!(row.usage, Usage { fresh: question.request.estimated_input(), ..Usage::NONE });
    assert_eq!((world.vertex.times(), world.openai.times()), (1, 0), "nobody else is asked");
}

#[tokio::test]
async fn a_stream_that_is_left_is_paid_for_as_far_as_it_came() {
    let world = World::new();
    let told = Usage { fresh: 1_000, output: 1, ..Usage::NONE };
    let pieces = [Delta::Usage(told), Delta::Text("x".repeat(120)), Delta::Text("never read".to_owned())];
    world.vertex.play([Turn::Pieces(pieces.into_iter().map(Ok).collect())]);
    let mut stream = world.dispatcher().stream(&world.ctx, &world.scope, &ask("fast")).await.unwrap().pieces;
    for _ in 0..2 {
        assert!(matches!(stream.next().await, Some(Ok(AnswerPiece::Delta(_)))));
    }
    drop(stream);
    assert_eq!(world.vertex.open(), 0);
    world.afterwards().await;
    let row = world.row().await;
    assert_eq!((row.end, row.is_estimated), (CallEnd::Cancelled, true));
    assert_eq!(
        row.usage,
        Usage { output: 40, ..told },
        "the provider's word for the input, our count of the output"
    );
    assert_eq!(row.cost, PicoUsd::new(1_000 * 750_000 + 40 * 3_750_000));
    assert!(row.first_token.is_some());
}

/// Holds the money, and never comes to say so.
struct Speechless(memory::Store);

#[async_trait]
impl BudgetLedger for Speechless {
    async fn hold(&self, scope: &WorkspaceScope, hold: &Hold, limit: Option<PicoUsd>) -> StoreResult<Held> {
        self.0.hold(scope, hold, limit).await?;
        future::pending().await
    }

    async fn settle(&self, scope: &WorkspaceScope, call: &ModelCall) -> StoreResult<()> {
        self.0.settle(scope, call).await
    }

    async fn write_off(&self, scope: &SystemScope, now: Timestamp, most: u32) -> StoreResult<u32> {
        self.0.write_off(scope, now, most).await
    }
}

#[tokio::test]
async fn a_caller_who_goes_away_while_money_is_held_leaves_none_of_it() {
    let world = World::new();
    let mut dispatcher = world.dispatcher();
    dispatcher.ledger = Arc::new(Speechless(world.store.clone()));
    let question = ask("fast");
    let mut asking = Box::pin(dispatcher.generate(&world.ctx, &world.scope, &question));
    assert!(futures_util::poll!(&mut asking).is_pending());
    assert!(world.spending().await.reserved > PicoUsd::ZERO);
    drop(asking);
    world.afterwards().await;
    let row = world.row().await;
    assert_eq!((row.end, row.attempts, row.cost), (CallEnd::Cancelled, 0, PicoUsd::ZERO));
}
