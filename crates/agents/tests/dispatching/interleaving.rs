//! The budget under every order of events that chance finds: calls begin, wait, end, fail, and are dropped half way.

use crate::scripted::{Turn, fails, reply};
use crate::world::{World, ask};
use agents::dispatch::{FailureKind, Reply, Spending, Usage};
use futures_util::poll;
use kernel::PicoUsd;
use proptest::{collection::vec, prelude::*, sample::Index};
use std::cell::Cell;

/// More than one call can cost: its input, and all the output that it may have.
const ONE: i64 = 780_000_000;
const CALLS: usize = 8;

/// What may happen to a call.
#[derive(Debug, Clone, Copy)]
enum Step {
    GoesOn,
    IsDropped,
    /// What dropped calls left is done.
    Afterwards,
}

fn turn(kind: u8, output: u64) -> Turn {
    // No more than was held back for it.
    let usage = Some(Usage { fresh: 20, output, ..Usage::NONE });
    let said = Reply { usage, ..reply("Yes.") };
    match kind {
        0 => Turn::Says(said),
        1 => Turn::Hangs,
        2 => fails(FailureKind::Invalid),
        3 => fails(FailureKind::Unavailable),
        _ => Turn::Later(said),
    }
}

fn steps() -> impl Strategy<Value = Vec<(Index, Step)>> {
    let step = prop_oneof![8 => Just(Step::GoesOn), 1 => Just(Step::IsDropped), 1 => Just(Step::Afterwards)];
    vec((any::<Index>(), step), 0..80)
}

async fn go(limit: i64, turns: Vec<(u8, u64)>, steps: Vec<(Index, Step)>, most: &Cell<i64>) {
    let world = World::new();
    *world.around.limit.lock().unwrap() = Some(PicoUsd::new(limit));
    // Those that fail are asked again.
    let more = std::iter::repeat_n((0, 50), 4 * CALLS);
    world.vertex.play(turns.into_iter().chain(more).map(|(kind, output)| turn(kind, output)));
    let (dispatcher, question) = (world.with(vec![world.vertex.clone()]), ask("gemini-3.8-flash"));
    let asking = || Some(Box::pin(dispatcher.generate(&world.ctx, &world.scope, &question)));
    let mut calls: Vec<_> = (0..CALLS).map(|_| asking()).collect();
    for (which, step) in steps {
        let call = which.get_mut(&mut calls);
        let goes_on = match (step, call.as_mut()) {
            (Step::GoesOn, Some(asking)) => poll!(asking).is_pending(),
            (step, _) => matches!(step, Step::Afterwards),
        };
        if !goes_on {
            *call = None;
        }
        if let Step::Afterwards = step {
            world.afterwards().await;
        }
        let Spending { spent, reserved } = world.spending().await;
        most.set(most.get().max(reserved.pico()));
        assert!(spent.pico() + reserved.pico() <= limit, "{spent:?} and {reserved:?} are more than {limit}");
    }
    drop(calls);
    world.afterwards().await;
    world.rows().await;
    assert_eq!(world.spending().await.reserved, PicoUsd::ZERO, "nothing stays held");
}

#[test]
fn no_order_of_events_spends_more_than_the_limit() {
    let most = Cell::new(0);
    let turns = vec((0..5_u8, 0..=200_u64), CALLS);
    proptest!(ProptestConfig::with_cases(200), |(limit in 0..4 * ONE, turns in turns, steps in steps())| {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
        runtime.block_on(go(limit, turns, steps, &most));
    });
    assert!(most.get() > 2 * ONE * 9 / 10, "calls never were under way together: {}", most.get());
}
