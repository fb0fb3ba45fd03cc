use crate::scripted::{Turn, fails, reply};
use crate::world::{World, ask};
use agents::dispatch::{Ask, CallEnd, FailureKind, Finish};
use futures_util::StreamExt;
use std::time::Duration;

#[tokio::test]
async fn whoever_watches_sees_every_call_that_is_in_the_ledger_once() {
    let mut world = World::new();
    world.policy.cached = Duration::from_secs(60);
    let kept = Ask { may_be_cached: true, ..ask("fast") };
    world.ask(&kept).await.unwrap();
    world.ask(&kept).await.unwrap();
    world.vertex.play([fails(FailureKind::Invalid)]);
    world.ask(&Ask { may_be_cached: false, ..ask("fast") }).await.unwrap_err();
    world.clock.advance(Duration::from_millis(1));
    world.vertex.play([Turn::Says(reply("Yes."))]);
    let pieces = world.dispatcher().stream(&world.ctx, &world.scope, &ask("fast")).await.unwrap().pieces;
    pieces.collect::<Vec<_>>().await;
    world.clock.advance(Duration::from_millis(1));
    drop(world.dispatcher().stream(&world.ctx, &world.scope, &ask("fast")).await.unwrap());
    world.afterwards().await;

    let seen = world.around.seen.lock().unwrap().clone();
    let ends: Vec<CallEnd> = seen.iter().map(|(call, _)| call.end).collect();
    let stop = CallEnd::Answered(Finish::Stop);
    let failed = CallEnd::Failed(FailureKind::Invalid);
    assert_eq!(ends, [stop, CallEnd::Cached(Finish::Stop), failed, stop, CallEnd::Cancelled]);
    let mut rows = world.rows().await;
    rows.reverse();
    assert_eq!(rows, seen.iter().map(|(call, _)| call.clone()).collect::<Vec<_>>());
    let content: Vec<_> = seen.iter().map(|(_, content)| content.as_ref()).collect();
    assert_eq!(content[0].unwrap().request, kept.request);
    let said = |n: usize| content[n].and_then(|content| content.reply.as_ref()).map(|reply| reply.text());
    assert_eq!((content[1].is_none(), said(2), said(3).as_deref()), (true, None, Some("Yes.")));
}
