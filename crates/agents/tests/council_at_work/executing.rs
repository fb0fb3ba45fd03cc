//! Executing runs over the memory store, with workers that die and neighbours that are away.

use crate::world::{Breaking, Breaks, Mood, World, brief};
use agents::{
    Origin, RunStatus, StepName, StepStatus, events, services::PROVIDER_NOT_CONFIGURED,
    tasks::strategy::StrategyPlan,
};
use kernel::{JobFailure, JobHandler, NewJob};
use serde_json::{Value, json};
use std::sync::{Arc, Mutex};

/// The units of work of an execution: the start, five steps, the end.
const UNITS: u32 = 7;

async fn undisturbed() -> (StrategyPlan, Vec<Value>) {
    let world = World::new();
    let run = world.queue().await;
    world.healthy_executor().handle(&world.claim().await).await.unwrap();
    let plan = world.desk.applied.lock().unwrap()[0].1.clone();
    (plan, world.steps(run.id).await.into_iter().map(|step| step.output).collect())
}

#[tokio::test]
async fn a_run_plans_the_campaign_step_by_step_and_says_who_thought_of_it() {
    let world = World::new();
    let run = world.queue().await;
    world.healthy_executor().handle(&world.claim().await).await.unwrap();

    let run = world.run(run.id).await;
    assert_eq!((run.status, run.origin), (RunStatus::Completed, Some(Origin::Baseline)));
    assert_eq!(run.origin_reason.as_deref(), Some(PROVIDER_NOT_CONFIGURED));
    let output = run.output.unwrap();
    let moves = world.desk.applied.lock().unwrap()[0].1.moves.len();
    assert!(moves > 0);
    assert_eq!((&output["moves"], &output["context_version"]), (&json!(moves), &json!(3)));

    let steps = world.steps(run.id).await;
    let done: Vec<_> = steps.iter().map(|step| (step.number, step.name, step.status)).collect();
    let expected: Vec<_> =
        (1..).zip(StepName::STRATEGY).map(|(number, name)| (number, name, StepStatus::Completed)).collect();
    assert_eq!(done, expected);
    let told = world.told().await;
    assert_eq!(told.len(), 8);
    assert_eq!(told[..2], [events::RUN_QUEUED, events::RUN_STARTED]);
    assert_eq!(told[7], events::RUN_COMPLETED);
}

#[tokio::test]
async fn a_run_whose_worker_dies_anywhere_goes_on_and_ends_with_the_same_plan() {
    let (plan, outputs) = undisturbed().await;
    for how in [Breaks::Before, Breaks::After] {
        for left in 0..UNITS {
            let world = World::new();
            let run = world.queue().await;
            let store = Breaking { store: world.store.clone(), left: Mutex::new(left), how };
            // Every unit from the broken one on fails too, as for a worker that is gone.
            let died = world.executor(Arc::new(store)).handle(&world.claim().await).await;
            assert!(matches!(died, Err(JobFailure::Transient(_))), "{how:?} {left}");
            let journaled = world.steps(run.id).await;

            // What the neighbours say has changed meanwhile; the run goes on with what it was given.
            if !journaled.is_empty() {
                world.desk.brief.lock().unwrap().as_mut().unwrap().goal = "Something else".to_owned();
                *world.context.0.lock().unwrap() = Some(json!({}));
            }
            world.healthy_executor().handle(&world.claim().await).await.unwrap();
            assert_eq!(world.run(run.id).await.status, RunStatus::Completed, "{how:?} {left}");
            let steps = world.steps(run.id).await;
            assert_eq!(steps[..journaled.len()], journaled, "a finished step ran again");
            assert_eq!(steps.into_iter().map(|step| step.output).collect::<Vec<_>>(), outputs);
            assert_eq!(*world.desk.applied.lock().unwrap(), [(run.id, plan.clone())], "{how:?} {left}");
            let told = world.told().await;
            assert_eq!(told.iter().filter(|event| *event == events::RUN_COMPLETED).count(), 1);
            assert_eq!(told.len(), 8, "a fact is told twice: {how:?} {left}");
        }
    }
}

#[tokio::test]
async fn two_workers_at_one_run_make_one_journal() {
    let world = World::new();
    let run = world.queue().await;
    let (job, executor) = (world.claim().await, world.healthy_executor());
    let (one, two) = tokio::join!(executor.handle(&job), executor.handle(&job));
    assert_eq!((one, two), (Ok(()), Ok(())));
    assert_eq!(world.run(run.id).await.status, RunStatus::Completed);
    assert_eq!(world.steps(run.id).await.len(), 5);
    assert_eq!(*world.desk.asked.lock().unwrap(), 2, "the two were at it at the same time");
    assert_eq!(world.desk.applied.lock().unwrap().len(), 1);
    assert_eq!(world.told().await.len(), 8);
}

#[tokio::test]
async fn a_neighbour_that_stays_away_ends_the_run_with_the_last_attempt() {
    let world = World::new();
    let run = world.queue().await;
    *world.desk.mood.lock().unwrap() = Mood::Away;
    for attempt in 1..=NewJob::ATTEMPTS {
        assert!(world.run(run.id).await.status.is_live(), "attempt {attempt}");
        let job = world.claim().await;
        assert_eq!(job.attempts, attempt);
        let failed = world.healthy_executor().handle(&job).await;
        assert!(matches!(failed, Err(JobFailure::Transient(_))), "attempt {attempt}");
    }
    let run = world.run(run.id).await;
    assert_eq!((run.status, run.origin, run.live_key()), (RunStatus::Failed, None, None));
    let error = run.error.unwrap();
    assert_eq!(error.code, "unavailable");
    assert!(!error.message.contains("naps"), "the inner cause is shown");
    let steps = world.steps(run.id).await;
    assert_eq!((steps[4].name, steps[4].status), (StepName::Apply, StepStatus::Failed));
    assert_eq!(steps.len(), 5);
    assert_eq!(i64::from(*world.desk.asked.lock().unwrap()), i64::from(NewJob::ATTEMPTS));
    assert_eq!(world.told().await.last().map(String::as_str), Some(events::RUN_FAILED));
    assert!(world.desk.applied.lock().unwrap().is_empty());
}

#[tokio::test]
async fn a_step_that_panics_to_the_last_ends_the_run_with_its_job() {
    let world = World::new();
    let run = world.queue().await;
    *world.desk.mood.lock().unwrap() = Mood::Panics;
    let (job, executor) = (world.claim().await, world.healthy_executor());
    let attempt = tokio::spawn({
        let (job, executor) = (job.clone(), executor.clone());
        async move { executor.handle(&job).await }
    });
    assert!(attempt.await.unwrap_err().is_panic());
    assert_eq!(world.run(run.id).await.status, RunStatus::Running);

    for _ in 0..2 {
        executor.buried(&job, "the handler stopped: panic").await.unwrap();
    }
    let failed = world.run(run.id).await;
    assert_eq!((failed.status, failed.live_key()), (RunStatus::Failed, None));
    assert_eq!(failed.error.unwrap().code, "run_abandoned");
    let steps = world.steps(run.id).await;
    assert_eq!((steps[4].name, steps[4].status, steps.len()), (StepName::Apply, StepStatus::Failed, 5));
    let told = world.told().await;
    assert_eq!(told.iter().filter(|event| *event == events::RUN_FAILED).count(), 1);
}

#[tokio::test]
async fn a_neighbour_that_comes_back_in_time_lets_the_run_end_well() {
    let world = World::new();
    let run = world.queue().await;
    *world.desk.mood.lock().unwrap() = Mood::Away;
    assert!(world.healthy_executor().handle(&world.claim().await).await.is_err());
    *world.desk.mood.lock().unwrap() = Mood::Well;
    world.healthy_executor().handle(&world.claim().await).await.unwrap();
    assert_eq!(world.run(run.id).await.status, RunStatus::Completed);
}

#[tokio::test]
async fn a_rule_that_refuses_ends_the_run_at_once_and_the_job_with_it() {
    let world = World::new();
    let run = world.queue().await;
    *world.desk.mood.lock().unwrap() = Mood::Refuses;
    let job = world.claim().await;
    assert_eq!(world.healthy_executor().handle(&job).await, Ok(()));
    let failed = world.run(run.id).await;
    assert_eq!((failed.status, failed.error.unwrap().code.as_str()), (RunStatus::Failed, "run_state"));
    assert_eq!(world.healthy_executor().handle(&job).await, Ok(()), "the job comes again");
    assert_eq!(*world.desk.asked.lock().unwrap(), 1);
}

#[tokio::test]
async fn a_period_without_a_working_day_and_a_context_that_is_gone_are_said_to_be_so() {
    let no_day = World::new();
    no_day.desk.brief.lock().unwrap().as_mut().unwrap().ends_on = "2026-03-01".parse().unwrap();
    let no_context = World::new();
    for (world, code) in [(no_day, "period_without_working_days"), (no_context, "context_missing")] {
        let run = world.queue().await;
        if code == "context_missing" {
            *world.context.0.lock().unwrap() = None;
        }
        world.healthy_executor().handle(&world.claim().await).await.unwrap();
        let failed = world.run(run.id).await;
        assert_eq!((failed.status, failed.error.unwrap().code.as_str()), (RunStatus::Failed, code));
        let steps = world.steps(run.id).await;
        assert_eq!((steps.len(), steps[0].status), (1, StepStatus::Failed));
    }
}

#[tokio::test]
async fn a_run_that_was_called_off_stays_so() {
    let world = World::new();
    let run = world.queue().await;
    *world.desk.mood.lock().unwrap() = Mood::Cancels;
    world.healthy_executor().handle(&world.claim().await).await.unwrap();
    assert_eq!(world.run(run.id).await.status, RunStatus::Cancelled);
    assert_eq!(world.steps(run.id).await.len(), 4, "the step that was under way is not journaled");
}

#[tokio::test]
async fn a_job_that_names_no_run_is_a_dead_letter() {
    let world = World::new();
    world.queue().await;
    let job = world.claim().await;
    let (mut nonsense, mut unknown, mut lost) = (job.clone(), job.clone(), job);
    nonsense.payload = json!({"run": 1});
    unknown.payload = json!({"run_id": world.env.ids.uuid()});
    lost.workspace_id = None;
    for job in [nonsense, unknown, lost] {
        let refused = world.healthy_executor().handle(&job).await;
        assert!(matches!(refused, Err(JobFailure::Permanent(_))), "{refused:?}");
        assert_eq!(world.healthy_executor().buried(&job, "refused").await, Ok(()));
    }
    assert_eq!(*world.desk.brief.lock().unwrap(), Some(brief()));
}
