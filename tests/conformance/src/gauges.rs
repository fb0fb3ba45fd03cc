//! What an operator sees of a store, and the trace that facts and jobs carry.

use crate::{
    Stores,
    jobs::{claim, enqueue_for, for_tenant, settle},
};
use kernel::{
    CallContext, Clock, NewEvent, NewJob, QueueDepth, Settlement, StoreResult, SystemClock, SystemScope,
    Timestamp,
};
use serde_json::json;
use std::time::Duration;

#[macro_export]
macro_rules! gauge_cases {
    ($fresh:path) => {
        $crate::cases!(gauges, $fresh;
            the_oldest_fact_that_waits_is_seen_until_it_is_handed_on,
            jobs_are_counted_by_what_they_wait_for,
            facts_and_jobs_keep_the_trace_of_their_call,
            pools_and_failures_have_a_name_each,
            a_store_that_is_elsewhere_tells_what_time_it_is_there,
        );
    };
}

const RELAY: SystemScope = SystemScope::for_relay();
const TRACE: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

async fn tell(stores: &Stores, ctx: &CallContext, at: Timestamp) {
    let mine = stores.tenant();
    let fact = NewEvent::new(&stores.env, ctx, "thing.happened", ("thing", stores.env.ids.uuid()), json!({}));
    let fact = NewEvent { occurred_at: at, ..fact };
    let told: StoreResult<()> =
        stores.campaign.run(&mine.scope, async |tx| tx.events().append(fact).await).await;
    told.unwrap();
}

async fn hand_on(stores: &Stores, most: u32) {
    let waiting = stores.outbox.unpublished(&RELAY, most).await.unwrap();
    let ids: Vec<_> = waiting.iter().map(|event| event.id).collect();
    stores.outbox.mark_published(&RELAY, &ids, stores.env.now()).await.unwrap();
}

pub async fn the_oldest_fact_that_waits_is_seen_until_it_is_handed_on(stores: Stores) {
    let since = async || stores.gauges.unpublished_since(&RELAY).await.unwrap();
    assert_eq!(since().await, None);
    let (now, ctx) = (stores.env.now(), stores.tenant().ctx);
    let earlier = now.minus(Duration::from_secs(90));
    for at in [now, earlier] {
        tell(&stores, &ctx, at).await;
    }
    assert_eq!(since().await, Some(earlier));
    hand_on(&stores, 2).await;
    assert_eq!(since().await, None);
    tell(&stores, &ctx, now).await;
    assert_eq!(since().await, Some(now), "what was handed on does not count any more");
}

pub async fn jobs_are_counted_by_what_they_wait_for(stores: Stores) {
    let depth = async || stores.gauges.queue_depth(&RELAY).await.unwrap();
    assert_eq!(depth().await, QueueDepth::default());
    let mine = stores.tenant();
    for _ in 0..5 {
        assert!(enqueue_for(&stores, &mine, for_tenant(&stores, &mine)).await);
    }
    let dead = claim(&stores, "w").await.unwrap();
    assert!(settle(&stores, &dead, &Settlement::Failed { error: "no".to_owned() }).await);
    let done = claim(&stores, "w").await.unwrap();
    assert!(settle(&stores, &done, &Settlement::Succeeded).await);
    claim(&stores, "w").await.unwrap();
    assert_eq!(depth().await, QueueDepth { queued: 2, running: 1, failed: 1 });
}

pub async fn facts_and_jobs_keep_the_trace_of_their_call(stores: Stores) {
    let mine = stores.tenant();
    let traced = CallContext { traceparent: Some(TRACE.to_owned()), ..mine.ctx.clone() };
    let scope = &mine.scope;
    for ctx in [&traced, &mine.ctx] {
        let fact =
            NewEvent::new(&stores.env, ctx, "thing.happened", ("thing", stores.env.ids.uuid()), json!({}));
        let job = NewJob::new(&stores.env, ctx, "test.job", json!({}));
        let written: StoreResult<()> = stores
            .campaign
            .run(scope, async |tx| {
                tx.events().append(fact).await?;
                tx.jobs().enqueue(job).await.map(drop)
            })
            .await;
        written.unwrap();
    }
    let trace = |trace: &str| Some(trace.to_owned());
    let facts = stores.events.list_after(scope, 0, 10).await.unwrap();
    let kept: Vec<_> = facts.iter().map(|fact| fact.traceparent.clone()).collect();
    assert_eq!(kept, [trace(TRACE), None]);
    let mut jobs = [claim(&stores, "w").await.unwrap(), claim(&stores, "w").await.unwrap()];
    jobs.sort_by_key(|job| job.traceparent.is_none());
    assert_eq!([&jobs[0].traceparent, &jobs[1].traceparent], [&trace(TRACE), &None]);
    assert_eq!(jobs[0].context().traceparent, trace(TRACE));
}

pub async fn pools_and_failures_have_a_name_each(stores: Stores) {
    stores.gauges.unpublished_since(&RELAY).await.unwrap();
    for pool in stores.gauges.pools() {
        assert!(pool.open <= pool.most && pool.idle <= pool.open && pool.waiting == 0, "{pool:?}");
    }
    let mut names: Vec<_> = stores.gauges.pools().iter().map(|pool| pool.name).collect();
    let failures: Vec<_> = stores.gauges.failures().iter().map(|(reason, _)| *reason).collect();
    let all = names.len();
    names.dedup();
    assert!(all == names.len() && (all == 0) == failures.is_empty(), "{names:?} {failures:?}");
}

pub async fn a_store_that_is_elsewhere_tells_what_time_it_is_there(stores: Stores) {
    let before = SystemClock.now();
    let times = [stores.workers.time(&RELAY).await.unwrap(), stores.workers.time(&RELAY).await.unwrap()];
    // Servers of tests are on the machine that the tests are on.
    let during = before..=SystemClock.now();
    let is_elsewhere = stores.gauges.pools().iter().any(|pool| pool.name == "system");
    assert!(times.iter().all(|time| time.is_some() == is_elsewhere), "{times:?}");
    assert!(
        times.is_sorted() && times.iter().flatten().all(|time| during.contains(time)),
        "{times:?} {during:?}"
    );
}
