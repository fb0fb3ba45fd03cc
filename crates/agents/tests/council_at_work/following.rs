//! Following a run by what it tells.

use crate::world::{Mood, World};
use agents::{Error, RunStatus, events, services::Progress};
use kernel::{JobHandler, Role, RunId, WorkspaceScope};

async fn progress(world: &World, run: RunId, number: i64) -> Progress {
    world.progress().list_after(&world.scope, run, number).await.unwrap()
}

fn types(progress: &Progress) -> Vec<&str> {
    progress.facts.iter().map(|fact| fact.event_type.as_str()).collect()
}

#[tokio::test]
async fn a_run_tells_its_states_and_its_steps_in_order_until_it_is_over() {
    let world = World::new();
    let run = world.queue().await;
    let queued = progress(&world, run.id, 0).await;
    assert_eq!((types(&queued), queued.is_over), (vec![events::RUN_QUEUED], false));
    world.healthy_executor().handle(&world.claim().await).await.unwrap();

    let whole = progress(&world, run.id, 0).await;
    assert!(whole.is_over);
    let [first, second, steps @ .., last] = <[&str; 8]>::try_from(types(&whole)).unwrap();
    assert_eq!([first, second, last], [events::RUN_QUEUED, events::RUN_STARTED, events::RUN_COMPLETED]);
    assert_eq!(steps, [events::RUN_STEP_FINISHED; 5]);
    let numbers: Vec<_> = whole.facts[2..7].iter().map(|fact| fact.payload["number"].clone()).collect();
    assert_eq!(numbers, [1, 2, 3, 4, 5]);

    let rest = progress(&world, run.id, whole.facts[4].number).await;
    assert_eq!((&rest.facts[..], rest.is_over), (&whole.facts[5..], true));
    let nothing = progress(&world, run.id, whole.facts[7].number).await;
    assert_eq!(nothing, Progress { facts: Vec::new(), is_over: true });
}

#[tokio::test]
async fn a_run_that_fails_is_over_with_its_failure() {
    let world = World::new();
    let run = world.queue().await;
    *world.desk.mood.lock().unwrap() = Mood::Refuses;
    world.healthy_executor().handle(&world.claim().await).await.unwrap();
    assert_eq!(world.run(run.id).await.status, RunStatus::Failed);
    let whole = progress(&world, run.id, 0).await;
    assert_eq!((types(&whole).pop(), whole.is_over), (Some(events::RUN_FAILED), true));
}

#[tokio::test]
async fn the_other_runs_of_a_workspace_are_not_told_and_those_of_others_are_unknown() {
    let world = World::new();
    let first = world.queue().await;
    world.healthy_executor().handle(&world.claim().await).await.unwrap();
    let second = world.queue().await;
    let told = progress(&world, second.id, 0).await;
    assert_eq!((types(&told), told.is_over), (vec![events::RUN_QUEUED], false));
    let elsewhere = WorkspaceScope::for_test(world.env.id(), world.env.id(), Role::Owner);
    for unknown in [first.id, world.env.id()] {
        let refused = world.progress().list_after(&elsewhere, unknown, 0).await;
        assert!(matches!(refused, Err(Error::NotFound)), "{refused:?}");
    }
}
