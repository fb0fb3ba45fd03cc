//! The queue: whose turn it is, leases, and what becomes of jobs.

use crate::{Stores, Tenant};
use futures_util::future::join_all;
use kernel::{
    Job, JobFailure, JobState, Kinds, NewJob, Priority, Settlement, StoreError, StoreResult, SystemScope,
    Timestamp, WorkerNote,
};
use serde_json::json;
use std::time::Duration;

#[macro_export]
macro_rules! job_cases {
    ($fresh:path) => {
        $crate::cases!(jobs, $fresh;
            a_job_is_claimed_by_one_worker_in_order_of_its_time,
            the_important_goes_first_and_nothing_waits_for_ever,
            a_workspace_that_wants_much_does_not_keep_others_waiting,
            a_worker_gets_the_kinds_that_it_asks_for,
            a_dedup_key_holds_while_its_job_is_alive,
            an_expired_lease_is_taken_over_and_the_old_worker_is_shut_out,
            a_job_whose_lease_ran_out_is_its_worker_s_until_another_one_claims_it,
            a_job_whose_last_worker_died_is_given_out_to_be_buried,
            a_failed_attempt_comes_back_later,
            many_failed_attempts_of_one_workspace_let_others_in_between,
            a_job_that_is_handed_back_has_lost_nothing,
            an_attempt_ends_in_the_unit_of_what_it_did,
            how_long_work_waits_is_seen,
            workers_say_that_they_are_there_until_they_leave,
        );
    };
}

pub const LEASE: Duration = Duration::from_secs(30);

fn job_at(stores: &Stores, run_at: Timestamp) -> NewJob {
    let mine = stores.tenant();
    let job = NewJob::new(&stores.env, &mine.ctx, "test.job", json!({"a": [1, null, "x"]}));
    NewJob { run_at, ..job }
}

pub async fn claim(stores: &Stores, worker: &str) -> Option<Job> {
    stores.jobs.claim(&SystemScope::for_worker(), Kinds::All, worker, stores.env.now(), LEASE).await.unwrap()
}

async fn claim_of(stores: &Stores, kinds: &[&'static str]) -> Option<Job> {
    let scope = SystemScope::for_worker();
    stores.jobs.claim(&scope, Kinds::Only(kinds), "w", stores.env.now(), LEASE).await.unwrap()
}

pub async fn settle(stores: &Stores, job: &Job, settlement: &Settlement) -> bool {
    stores.jobs.settle(&SystemScope::for_worker(), job, settlement, stores.env.now()).await.unwrap()
}

pub async fn a_job_is_claimed_by_one_worker_in_order_of_its_time(stores: Stores) {
    let now = stores.env.now();
    let later = job_at(&stores, now.plus(Duration::from_secs(60)));
    let (second, first) = (job_at(&stores, now), job_at(&stores, now.minus(Duration::from_secs(1))));
    let workspace = stores.tenant().scope.workspace();
    let scope = kernel::WorkspaceScope::for_test(workspace, stores.env.id(), kernel::Role::Owner);
    for job in [later, second.clone(), first.clone()] {
        let enqueued: Result<bool, StoreError> =
            stores.campaign.run(&scope, async |tx| tx.jobs().enqueue(job).await).await;
        assert!(enqueued.unwrap());
    }
    let names: Vec<String> = (0..8).map(|n| format!("w{n}")).collect();
    let claims = join_all(names.iter().map(|name| claim(&stores, name))).await;
    let mut claimed: Vec<Job> = claims.into_iter().flatten().collect();
    claimed.sort_by_key(|job| job.run_at);
    assert_eq!(claimed.iter().map(|job| job.id).collect::<Vec<_>>(), [first.id, second.id]);
    let job = &claimed[0];
    assert_eq!((job.state, job.attempts, job.payload.clone()), (JobState::Running, 1, first.payload));
    assert_eq!(
        (job.actor, job.workspace_id, job.lease_until),
        (first.actor, Some(workspace), Some(now.plus(LEASE)))
    );
    assert!(settle(&stores, job, &Settlement::Succeeded).await);
    assert!(!settle(&stores, job, &Settlement::Succeeded).await, "a settled job is no longer held");
    assert_eq!((count(&stores, JobState::Succeeded).await, count(&stores, JobState::Queued).await), (1, 1));
}

pub fn for_tenant(stores: &Stores, mine: &Tenant) -> NewJob {
    NewJob::new(&stores.env, &mine.ctx, "test.job", json!({}))
}

pub async fn enqueue_for(stores: &Stores, mine: &Tenant, job: NewJob) -> bool {
    let enqueued: Result<bool, StoreError> =
        stores.campaign.run(&mine.scope, async |tx| tx.jobs().enqueue(job).await).await;
    enqueued.unwrap()
}

pub async fn the_important_goes_first_and_nothing_waits_for_ever(stores: Stores) {
    let mine = stores.tenant();
    let of = |priority| for_tenant(&stores, &mine).with_priority(priority);
    let (low, normal, high) = (of(Priority::Low), of(Priority::Normal), of(Priority::High));
    let ids = [low.id, normal.id, high.id];
    for job in [low, normal, high] {
        assert!(enqueue_for(&stores, &mine, job).await);
    }
    stores.clock.advance(Duration::from_secs(700));
    let late = of(Priority::High);
    let late_id = late.id;
    assert!(enqueue_for(&stores, &mine, late).await);
    let mut order = Vec::new();
    while let Some(job) = claim(&stores, "w").await {
        order.push(job.id);
    }
    assert_eq!(order, [ids[2], ids[1], ids[0], late_id]);
}

/// How many others are claimed before a new job of this tenant.
async fn before_a_job_of(stores: &Stores, tenant: &Tenant) -> usize {
    let mine = for_tenant(stores, tenant);
    let id = mine.id;
    assert!(enqueue_for(stores, tenant, mine).await);
    let mut before = 0;
    while claim(stores, "w").await.unwrap().id != id {
        before += 1;
    }
    before
}

pub async fn a_workspace_that_wants_much_does_not_keep_others_waiting(stores: Stores) {
    let (many, one) = (stores.tenant(), stores.tenant());
    for _ in 0..20 {
        assert!(enqueue_for(&stores, &many, for_tenant(&stores, &many)).await);
    }
    stores.clock.advance(Duration::from_secs(3));
    assert_eq!(
        before_a_job_of(&stores, &one).await,
        4,
        "turns of a second each since three seconds ago, and the tie"
    );
}

pub async fn a_worker_gets_the_kinds_that_it_asks_for(stores: Stores) {
    let mine = stores.tenant();
    let other = NewJob::new(&stores.env, &mine.ctx, "test.other", json!({}));
    let other_id = other.id;
    for job in [for_tenant(&stores, &mine), other] {
        assert!(enqueue_for(&stores, &mine, job).await);
    }
    let ask = async |kinds: &[&'static str]| claim_of(&stores, kinds).await;
    assert_eq!(ask(&[]).await, None);
    assert_eq!(ask(&["test.unknown"]).await, None);
    assert_eq!(ask(&["test.unknown", "test.other"]).await.unwrap().id, other_id);
    assert_eq!(ask(&["test.other"]).await, None);
    assert!(ask(&["test.job"]).await.is_some());
}

pub async fn a_dedup_key_holds_while_its_job_is_alive(stores: Stores) {
    let (mine, theirs) = (stores.tenant(), stores.tenant());
    let keyed = |tenant| for_tenant(&stores, tenant).deduplicated("only one".into());
    assert!(enqueue_for(&stores, &mine, keyed(&mine)).await);
    assert!(!enqueue_for(&stores, &mine, keyed(&mine)).await);
    assert!(enqueue_for(&stores, &theirs, keyed(&theirs)).await, "another tenant's key is another key");
    assert!(enqueue_for(&stores, &mine, for_tenant(&stores, &mine)).await, "no key, no limit");
    for _ in 0..3 {
        let job = claim(&stores, "w").await.unwrap();
        assert!(settle(&stores, &job, &Settlement::Succeeded).await);
    }
    assert!(enqueue_for(&stores, &mine, keyed(&mine)).await);
}

pub async fn an_expired_lease_is_taken_over_and_the_old_worker_is_shut_out(stores: Stores) {
    let mine = stores.tenant();
    enqueue_for(&stores, &mine, for_tenant(&stores, &mine)).await;
    let lost = claim(&stores, "dies").await.unwrap();
    assert_eq!(claim(&stores, "other").await, None);
    let until = stores.env.now().plus(LEASE * 2);
    assert!(stores.jobs.renew(&SystemScope::for_worker(), &lost, until).await.unwrap());
    stores.clock.advance(LEASE);
    assert_eq!(claim(&stores, "other").await, None, "a renewed lease holds");
    stores.clock.advance(LEASE);
    let taken = claim(&stores, "other").await.unwrap();
    assert_eq!((taken.id, taken.attempts, taken.worker.as_deref()), (lost.id, 2, Some("other")));
    assert!(!stores.jobs.renew(&SystemScope::for_worker(), &lost, until).await.unwrap());
    assert!(!settle(&stores, &lost, &Settlement::Succeeded).await);
    assert!(settle(&stores, &taken, &Settlement::Succeeded).await);
}

pub async fn a_job_whose_lease_ran_out_is_its_worker_s_until_another_one_claims_it(stores: Stores) {
    let mine = stores.tenant();
    enqueue_for(&stores, &mine, for_tenant(&stores, &mine)).await;
    let held = claim(&stores, "slow").await.unwrap();
    stores.clock.advance(LEASE);
    assert_eq!(claim_of(&stores, &["test.other"]).await, None);
    let until = stores.env.now().plus(LEASE);
    assert!(stores.jobs.renew(&SystemScope::for_worker(), &held, until).await.unwrap());
    assert!(settle(&stores, &held, &Settlement::Succeeded).await);
}

/// The worker that gets it then buries it, as only its handler knows what waits for it.
pub async fn a_job_whose_last_worker_died_is_given_out_to_be_buried(stores: Stores) {
    let mine = stores.tenant();
    enqueue_for(&stores, &mine, NewJob { max_attempts: 1, ..for_tenant(&stores, &mine) }).await;
    assert!(!claim(&stores, "dies").await.unwrap().is_exhausted());
    stores.clock.advance(LEASE);
    let dead = claim(&stores, "other").await.unwrap();
    assert!(dead.is_exhausted() && dead.state == JobState::Running);
    let error = "the lease of the last attempt ran out".to_owned();
    assert!(settle(&stores, &dead, &Settlement::Failed { error }).await);
    assert_eq!((count(&stores, JobState::Failed).await, count(&stores, JobState::Running).await), (1, 0));
}

pub async fn a_failed_attempt_comes_back_later(stores: Stores) {
    let mine = stores.tenant();
    enqueue_for(&stores, &mine, NewJob { max_attempts: 2, ..for_tenant(&stores, &mine) }).await;
    let first = claim(&stores, "w").await.unwrap();
    let failure = JobFailure::Transient("the mail service is away".into());
    assert!(settle(&stores, &first, &first.after_failure(&failure, stores.env.now(), 0)).await);
    assert_eq!(claim(&stores, "w").await, None, "not before its time");
    stores.clock.advance(Duration::from_secs(1));
    let second = claim(&stores, "w").await.unwrap();
    assert_eq!((second.attempts, second.last_error.as_deref()), (2, Some("the mail service is away")));
    assert!(settle(&stores, &second, &second.after_failure(&failure, stores.env.now(), 0)).await);
    assert_eq!(count(&stores, JobState::Failed).await, 1);
}

pub async fn many_failed_attempts_of_one_workspace_let_others_in_between(stores: Stores) {
    let (many, one) = (stores.tenant(), stores.tenant());
    for _ in 0..20 {
        assert!(enqueue_for(&stores, &many, for_tenant(&stores, &many)).await);
    }
    let failure = JobFailure::Transient("away".into());
    while let Some(job) = claim(&stores, "w").await {
        assert!(settle(&stores, &job, &job.after_failure(&failure, stores.env.now(), 0)).await);
    }
    stores.clock.advance(Duration::from_secs(22));
    let before = before_a_job_of(&stores, &one).await;
    assert_eq!(before, 3, "turns of a second each behind the twenty that were there, and the tie");
}

pub async fn a_job_that_is_handed_back_has_lost_nothing(stores: Stores) {
    let mine = stores.tenant();
    enqueue_for(&stores, &mine, NewJob { max_attempts: 1, ..for_tenant(&stores, &mine) }).await;
    let held = claim(&stores, "ends").await.unwrap();
    stores.clock.advance(Duration::from_secs(5));
    assert!(settle(&stores, &held, &Settlement::HandedBack).await);
    assert!(!settle(&stores, &held, &Settlement::HandedBack).await, "it is no longer held");
    let taken = claim(&stores, "other").await.unwrap();
    let lease_until = Some(stores.env.now().plus(LEASE));
    assert_eq!(taken, Job { worker: Some("other".to_owned()), lease_until, ..held.clone() });
    assert!(!settle(&stores, &held, &Settlement::Succeeded).await, "another worker has it");
}

pub async fn an_attempt_ends_in_the_unit_of_what_it_did(stores: Stores) {
    let mine = stores.tenant();
    enqueue_for(&stores, &mine, for_tenant(&stores, &mine)).await;
    let held = claim(&stores, "w").await.unwrap();
    let end = async |fails: bool| {
        let ended: StoreResult<bool> = stores
            .relay
            .run(&SystemScope::for_relay(), async |tx| {
                let is_held = tx.attempts().settle(&held, &Settlement::Succeeded, stores.env.now()).await?;
                if fails { Err(StoreError::Conflict("test".to_owned())) } else { Ok(is_held) }
            })
            .await;
        ended
    };
    assert!(end(true).await.is_err());
    assert_eq!(count(&stores, JobState::Running).await, 1, "taken back with the unit");
    assert_eq!((end(false).await, end(false).await), (Ok(true), Ok(false)), "it is no longer held");
    assert_eq!(count(&stores, JobState::Succeeded).await, 1);
}

pub async fn count(stores: &Stores, state: JobState) -> i64 {
    stores.jobs.count(&SystemScope::for_worker(), state).await.unwrap()
}

pub async fn how_long_work_waits_is_seen(stores: Stores) {
    let (mine, begun) = (stores.tenant(), stores.env.now());
    let waiting = async || {
        let scope = SystemScope::for_worker();
        stores.jobs.waiting_since(&scope, stores.env.now()).await.unwrap()
    };
    assert_eq!(waiting().await, None);
    let later = NewJob { run_at: begun.plus(LEASE), ..for_tenant(&stores, &mine) };
    enqueue_for(&stores, &mine, later).await;
    assert_eq!(waiting().await, None, "its time has not come");
    enqueue_for(&stores, &mine, for_tenant(&stores, &mine)).await;
    stores.clock.advance(LEASE * 2);
    assert_eq!(waiting().await, Some(begun));
    claim(&stores, "w").await.unwrap();
    assert_eq!(waiting().await, Some(begun.plus(LEASE)));
    claim(&stores, "w").await.unwrap();
    assert_eq!(waiting().await, None);
}

pub async fn workers_say_that_they_are_there_until_they_leave(stores: Stores) {
    let (scope, begun) = (SystemScope::for_worker(), stores.env.now());
    let note = |name: &str, running| WorkerNote {
        name: name.to_owned(),
        started_at: begun,
        seen_at: stores.env.now(),
        running,
    };
    let since = async |since| stores.workers.list_workers(&scope, since).await.unwrap();
    stores.workers.announce(&scope, &note("b", 0)).await.unwrap();
    stores.clock.advance(WorkerNote::BEAT);
    stores.workers.announce(&scope, &note("a", 4)).await.unwrap();
    stores.workers.announce(&scope, &note("a", 3)).await.unwrap();
    assert_eq!(since(begun).await.iter().map(|w| w.name.as_str()).collect::<Vec<_>>(), ["a", "b"]);
    assert_eq!(since(stores.env.now()).await, [note("a", 3)]);
    stores.workers.leave(&scope, "a").await.unwrap();
    assert!(since(stores.env.now()).await.is_empty());
    stores.clock.advance(WorkerNote::REMEMBERED);
    stores.workers.announce(&scope, &note("c", 0)).await.unwrap();
    assert_eq!(since(begun).await, [note("c", 0)], "who was silent for a day is forgotten");
}
