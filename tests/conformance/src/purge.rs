//! A deleted workspace is forgotten, and nothing else is.

use crate::{
    Stores, Tenant,
    agents::seat,
    agents_runs::{queue, queued, step, write},
    api_keys::{Maker, insert, key_of, maker},
    bcm::{foundation, icp, session},
    bcm_contexts::append_next,
    bus,
    campaigns::{day, draft, planned, store, store_win, win},
    core, ledger, provider_keys, schedules, workspaces_invitations,
};
use ::agents::{Lord, dispatch::Provider};
use ::campaign::ports::MoveFilter;
use kernel::{
    Area, CallContext, IdempotencyKey, JobHandler, JobId, Kinds, NewEvent, NewJob, PageRequest, StoreError,
    StoreResult, SystemScope, Timestamp, WorkspaceId,
};
use serde_json::json;
use std::time::Duration;
use workspace::{
    Error, Invitation, events,
    services::{BudgetService, PURGE_WORKSPACE, PURGED_AFTER, WorkspacePurger, WorkspaceService},
};

#[macro_export]
macro_rules! purge_cases {
    ($fresh:path) => {
        $crate::cases!(purge, $fresh;
            a_purge_leaves_nothing_of_a_deleted_workspace_and_all_of_another,
            a_deleted_workspace_is_purged_by_its_job_after_thirty_days,
        );
    };
}

const SYSTEM: SystemScope = SystemScope::for_worker();

/// A workspace with something in every table of tenants.
pub async fn furnished(stores: &Stores) -> Maker {
    let maker = maker(stores).await;
    let me = &maker.tenant;
    insert(stores, me, &key_of(stores, me.scope.workspace(), maker.person.user.id)).await;
    let invitation = workspaces_invitations::offer(stores, me, "bo@example.com");
    // Not one that goes by itself.
    let invitation = Invitation { expires_at: Timestamp::NEVER, ..invitation };
    workspaces_invitations::insert(stores, me, &invitation).await.unwrap();
    append_next(stores, me, None).await;
    business(stores, me).await;
    let campaign = draft(stores, me, "c");
    let planned = planned(stores, &campaign, "2026-03-03");
    store(stores, me, &campaign, std::slice::from_ref(&planned)).await;
    let mut win = win(stores, me, "2026-03-02", "w");
    win.move_id = Some(planned.id);
    assert!(store_win(stores, me, &win).await);
    seat(stores, me, Lord::Seer).await.unwrap();
    let run = queued(stores, me, campaign.id);
    queue(stores, me, &run).await.unwrap();
    write(stores, me, &step(stores, &run, 1)).await.unwrap();
    bus::come_to(stores, "test", me.scope.workspace().into(), 1).await;
    let budgets = BudgetService {
        uow: stores.workspace.clone(),
        budgets: stores.budgets.clone(),
        default: None,
        env: stores.env.clone(),
    };
    budgets.set(&me.ctx, &me.scope, Some("1"), None).await.unwrap();
    let spent = ledger::hold(stores, me, 1);
    ledger::settle(stores, me, &ledger::ended(&spent, 1)).await;
    ledger::held(stores, me, &ledger::hold(stores, me, 1), None).await;
    provider_keys::put(stores, me, &provider_keys::lent(stores, me, Provider::OpenAi)).await;
    enqueue(stores, me).await;
    schedules::put(stores, me, &schedules::hourly(stores, "s")).await;
    maker
}

async fn business(stores: &Stores, me: &Tenant) {
    let stored: StoreResult<()> = stores
        .bcm
        .run(&me.scope, async |tx| {
            tx.onboarding().insert(&session(stores, me)).await?;
            tx.foundations().insert(&foundation(stores, me)).await?;
            tx.icps().insert(&icp(stores, me, "i", 1)).await
        })
        .await;
    stored.unwrap();
}

async fn enqueue(stores: &Stores, me: &Tenant) -> JobId {
    let job = NewJob::new(&stores.env, &me.ctx, PURGE_WORKSPACE, json!({}));
    let id = job.id;
    let enqueued: StoreResult<bool> =
        stores.workspace.run(&me.scope, async |tx| tx.jobs().enqueue(job).await).await;
    assert!(enqueued.unwrap());
    id
}

fn service(stores: &Stores) -> WorkspaceService {
    WorkspaceService::new(stores.workspace.clone(), stores.workspaces.clone(), stores.env.clone())
}

/// Deletes the workspace as its owner does.
pub async fn give_up(stores: &Stores, me: &Tenant) {
    service(stores).delete(&me.ctx, &me.scope, None).await.unwrap();
}

/// Purges the workspace for a job of its own.
pub async fn purge(stores: &Stores, me: &Tenant) -> bool {
    let job = enqueue(stores, me).await;
    let (workspace, told) = (me.scope.workspace(), told(stores, me));
    stores.purge.purge(&SYSTEM, workspace, job, told).await.unwrap()
}

/// Gives the workspace more facts than a transaction of a purge deletes, and begins a purge that can't be told: its fact has the
/// id of another one.
pub async fn cut_short(stores: &Stores, me: &Tenant, other: &Tenant) -> StoreResult<bool> {
    let facts: StoreResult<()> = stores
        .campaign
        .run(&me.scope, async |tx| {
            for _ in 0..2_100 {
                tx.events().append(core::fact(stores, &me.ctx)).await?;
            }
            Ok(())
        })
        .await;
    facts.unwrap();
    give_up(stores, me).await;
    let job = enqueue(stores, me).await;
    let id = stores.events.list_after(&other.scope, 0, 1).await.unwrap()[0].id;
    let twice = NewEvent { id, ..told(stores, me) };
    stores.purge.purge(&SYSTEM, me.scope.workspace(), job, twice).await
}

fn told(stores: &Stores, me: &Tenant) -> NewEvent {
    events::purged(&stores.env, &me.ctx, me.scope.workspace())
}

/// How much of everything its readers see in the workspace.
async fn seen(stores: &Stores, me: &Tenant) -> Vec<usize> {
    let (scope, all) = (&me.scope, PageRequest::default());
    vec![
        usize::from(stores.workspaces.find(scope).await.unwrap().is_some()),
        stores.members.page(scope, &PageRequest::default()).await.unwrap().items.len(),
        stores.api_keys.page(scope, &all).await.unwrap().items.len(),
        usize::from(stores.budgets.find(scope).await.unwrap().limit.is_some()),
        usize::from(stores.contexts.current(scope).await.unwrap().is_some()),
        usize::from(stores.onboarding.find_latest(scope).await.unwrap().is_some()),
        usize::from(stores.foundations.find(scope).await.unwrap().is_some()),
        stores.icps.page(scope, &all).await.unwrap().items.len(),
        stores.campaigns.page(scope, &all).await.unwrap().items.len(),
        stores.moves.page(scope, MoveFilter::default(), &PageRequest::default()).await.unwrap().items.len(),
        stores.daily_wins.list_on(scope, day("2026-03-02")).await.unwrap().len(),
        stores.agents.list(scope).await.unwrap().len(),
        stores.runs.page(scope, Default::default(), &all).await.unwrap().items.len(),
        stores.model_calls.page(scope, &all).await.unwrap().items.len(),
        stores.provider_keys.list(scope).await.unwrap().len(),
        stores.events.list_after(scope, 0, 100).await.unwrap().len(),
    ]
}

async fn told_of(stores: &Stores, workspace: WorkspaceId) -> Vec<kernel::Event> {
    let mut events = stores.outbox.unpublished(&SystemScope::for_relay(), 1_000).await.unwrap();
    events.retain(|event| event.workspace_id == Some(workspace) || event.subject_id == workspace.uuid());
    events
}

pub async fn a_purge_leaves_nothing_of_a_deleted_workspace_and_all_of_another(stores: Stores) {
    let (gone, kept) = (furnished(&stores).await.tenant, furnished(&stores).await.tenant);
    let before = seen(&stores, &kept).await;
    assert!(before.iter().all(|count| *count > 0), "everything is furnished: {before:?}");
    let key = IdempotencyKey {
        caller: format!("{} {} POST /x", gone.ctx.actor.id().unwrap(), gone.scope.workspace()),
        key: "once".into(),
        request_hash: "body".into(),
    };
    let answered: StoreResult<String> = remember(&stores, &gone, &key).await;
    answered.unwrap();

    assert!(!purge(&stores, &gone).await, "it is not deleted");
    assert_eq!(seen(&stores, &gone).await[1..13], before[1..13]);
    give_up(&stores, &gone).await;
    let job = enqueue(&stores, &gone).await;
    let workspace = gone.scope.workspace();
    let purged = stores.purge.purge(&SYSTEM, workspace, job, told(&stores, &gone)).await;
    assert_eq!(purged, Ok(true));
    assert_eq!(seen(&stores, &gone).await, vec![0; before.len()]);
    assert_eq!(seen(&stores, &kept).await, before);
    let again = stores.purge.purge(&SYSTEM, workspace, job, told(&stores, &gone)).await;
    assert_eq!(again, Ok(false), "there is nothing left to purge");

    let told = told_of(&stores, workspace).await;
    let [event] = told.as_slice() else { panic!("one fact of the platform is left: {told:?}") };
    assert_eq!(
        (event.event_type.as_str(), event.workspace_id, event.subject_id),
        (events::WORKSPACE_PURGED, None, workspace.uuid())
    );
    assert_eq!(event.payload, json!({}));

    let mut left = Vec::new();
    let lease = Duration::from_secs(30);
    while let Some(job) = stores.jobs.claim(&SYSTEM, Kinds::All, "w", stores.env.now(), lease).await.unwrap()
    {
        assert_ne!(job.workspace_id, Some(workspace), "{job:?}");
        left.push((job.id, job.workspace_id));
    }
    assert!(left.contains(&(job, None)), "the purge's own job can still be settled: {left:?}");
    let free: StoreResult<_> = stores
        .workspace
        .run(&kept.scope, async |tx| tx.idempotency().claim(&key, stores.env.now()).await)
        .await;
    assert_eq!(free, Ok(None), "answers of its requests are gone");
}

async fn remember(stores: &Stores, me: &Tenant, key: &IdempotencyKey) -> StoreResult<String> {
    let ctx = CallContext { idempotency: Some(key.clone()), ..me.ctx.clone() };
    let now = stores.env.now();
    stores
        .workspace
        .run_once(&me.scope, &ctx, now, async |tx| {
            tx.workspaces().find().await?;
            Ok::<_, StoreError>("what the workspace holds".to_owned())
        })
        .await
}

pub async fn a_deleted_workspace_is_purged_by_its_job_after_thirty_days(stores: Stores) {
    let Maker { tenant: me, workspace, .. } = maker(&stores).await;
    let service = service(&stores);
    let stale = service.delete(&me.ctx, &me.scope, Some(workspace.version + 1)).await;
    assert_eq!(stale, Err(Error::Store(StoreError::Stale)));
    let admin =
        kernel::WorkspaceScope::for_test(workspace.id, me.ctx.actor.user().unwrap(), kernel::Role::Admin);
    let refused = service.delete(&me.ctx, &admin, None).await;
    assert!(matches!(refused, Err(Error::Denied(_))), "{refused:?}");
    assert_eq!(admin.require(Area::Workspaces.write().by(kernel::Role::Admin)), Ok(()));
    service.delete(&me.ctx, &me.scope, Some(workspace.version)).await.unwrap();
    assert_eq!(service.get(&me.scope).await, Err(Error::NotFound));
    let twice = service.delete(&me.ctx, &me.scope, None).await;
    assert_eq!(twice, Err(Error::NotFound), "gone is gone");

    let lease = Duration::from_secs(30);
    stores.clock.advance(PURGED_AFTER - Duration::from_micros(1));
    assert_eq!(stores.jobs.claim(&SYSTEM, Kinds::All, "w", stores.env.now(), lease).await.unwrap(), None);
    stores.clock.advance(Duration::from_micros(1));
    let job = stores.jobs.claim(&SYSTEM, Kinds::All, "w", stores.env.now(), lease).await.unwrap().unwrap();
    let purger = WorkspacePurger { store: stores.purge.clone(), env: stores.env.clone() };
    for _ in 0..2 {
        purger.handle(&job).await.unwrap();
        let told: Vec<String> =
            told_of(&stores, workspace.id).await.into_iter().map(|event| event.event_type).collect();
        assert_eq!(told, [events::WORKSPACE_PURGED], "whether the job runs once or twice");
    }
    let settled = stores.jobs.settle(&SYSTEM, &job, &kernel::Settlement::Succeeded, stores.env.now()).await;
    assert_eq!(settled, Ok(true));
}
