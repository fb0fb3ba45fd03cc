//! What comes again and again.

use crate::{Stores, Tenant};
use futures_util::future::join_all;
use kernel::{
    Kinds, Misfire, Priority, Schedule, StoreError, StoreResult, SystemScope, TimeZone, Timing, WorkspaceId,
};
use std::time::Duration;

#[macro_export]
macro_rules! schedule_cases {
    ($fresh:path) => {
        $crate::cases!(schedules, $fresh;
            a_schedule_comes_back_as_it_went_in,
            the_same_again_leaves_its_next_run_and_an_edit_does_not,
            each_tenant_has_its_own_and_the_platform_too,
            what_is_due_is_given_the_longest_due_first_and_moved_on,
            of_fifty_planners_one_fires,
        );
    };
}

const RELAY: SystemScope = SystemScope::for_relay();

pub fn hourly(stores: &Stores, name: &str) -> Schedule {
    let timing = Timing::every(Duration::from_secs(3_600)).unwrap();
    Schedule::new(&stores.env, name, "test.job", timing, Misfire::Coalesce)
}

pub async fn put(stores: &Stores, tenant: &Tenant, schedule: &Schedule) {
    let stored: StoreResult<()> =
        stores.campaign.run(&tenant.scope, async |tx| tx.schedules().put(schedule).await).await;
    stored.unwrap();
}

async fn list(stores: &Stores, tenant: &Tenant) -> Vec<Schedule> {
    let listed: StoreResult<Vec<Schedule>> =
        stores.campaign.run(&tenant.scope, async |tx| tx.schedules().list().await).await;
    listed.unwrap()
}

fn owned(schedule: &Schedule, workspace: WorkspaceId) -> Schedule {
    Schedule { workspace_id: Some(workspace), ..schedule.clone() }
}

pub async fn a_schedule_comes_back_as_it_went_in(stores: Stores) {
    let mine = stores.tenant();
    let zone = TimeZone::parse("Europe/London").unwrap();
    let daily = Schedule {
        payload: serde_json::json!({"a": [1, null, "x"]}),
        timing: Timing::cron("0 6 * * MON-FRI", zone).unwrap(),
        misfire: Misfire::CatchUp,
        priority: Priority::High,
        ..hourly(&stores, "daily")
    };
    put(&stores, &mine, &daily).await;
    assert_eq!(list(&stores, &mine).await, [owned(&daily, mine.scope.workspace())]);
}

pub async fn the_same_again_leaves_its_next_run_and_an_edit_does_not(stores: Stores) {
    let mine = stores.tenant();
    let first = hourly(&stores, "one");
    put(&stores, &mine, &first).await;
    stores.clock.advance(Duration::from_secs(600));
    put(&stores, &mine, &hourly(&stores, "one")).await;
    assert_eq!(list(&stores, &mine).await, [owned(&first, mine.scope.workspace())]);
    let edited = Schedule { misfire: Misfire::Skip, ..hourly(&stores, "one") };
    put(&stores, &mine, &edited).await;
    let stored = list(&stores, &mine).await.remove(0);
    assert_eq!((stored.id, stored.next_run, stored.misfire), (first.id, edited.next_run, Misfire::Skip));
}

pub async fn each_tenant_has_its_own_and_the_platform_too(stores: Stores) {
    let (mine, theirs) = (stores.tenant(), stores.tenant());
    for tenant in [&mine, &theirs] {
        put(&stores, tenant, &hourly(&stores, "one")).await;
    }
    put(&stores, &mine, &hourly(&stores, "another")).await;
    let platform: StoreResult<Vec<Schedule>> = stores
        .relay
        .run(&RELAY, async |tx| {
            tx.schedules().put(&hourly(&stores, "one")).await?;
            assert_eq!(tx.schedules().remove_all().await?, 0, "a unit without a workspace removes none");
            tx.schedules().list().await
        })
        .await;
    assert_eq!(platform.unwrap().len(), 1);
    let names: Vec<String> = list(&stores, &mine).await.into_iter().map(|s| s.name).collect();
    assert_eq!(names, ["another", "one"]);
    let removed: StoreResult<usize> =
        stores.campaign.run(&mine.scope, async |tx| tx.schedules().remove_all().await).await;
    assert_eq!(removed, Ok(2));
    assert_eq!((list(&stores, &mine).await.len(), list(&stores, &theirs).await.len()), (0, 1));
}

/// Names of what is due, moved on by an hour.
pub async fn due(stores: &Stores, kinds: Kinds<'_>, most: i64) -> Vec<String> {
    let now = stores.env.now();
    let fired: StoreResult<Vec<String>> = stores
        .relay
        .run(&RELAY, async |tx| {
            let due = tx.schedule_queue().due(kinds, now, most).await?;
            for schedule in &due {
                tx.schedule_queue().advance(schedule.id, schedule.due(now).next_run).await?;
            }
            Ok::<_, StoreError>(due.into_iter().map(|schedule| schedule.name).collect())
        })
        .await;
    fired.unwrap()
}

pub async fn what_is_due_is_given_the_longest_due_first_and_moved_on(stores: Stores) {
    let (mine, theirs) = (stores.tenant(), stores.tenant());
    put(&stores, &mine, &hourly(&stores, "first")).await;
    stores.clock.advance(Duration::from_secs(1));
    put(&stores, &theirs, &hourly(&stores, "second")).await;
    put(&stores, &theirs, &Schedule { kind: "test.other".into(), ..hourly(&stores, "other") }).await;
    assert!(due(&stores, Kinds::All, 10).await.is_empty());
    stores.clock.advance(Duration::from_secs(3_600));
    assert_eq!(due(&stores, Kinds::Only(&["test.job"]), 1).await, ["first"]);
    assert_eq!(due(&stores, Kinds::Only(&["test.job"]), 10).await, ["second"]);
    assert!(due(&stores, Kinds::Only(&[]), 10).await.is_empty());
    assert_eq!(due(&stores, Kinds::All, 10).await, ["other"]);
    assert!(due(&stores, Kinds::All, 10).await.is_empty());
}

pub async fn of_fifty_planners_one_fires(stores: Stores) {
    let mine = stores.tenant();
    put(&stores, &mine, &hourly(&stores, "one")).await;
    stores.clock.advance(Duration::from_secs(3_600));
    let fired = join_all((0..50).map(|_| due(&stores, Kinds::All, 10))).await;
    assert_eq!(fired.concat(), ["one"]);
}
