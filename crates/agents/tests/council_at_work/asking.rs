//! Asking for runs and reading them, over the memory store.

use crate::world::World;
use agents::{
    Agent, Error, Lord, RunKind, RunStatus, events,
    ports::{AgentUow, RunFilter},
    services::{ABANDONED_AFTER, RUN_JOB},
};
use kernel::{
    Failure, IdempotencyKey, JobHandler, JobQueue, JobState, PageRequest, Role, SystemScope, WorkspaceScope,
};
use serde_json::json;

#[tokio::test]
async fn a_run_is_queued_with_its_job_and_its_agent() {
    let world = World::new();
    world.council().seed(&world.ctx, &world.scope).await.unwrap();
    let strategos = world.council().list(&world.scope).await.unwrap()[2].clone();
    let run = world.queue().await;
    assert_eq!((run.status, run.kind, run.lord), (RunStatus::Queued, RunKind::Strategy, Lord::Strategos));
    assert_eq!((run.agent_id, run.subject_id), (Some(strategos.id), world.campaign.uuid()));
    assert_eq!((run.origin, &run.output, &run.error), (None, &None, &None));
    assert_eq!(world.runs().get(&world.scope, run.id).await.unwrap(), run);
    assert_eq!(world.runs().steps(&world.scope, run.id).await.unwrap(), []);

    let job = world.claim().await;
    assert_eq!((job.kind.as_str(), &job.payload), (RUN_JOB, &json!({"run_id": run.id})));
    assert_eq!((job.workspace_id, job.actor), (Some(world.scope.workspace()), world.ctx.actor));
    assert_eq!(world.told().await, [events::COUNCIL_SEEDED, events::RUN_QUEUED]);
}

#[tokio::test]
async fn a_campaign_has_one_live_run_and_another_one_after_it() {
    let world = World::new();
    let first = world.queue().await;
    let second = world.runs().queue_strategy(&world.ctx, &world.scope, world.campaign).await;
    assert_eq!(second.unwrap_err().code().name, "run_in_progress");

    let job = world.claim().await;
    world.healthy_executor().handle(&job).await.unwrap();
    let second = world.queue().await;
    let filter = |status| RunFilter { status, subject: Some(world.campaign.uuid()), ..RunFilter::default() };
    let list = async |status| {
        let page = world.runs().list(&world.scope, filter(status), &PageRequest::default()).await.unwrap();
        page.items.into_iter().map(|run| run.id).collect::<Vec<_>>()
    };
    assert_eq!(list(None).await, [second.id, first.id]);
    assert_eq!(list(Some(RunStatus::Completed)).await, [first.id]);
    assert_eq!(list(Some(RunStatus::Failed)).await, []);
}

#[tokio::test]
async fn a_repeated_request_gets_the_first_run_again() {
    let mut world = World::new();
    world.ctx.idempotency =
        Some(IdempotencyKey { caller: "me".into(), key: "k".into(), request_hash: "h".into() });
    let first = world.queue().await;
    assert_eq!(world.queue().await, first);
    let scope = SystemScope::for_worker();
    assert_eq!(world.store.count(&scope, JobState::Queued).await.unwrap(), 1);
}

#[tokio::test]
async fn what_can_not_be_planned_is_refused_before_anything_is_queued() {
    let world = World::new();
    let ask =
        || async { world.runs().queue_strategy(&world.ctx, &world.scope, world.campaign).await.unwrap_err() };
    let document = world.context.0.lock().unwrap().take();
    assert_eq!(ask().await.code().name, "context_missing");
    *world.context.0.lock().unwrap() = document;

    let uow: &AgentUow = &world.store;
    let idle = Agent {
        enabled: false,
        ..Agent::seated(Lord::Strategos, world.env.id(), world.scope.workspace(), world.env.now())
    };
    let seated: Result<(), Error> =
        uow.run(&world.scope, async |tx| Ok(tx.agents().insert(&idle).await?)).await;
    seated.unwrap();
    assert_eq!(ask().await.code().name, "agent_disabled");

    *world.desk.brief.lock().unwrap() = None;
    assert_eq!(ask().await.code().name, "not_found");
    assert_eq!(world.told().await, Vec::<String>::new());
}

#[tokio::test]
async fn a_run_that_has_stood_still_for_too_long_makes_way() {
    let world = World::new();
    let lost = world.queue().await;
    world.clock.advance(ABANDONED_AFTER);
    let next = world.queue().await;
    assert_eq!(next.status, RunStatus::Queued);
    let lost = world.run(lost.id).await;
    assert_eq!(lost.status, RunStatus::Failed);
    assert_eq!(lost.error.unwrap().code, "run_abandoned");
    assert_eq!(world.told().await, [events::RUN_QUEUED, events::RUN_FAILED, events::RUN_QUEUED]);
    // Its job, should it still come, finds nothing to do.
    world.healthy_executor().handle(&world.claim().await).await.unwrap();
    assert_eq!(*world.desk.asked.lock().unwrap(), 0);
}

#[tokio::test]
async fn another_workspace_sees_no_run_of_mine() {
    let world = World::new();
    let run = world.queue().await;
    let elsewhere = WorkspaceScope::for_test(world.env.id(), world.env.id(), Role::Owner);
    let runs = world.runs();
    assert!(matches!(runs.get(&elsewhere, run.id).await, Err(Error::NotFound)));
    assert!(matches!(runs.steps(&elsewhere, run.id).await, Err(Error::NotFound)));
    let page = runs.list(&elsewhere, RunFilter::default(), &PageRequest::default()).await.unwrap();
    assert_eq!(page.items, []);
}
