use crate::scripted::{KNOWN_COST, Turn, fails};
use crate::world::{World, ask};
use agents::{
    dispatch::{CallEnd, Delta, FailureKind, Finish, ModelFailure, Provider, Usage},
    services::AnswerPiece,
};
use futures_util::StreamExt;
use kernel::{Failure, PicoUsd};

#[tokio::test]
async fn pieces_come_as_they_are_and_the_end_has_the_whole() {
    let world = World::new();
    let mut stream = world.dispatcher().stream(&world.ctx, &world.scope, &ask("fast")).await.unwrap().pieces;
    let first = stream.next().await.unwrap().unwrap();
    assert_eq!(first, AnswerPiece::Delta(Delta::Text("Yes.".to_owned())));
    let Some(Ok(AnswerPiece::End(answer))) = stream.next().await else { panic!("the end") };
    assert_eq!((answer.reply.text().as_str(), answer.cost), ("Yes.", PicoUsd::new(KNOWN_COST)));
    assert!(stream.next().await.is_none());
    let row = world.row().await;
    assert_eq!((row.end, row.head.operation.name()), (CallEnd::Answered(Finish::Stop), "stream"));
}

#[tokio::test]
async fn before_the_first_piece_another_is_asked() {
    let world = World::new();
    let down = || ModelFailure::new(FailureKind::Unavailable, "overloaded");
    world.vertex.play([Turn::Pieces(vec![Err(down())]), fails(FailureKind::Unauthorised)]);
    let mut stream = world.dispatcher().stream(&world.ctx, &world.scope, &ask("fast")).await.unwrap().pieces;
    while let Some(piece) = stream.next().await {
        if let AnswerPiece::End(answer) = piece.unwrap() {
            assert_eq!(answer.source.provider, Provider::OpenAi);
        }
    }
    assert_eq!((world.vertex.times(), world.row().await.attempts), (2, 3));
}

#[tokio::test]
async fn an_answer_that_breaks_is_paid_for_as_far_as_it_came_whatever_the_provider_had_said_before() {
    let world = World::new();
    let early = Usage { fresh: 600, output: 1, ..Usage::NONE };
    let down = ModelFailure::new(FailureKind::Unavailable, "overloaded").charged(Some(early));
    world.vertex.play([Turn::Pieces(vec![Ok(Delta::Text("x".repeat(120))), Err(down)])]);
    let mut stream = world.dispatcher().stream(&world.ctx, &world.scope, &ask("fast")).await.unwrap().pieces;
    while stream.next().await.is_some() {}
    let row = world.row().await;
    assert_eq!((row.usage, row.is_estimated), (Usage { output: 40, ..early }, true));
}

#[tokio::test]
async fn after_it_a_failure_is_the_end() {
    let world = World::new();
    let down = ModelFailure::new(FailureKind::Unavailable, "overloaded");
    let pieces = vec![Ok(Delta::Text("Once upon ".to_owned())), Err(down)];
    world.vertex.play([Turn::Pieces(pieces)]);
    let mut stream = world.dispatcher().stream(&world.ctx, &world.scope, &ask("fast")).await.unwrap().pieces;
    assert!(stream.next().await.unwrap().is_ok());
    let failed = stream.next().await.unwrap().unwrap_err();
    assert_eq!((failed.code().name, stream.next().await.is_none()), ("provider_unavailable", true));
    assert_eq!((world.vertex.times(), world.openai.times()), (1, 0));
    let row = world.row().await;
    assert_eq!((row.end, row.is_estimated), (CallEnd::Failed(FailureKind::Unavailable), true));
    assert_eq!(row.usage.output, 4, "what had come is paid for");
}
