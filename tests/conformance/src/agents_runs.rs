//! Runs and their journal.

use crate::{Stores, Tenant, agents::seat};
use agents::{
    AgentRun, AgentStep, Lord, Origin, RunError, RunInput, RunKind, RunStatus, StepName, StepStatus,
    ports::RunFilter,
};
use futures_util::future::join_all;
use kernel::{Actor, CampaignId, Limit, PageRequest, PicoUsd, StoreError};
use serde_json::{Value, json};
use std::time::Duration;

#[macro_export]
macro_rules! run_cases {
    ($open:path) => {
        $crate::cases!(agents_runs, $open;
            a_run_comes_back_as_it_went_in,
            a_stale_run_is_not_saved,
            a_subject_has_one_live_run_also_under_parallel_queueing,
            a_run_is_taken_over_by_one_unit_after_the_other,
            runs_come_in_pages_newest_first,
            runs_are_filtered_by_status_kind_and_subject,
            a_journal_has_each_number_once,
            a_step_needs_a_run_of_its_own_tenant,
            steps_come_by_number_as_they_were_written,
        );
    };
}

pub fn queued(stores: &Stores, tenant: &Tenant, campaign: CampaignId) -> AgentRun {
    let call = (tenant.ctx.actor, tenant.ctx.correlation_id.clone());
    AgentRun::for_campaign(campaign, stores.env.id(), tenant.scope.workspace(), call, stores.env.now())
}

/// Stores the run as the queueing use case does.
pub async fn queue(stores: &Stores, tenant: &Tenant, run: &AgentRun) -> Result<(), StoreError> {
    stores
        .agent
        .run(&tenant.scope, async |tx| {
            let key = run.live_key().unwrap_or_default();
            match tx.runs().find_live(&key).await? {
                Some(live) => Err(StoreError::Conflict(live.id.to_string())),
                None => tx.runs().insert(run).await,
            }
        })
        .await
}

async fn save(stores: &Stores, tenant: &Tenant, run: &AgentRun, expected: i32) -> Result<(), StoreError> {
    stores.agent.run(&tenant.scope, async |tx| tx.runs().save(run, expected).await).await
}

async fn find_live(stores: &Stores, tenant: &Tenant, key: &str) -> Option<AgentRun> {
    let live: Result<_, StoreError> =
        stores.agent.run(&tenant.scope, async |tx| tx.runs().find_live(key).await).await;
    live.unwrap()
}

pub fn step(stores: &Stores, run: &AgentRun, number: i32) -> AgentStep {
    AgentStep {
        id: stores.env.id(),
        workspace_id: run.workspace_id,
        run_id: run.id,
        number,
        name: StepName::Planning,
        status: StepStatus::Completed,
        origin: Some(Origin::Baseline),
        input: Some(json!({"context_version": 3})),
        output: json!({"moves": ["ünïcode", 1.5, null]}),
        started_at: stores.env.now(),
        finished_at: stores.env.now().plus(Duration::from_micros(7)),
    }
}

pub async fn write(stores: &Stores, tenant: &Tenant, step: &AgentStep) -> Result<(), StoreError> {
    stores.agent.run(&tenant.scope, async |tx| tx.steps().append(step).await).await
}

pub async fn a_run_comes_back_as_it_went_in(stores: Stores) {
    let mine = stores.tenant();
    let mut run = AgentRun { created_by: Actor::System, ..queued(&stores, &mine, stores.env.id()) };
    queue(&stores, &mine, &run).await.unwrap();
    assert_eq!(stores.runs.find(&mine.scope, run.id).await.unwrap().as_ref(), Some(&run));
    assert_eq!(find_live(&stores, &mine, &run.live_key().unwrap()).await.as_ref(), Some(&run));

    run.agent_id = Some(seat(&stores, &mine, Lord::Strategos).await.unwrap().id);
    stores.clock.advance(Duration::from_secs(1));
    run.advance(RunInput::Start, stores.env.now()).unwrap();
    run.origin = Some(Origin::Model);
    run.origin_reason = Some("provider_not_configured".into());
    run.cost = PicoUsd::new(i64::MAX);
    run.output = Some(json!({"summary": "“done”", "risks": []}));
    save(&stores, &mine, &run, 1).await.unwrap();
    let stored: Result<_, StoreError> =
        stores.agent.run(&mine.scope, async |tx| tx.runs().find(run.id).await).await;
    assert_eq!(stored.unwrap().as_ref(), Some(&run));

    let key = run.live_key().unwrap();
    run.output = None;
    run.fail(RunError { code: "no_working_day".into(), message: "None.".into() }, stores.env.now()).unwrap();
    save(&stores, &mine, &run, 2).await.unwrap();
    assert_eq!(stores.runs.find(&mine.scope, run.id).await.unwrap(), Some(run));
    assert_eq!(find_live(&stores, &mine, &key).await, None);
}

pub async fn a_stale_run_is_not_saved(stores: Stores) {
    let mine = stores.tenant();
    let stored = queued(&stores, &mine, stores.env.id());
    queue(&stores, &mine, &stored).await.unwrap();
    let mut run = AgentRun { version: 7, ..stored.clone() };
    run.advance(RunInput::Start, stores.env.now()).unwrap();
    assert_eq!(save(&stores, &mine, &run, 7).await, Err(StoreError::Stale));
    assert_eq!(stores.runs.find(&mine.scope, run.id).await.unwrap(), Some(stored));
}

pub async fn a_subject_has_one_live_run_also_under_parallel_queueing(stores: Stores) {
    let (mine, theirs) = (stores.tenant(), stores.tenant());
    let campaign: CampaignId = stores.env.id();
    let runs: Vec<AgentRun> = (0..10).map(|_| queued(&stores, &mine, campaign)).collect();
    let answers = join_all(runs.iter().map(|run| queue(&stores, &mine, run))).await;
    assert_eq!(answers.iter().filter(|answer| answer.is_ok()).count(), 1);
    assert!(
        answers.iter().all(|answer| matches!(answer, Ok(()) | Err(StoreError::Conflict(_)))),
        "{answers:?}"
    );
    let all = stores.runs.page(&mine.scope, RunFilter::default(), &PageRequest::default()).await.unwrap();
    let [live] = all.items.as_slice() else { panic!("{all:?}") };

    queue(&stores, &mine, &queued(&stores, &mine, stores.env.id())).await.unwrap();
    queue(&stores, &theirs, &queued(&stores, &theirs, campaign)).await.unwrap();
    for _ in 0..2 {
        let mut ended = find_live(&stores, &mine, &live.live_key().unwrap()).await.unwrap();
        ended.advance(RunInput::Cancel, stores.env.now()).unwrap();
        save(&stores, &mine, &ended, ended.version - 1).await.unwrap();
        queue(&stores, &mine, &queued(&stores, &mine, campaign)).await.unwrap();
    }
}

pub async fn a_run_is_taken_over_by_one_unit_after_the_other(stores: Stores) {
    let mine = stores.tenant();
    let run = queued(&stores, &mine, stores.env.id());
    queue(&stores, &mine, &run).await.unwrap();
    let takers = (0..8).map(|_| async {
        let taken: Result<(), StoreError> = stores
            .agent
            .run(&mine.scope, async |tx| {
                let mut run = tx.runs().find(run.id).await?.ok_or(StoreError::Stale)?;
                run.advance(RunInput::Start, stores.env.now()).unwrap();
                tx.runs().save(&run, run.version - 1).await
            })
            .await;
        taken.unwrap();
    });
    join_all(takers).await;
    assert_eq!(stores.runs.find(&mine.scope, run.id).await.unwrap().unwrap().version, 9);
}

pub async fn runs_come_in_pages_newest_first(stores: Stores) {
    let mine = stores.tenant();
    let mut expected = Vec::new();
    for _ in 0..5 {
        stores.clock.advance(Duration::from_millis(2));
        let run = queued(&stores, &mine, stores.env.id());
        queue(&stores, &mine, &run).await.unwrap();
        expected.insert(0, run);
    }
    let (mut seen, mut request) = (Vec::new(), PageRequest { limit: Limit::new(2).unwrap(), after: None });
    loop {
        let page = stores.runs.page(&mine.scope, RunFilter::default(), &request).await.unwrap();
        seen.extend(page.items);
        let Some(next) = page.next else { break };
        request.after = Some(next);
    }
    assert_eq!(seen, expected);
}

pub async fn runs_are_filtered_by_status_kind_and_subject(stores: Stores) {
    let mine = stores.tenant();
    let campaign: CampaignId = stores.env.id();
    let mut ended = queued(&stores, &mine, campaign);
    queue(&stores, &mine, &ended).await.unwrap();
    ended.advance(RunInput::Cancel, stores.env.now()).unwrap();
    save(&stores, &mine, &ended, 1).await.unwrap();
    stores.clock.advance(Duration::from_millis(2));
    let again = queued(&stores, &mine, campaign);
    queue(&stores, &mine, &again).await.unwrap();
    stores.clock.advance(Duration::from_millis(2));
    let other = queued(&stores, &mine, stores.env.id());
    queue(&stores, &mine, &other).await.unwrap();

    let page = async |status, kind, subject| {
        let filter = RunFilter { status, kind, subject };
        let page = stores.runs.page(&mine.scope, filter, &PageRequest::default()).await.unwrap();
        page.items.iter().map(|run| run.id).collect::<Vec<_>>()
    };
    let subject = Some(campaign.uuid());
    assert_eq!(page(None, None, None).await, [other.id, again.id, ended.id]);
    assert_eq!(page(None, Some(RunKind::Strategy), subject).await, [again.id, ended.id]);
    assert_eq!(page(Some(RunStatus::Queued), None, None).await, [other.id, again.id]);
    assert_eq!(page(Some(RunStatus::Cancelled), None, subject).await, [ended.id]);
    assert_eq!(page(Some(RunStatus::Failed), None, None).await, []);
}

pub async fn a_journal_has_each_number_once(stores: Stores) {
    let mine = stores.tenant();
    let run = queued(&stores, &mine, stores.env.id());
    queue(&stores, &mine, &run).await.unwrap();
    let steps: Vec<AgentStep> = (0..6).map(|_| step(&stores, &run, 1)).collect();
    let answers = join_all(steps.iter().map(|step| write(&stores, &mine, step))).await;
    assert_eq!(answers.iter().filter(|answer| answer.is_ok()).count(), 1);
    assert!(
        answers.iter().all(|answer| matches!(answer, Ok(()) | Err(StoreError::Conflict(_)))),
        "{answers:?}"
    );
    let first = steps.iter().zip(&answers).find(|(_, answer)| answer.is_ok()).unwrap().0;
    assert_eq!(stores.steps.list(&mine.scope, run.id).await.unwrap(), std::slice::from_ref(first));
}

pub async fn a_step_needs_a_run_of_its_own_tenant(stores: Stores) {
    let (mine, theirs) = (stores.tenant(), stores.tenant());
    let (foreign, unknown) =
        (queued(&stores, &theirs, stores.env.id()), queued(&stores, &mine, stores.env.id()));
    queue(&stores, &theirs, &foreign).await.unwrap();
    for run in [&foreign, &unknown] {
        let smuggled = AgentStep { workspace_id: mine.scope.workspace(), ..step(&stores, run, 1) };
        let written = write(&stores, &mine, &smuggled).await;
        assert!(matches!(written, Err(StoreError::Dangling(_))), "{written:?}");
    }
}

pub async fn steps_come_by_number_as_they_were_written(stores: Stores) {
    let mine = stores.tenant();
    let (run, other) = (queued(&stores, &mine, stores.env.id()), queued(&stores, &mine, stores.env.id()));
    queue(&stores, &mine, &run).await.unwrap();
    queue(&stores, &mine, &other).await.unwrap();
    let failed = AgentStep {
        name: StepName::Apply,
        status: StepStatus::Failed,
        origin: None,
        input: None,
        output: Value::Null,
        ..step(&stores, &run, 3)
    };
    let model = AgentStep { name: StepName::Critic, origin: Some(Origin::Model), ..step(&stores, &run, 2) };
    let first = step(&stores, &run, 1);
    for written in [&failed, &step(&stores, &other, 1), &first, &model] {
        write(&stores, &mine, written).await.unwrap();
    }
    assert_eq!(stores.steps.list(&mine.scope, run.id).await.unwrap(), [first, model, failed]);
    assert_eq!(stores.steps.list(&mine.scope, stores.env.id()).await.unwrap(), []);
}
