//! Seating the council over the memory store.

use crate::world::World;
use agents::{Lord, events, services::SEED_COUNCIL};
use kernel::{Actor, Job, JobFailure, JobHandler, JobState, NewJob, Role, WorkspaceScope};
use serde_json::json;

fn job(world: &World) -> Job {
    let job = NewJob::new(&world.env, &world.ctx, SEED_COUNCIL, json!({}));
    let job = job.in_workspace(world.scope.workspace()).queued(world.env.now());
    Job { state: JobState::Running, attempts: 1, actor: Actor::System, ..job }
}

#[tokio::test]
async fn a_new_workspace_gets_its_seven_lords_however_often_the_event_comes() {
    let world = World::new();
    let council = world.council();
    assert_eq!(council.list(&world.scope).await.unwrap(), []);
    for _ in 0..2 {
        council.handle(&job(&world)).await.unwrap();
    }
    let seated = council.list(&world.scope).await.unwrap();
    assert_eq!(seated.iter().map(|agent| agent.lord).collect::<Vec<_>>(), Lord::ALL);
    assert!(seated.iter().all(|agent| agent.enabled && agent.version == 1));
    assert_eq!(world.told().await, [events::COUNCIL_SEEDED]);
    assert_eq!(council.get(&world.scope, seated[2].id).await.unwrap(), seated[2]);
}

#[tokio::test]
async fn a_council_is_seen_by_its_workspace_only() {
    let world = World::new();
    let council = world.council();
    council.handle(&job(&world)).await.unwrap();
    let seated = council.list(&world.scope).await.unwrap();
    let elsewhere = WorkspaceScope::for_test(world.env.id(), world.env.id(), Role::Owner);
    assert_eq!(council.list(&elsewhere).await.unwrap(), []);
    let foreign = council.get(&elsewhere, seated[0].id).await;
    assert!(matches!(foreign, Err(agents::Error::NotFound)));
}

#[tokio::test]
async fn a_job_of_no_workspace_is_a_dead_letter_and_a_member_seats_nobody() {
    let world = World::new();
    let lost = Job { workspace_id: None, ..job(&world) };
    assert!(matches!(world.council().handle(&lost).await, Err(JobFailure::Permanent(_))));
    let member = WorkspaceScope::for_test(world.scope.workspace(), world.env.id(), Role::Member);
    let denied = world.council().seed(&world.ctx, &member).await;
    assert!(matches!(denied, Err(agents::Error::Denied(_))));
}
