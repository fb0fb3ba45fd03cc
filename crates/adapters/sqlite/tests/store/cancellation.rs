//! Clients that go away at every possible point, on the kind of runtime that actix's workers are.

use crate::support;
use conformance::{Stores, cut};
use diesel_async::{AsyncConnection, SimpleAsyncConnection, sync_connection_wrapper::SyncConnectionWrapper};
use futures_util::FutureExt;
use kernel::{Limit, PageRequest, StoreError};
use std::panic::AssertUnwindSafe;

const CUTS: u32 = 2_000;

fn current_thread() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap()
}

#[test]
fn reads_and_units_that_are_cut_off_leave_nothing_behind() {
    current_thread().block_on(async {
        let stores = Stores::of(support::fresh().await);
        let mine = stores.tenant();
        for index in 0..CUTS {
            let campaign = conformance::campaigns::draft(&stores, &mine, &format!("c{index}"));
            let event = kernel::NewEvent::new(
                &stores.env,
                &mine.ctx,
                "campaign.created",
                ("campaign", campaign.id.uuid()),
                serde_json::Value::Null,
            );
            let unit = stores.campaign.run::<_, StoreError, _>(&mine.scope, async |tx| {
                tx.campaigns().insert(&campaign).await?;
                tx.campaigns().find(campaign.id).await?;
                tx.events().append(event).await
            });
            cut(unit, index % 14).await;
            cut(stores.campaigns.find(&mine.scope, campaign.id), index % 5).await;
        }
        let events = stores.events.list_after(&mine.scope, 0, CUTS).await.unwrap();
        let numbers: Vec<i64> = events.iter().map(|event| event.number).collect();
        assert_eq!(numbers, (1..=i64::try_from(events.len()).unwrap()).collect::<Vec<_>>());
        assert_eq!(all_campaigns(&stores, &mine).await, events.len(), "a campaign and its event go together");
        let last = conformance::campaigns::draft(&stores, &mine, "last");
        conformance::campaigns::store(&stores, &mine, &last, &[]).await;
    });
}

async fn all_campaigns(stores: &Stores, mine: &conformance::Tenant) -> usize {
    let mut request = PageRequest { limit: Limit::new(100).unwrap(), after: None };
    let mut count = 0;
    loop {
        let page = stores.campaigns.page(&mine.scope, &request).await.unwrap();
        count += page.items.len();
        let Some(next) = page.next else { return count };
        request.after = Some(next);
    }
}

/// What our own choice of the blocking runtime is for.
#[test]
fn without_it_a_dropped_call_panics_on_a_current_thread_runtime() {
    let slow = "with recursive n(x) as (select 1 union all select x + 1 from n where x < 3000000) select count(*) from n";
    let dropped = std::panic::catch_unwind(AssertUnwindSafe(|| {
        current_thread().block_on(async {
            let mut conn =
                SyncConnectionWrapper::<diesel::SqliteConnection>::establish(":memory:").await.unwrap();
            let mut call = Box::pin(conn.batch_execute(slow));
            assert!((&mut call).now_or_never().is_none());
            drop(call);
        });
    }));
    assert!(dropped.is_err());
}
