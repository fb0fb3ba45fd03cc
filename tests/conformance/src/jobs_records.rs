//! A workspace's own jobs, to look after.

use crate::{
    Stores, Tenant,
    jobs::{claim, enqueue_for, for_tenant, settle},
};
use kernel::{
    Job, JobFilter, JobId, JobState, Limit, NewJob, PageRequest, Priority, Settlement, StoreError,
    StoreResult, SystemScope, Timestamp,
};
use std::time::Duration;

#[macro_export]
macro_rules! job_record_cases {
    ($fresh:path) => {
        $crate::cases!(jobs_records, $fresh;
            jobs_are_listed_the_newest_first_and_by_state_and_kind,
            a_job_that_was_changed_comes_back_so,
            another_tenants_job_is_like_an_unknown_one,
            a_twin_is_seen_and_no_second_one_comes_alive,
            dead_letters_come_the_oldest_first,
            the_system_sees_everybodys_dead_letters_and_changes_nobodys,
            a_job_that_was_called_off_is_held_by_nobody,
            the_last_turn_is_of_what_else_waits_now_beside_the_job,
        );
    };
}

async fn enqueue(stores: &Stores, tenant: &Tenant, job: NewJob) -> JobId {
    let id = job.id;
    stores.clock.advance(Duration::from_millis(2));
    assert!(enqueue_for(stores, tenant, job).await);
    id
}

async fn find(stores: &Stores, tenant: &Tenant, id: JobId) -> Option<Job> {
    let read = stores.job_reader.find(&tenant.scope, id).await.unwrap();
    let held: StoreResult<Option<Job>> =
        stores.workspace.run(&tenant.scope, async |tx| tx.job_records().find(id).await).await;
    assert_eq!(held.unwrap(), read, "reader and repository agree");
    read
}

async fn save(stores: &Stores, tenant: &Tenant, job: &Job) -> StoreResult<()> {
    stores.workspace.run(&tenant.scope, async |tx| tx.job_records().save(job).await).await
}

async fn twin(stores: &Stores, tenant: &Tenant, job: &Job) -> bool {
    let seen: StoreResult<bool> =
        stores.workspace.run(&tenant.scope, async |tx| tx.job_records().has_twin(job).await).await;
    seen.unwrap()
}

pub async fn jobs_are_listed_the_newest_first_and_by_state_and_kind(stores: Stores) {
    let (mine, theirs) = (stores.tenant(), stores.tenant());
    let mut ids = Vec::new();
    for kind in ["test.a", "test.b", "test.a"] {
        ids.push(enqueue(&stores, &mine, NewJob { kind, ..for_tenant(&stores, &mine) }).await);
    }
    enqueue(&stores, &theirs, for_tenant(&stores, &theirs)).await;
    let first = claim(&stores, "w").await.unwrap();
    assert!(settle(&stores, &first, &Settlement::Succeeded).await);
    let list = async |filter: JobFilter, after| {
        let request = PageRequest { limit: Limit::new(2).unwrap(), after };
        let page = stores.job_reader.page(&mine.scope, &filter, &request).await.unwrap();
        (page.items.iter().map(|job| job.id).collect::<Vec<_>>(), page.next)
    };
    let (newest, next) = list(JobFilter::default(), None).await;
    assert_eq!(newest, [ids[2], ids[1]]);
    assert_eq!(list(JobFilter::default(), next).await, (vec![ids[0]], None));
    let of_kind = JobFilter { kind: Some("test.a".to_owned()), ..JobFilter::default() };
    assert_eq!(list(of_kind.clone(), None).await.0, [ids[2], ids[0]]);
    let waiting = JobFilter { state: Some(JobState::Queued), ..of_kind };
    assert_eq!(list(waiting, None).await.0, [ids[2]]);
}

pub async fn a_job_that_was_changed_comes_back_so(stores: Stores) {
    let mine = stores.tenant();
    let id = enqueue(&stores, &mine, for_tenant(&stores, &mine)).await;
    let cancelled = find(&stores, &mine, id).await.unwrap().cancelled(stores.env.now()).unwrap();
    save(&stores, &mine, &cancelled).await.unwrap();
    assert_eq!(find(&stores, &mine, id).await.as_ref(), Some(&cancelled));
    assert_eq!(claim(&stores, "w").await, None);
    let retried = cancelled.retried(stores.env.now(), None).unwrap();
    save(&stores, &mine, &retried).await.unwrap();
    assert_eq!(find(&stores, &mine, id).await, Some(retried));
    assert_eq!(claim(&stores, "w").await.unwrap().id, id);
}

pub async fn another_tenants_job_is_like_an_unknown_one(stores: Stores) {
    let (mine, theirs) = (stores.tenant(), stores.tenant());
    let id = enqueue(&stores, &theirs, for_tenant(&stores, &theirs)).await;
    assert_eq!(find(&stores, &mine, id).await, None);
    let job = find(&stores, &theirs, id).await.unwrap();
    save(&stores, &mine, &job.cancelled(stores.env.now()).unwrap()).await.unwrap();
    assert_eq!(find(&stores, &theirs, id).await, Some(job), "nothing was changed");
}

pub async fn a_twin_is_seen_and_no_second_one_comes_alive(stores: Stores) {
    let (mine, theirs) = (stores.tenant(), stores.tenant());
    let keyed = |tenant: &Tenant| for_tenant(&stores, tenant).deduplicated("one".to_owned());
    let id = enqueue(&stores, &mine, keyed(&mine)).await;
    let job = find(&stores, &mine, id).await.unwrap();
    assert!(!twin(&stores, &mine, &job).await, "it is no twin of its own");
    let cancelled = job.cancelled(stores.env.now()).unwrap();
    save(&stores, &mine, &cancelled).await.unwrap();
    enqueue(&stores, &theirs, keyed(&theirs)).await;
    assert!(!twin(&stores, &mine, &cancelled).await, "another tenant's is none");
    enqueue(&stores, &mine, keyed(&mine)).await;
    assert!(twin(&stores, &mine, &cancelled).await);
    let revived = save(&stores, &mine, &cancelled.retried(stores.env.now(), None).unwrap()).await;
    assert!(matches!(revived, Err(StoreError::Conflict(_))), "{revived:?}");
    assert_eq!(find(&stores, &mine, id).await, Some(cancelled));
}

pub async fn dead_letters_come_the_oldest_first(stores: Stores) {
    let (mine, theirs) = (stores.tenant(), stores.tenant());
    let mut ids = Vec::new();
    for kind in ["test.a", "test.b", "test.a"] {
        ids.push(enqueue(&stores, &mine, NewJob { kind, ..for_tenant(&stores, &mine) }).await);
    }
    enqueue(&stores, &theirs, for_tenant(&stores, &theirs)).await;
    while let Some(job) = claim(&stores, "w").await {
        assert!(settle(&stores, &job, &Settlement::Failed { error: "no".to_owned() }).await);
    }
    enqueue(&stores, &mine, for_tenant(&stores, &mine)).await;
    let dead = async |kind: Option<&str>, after, most| {
        let dead = stores.job_reader.dead_letters(&mine.scope, kind, after, most).await.unwrap();
        dead.iter().map(|job| job.id).collect::<Vec<_>>()
    };
    assert_eq!(dead(None, None, 10).await, ids);
    assert_eq!(dead(None, None, 2).await, ids[..2]);
    assert_eq!(dead(None, Some(ids[0]), 10).await, ids[1..]);
    assert_eq!(dead(Some("test.a"), None, 10).await, [ids[0], ids[2]]);
    assert_eq!(dead(Some("test.a"), Some(ids[0]), 10).await, ids[2..]);
}

pub async fn the_system_sees_everybodys_dead_letters_and_changes_nobodys(stores: Stores) {
    let (mine, relay) = (stores.tenant(), SystemScope::for_relay());
    let of_mine = enqueue(&stores, &mine, for_tenant(&stores, &mine)).await;
    let job = NewJob { workspace_id: None, ..for_tenant(&stores, &mine) }.deduplicated("key".to_owned());
    let of_nobody = job.id;
    let put: StoreResult<bool> =
        stores.relay.run(&relay, async |tx| tx.jobs().enqueue(job.clone()).await).await;
    assert_eq!(put, Ok(true));
    while let Some(job) = claim(&stores, "w").await {
        assert!(settle(&stores, &job, &Settlement::Failed { error: "no".to_owned() }).await);
    }
    let dead = async |after| {
        let dead = stores.jobs.dead_letters(&relay, None, after, 10).await.unwrap();
        dead.iter().map(|job| (job.id, job.workspace_id)).collect::<Vec<_>>()
    };
    assert_eq!(dead(None).await, [(of_mine, Some(mine.scope.workspace())), (of_nobody, None)]);
    assert_eq!(dead(Some(of_mine)).await, [(of_nobody, None)]);
    let revived: StoreResult<(Option<Job>, bool)> = stores
        .relay
        .run(&relay, async |tx| {
            let nobodys =
                tx.job_records().find(of_nobody).await?.unwrap().retried(stores.env.now(), None).unwrap();
            let has_twin = tx.job_records().has_twin(&nobodys).await?;
            tx.job_records().save(&nobodys).await?;
            Ok((tx.job_records().find(of_mine).await?, has_twin))
        })
        .await;
    assert_eq!(revived, Ok((None, false)), "a tenant's own is that tenant's unit's");
    assert_eq!(dead(None).await, [(of_mine, Some(mine.scope.workspace()))]);
    let twin = NewJob { workspace_id: None, ..for_tenant(&stores, &mine) }.deduplicated("key".to_owned());
    let twin = twin.queued(stores.env.now());
    let has_twin: StoreResult<bool> =
        stores.relay.run(&relay, async |tx| tx.job_records().has_twin(&twin).await).await;
    assert_eq!(has_twin, Ok(true));
}

pub async fn a_job_that_was_called_off_is_held_by_nobody(stores: Stores) {
    let mine = stores.tenant();
    enqueue(&stores, &mine, for_tenant(&stores, &mine)).await;
    let running = claim(&stores, "w").await.unwrap();
    save(&stores, &mine, &running.cancelled(stores.env.now()).unwrap()).await.unwrap();
    let until = stores.env.now().plus(Duration::from_secs(60));
    let scope = kernel::SystemScope::for_worker();
    assert_eq!(stores.jobs.renew(&scope, &running, until).await, Ok(false), "so its worker stops");
    assert!(!settle(&stores, &running, &Settlement::Succeeded).await);
}

pub async fn the_last_turn_is_of_what_else_waits_now_beside_the_job(stores: Stores) {
    let (mine, theirs) = (stores.tenant(), stores.tenant());
    let now = stores.env.now();
    let last_turn = async |job: &Job| {
        let last: StoreResult<Option<Timestamp>> =
            stores.workspace.run(&mine.scope, async |tx| tx.job_records().last_turn(job, now).await).await;
        last.unwrap()
    };
    let first = for_tenant(&stores, &mine);
    let first_id = first.id;
    assert!(enqueue_for(&stores, &mine, first).await);
    let first = find(&stores, &mine, first_id).await.unwrap();
    assert_eq!(last_turn(&first).await, None, "it is not behind itself");
    let second = for_tenant(&stores, &mine);
    let second_id = second.id;
    let later = NewJob { run_at: now.plus(Duration::from_secs(60)), ..for_tenant(&stores, &mine) };
    let important = for_tenant(&stores, &mine).with_priority(Priority::High);
    for job in [second, later, important] {
        assert!(enqueue_for(&stores, &mine, job).await);
    }
    for _ in 0..5 {
        assert!(enqueue_for(&stores, &theirs, for_tenant(&stores, &theirs)).await);
    }
    let second = find(&stores, &mine, second_id).await.unwrap();
    assert_eq!(last_turn(&first).await, Some(second.turn));
    assert_eq!(last_turn(&second).await, Some(first.turn));
}
