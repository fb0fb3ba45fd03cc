//! What only PostgreSQL has to keep about the outbox: several relays at the same time.

#![expect(clippy::unwrap_used, reason = "a test says what it expects")]

#[cfg(test)]
#[expect(dead_code, reason = "each test binary uses a part of it")]
mod support;

use conformance::{Stores, Tenant, block_on};
use kernel::{NewEvent, RelayTx, StoreResult, SystemScope};
use serde_json::json;

const SCOPE: SystemScope = SystemScope::for_relay();

/// Takes a batch of two and marks it; answers the numbers.
async fn hand_on(stores: &Stores, tx: &mut dyn RelayTx) -> StoreResult<Vec<i64>> {
    let events = tx.relay().unpublished(2).await?;
    let ids: Vec<_> = events.iter().map(|event| event.id).collect();
    tx.relay().mark_published(&ids, stores.env.now()).await?;
    Ok(events.iter().map(|event| event.number).collect())
}

async fn relayed(stores: &Stores) -> StoreResult<Vec<i64>> {
    stores.relay.run(&SCOPE, async |tx| hand_on(stores, tx).await).await
}

async fn tell(stores: &Stores, mine: &Tenant) {
    let subject = ("thing", stores.env.ids.uuid());
    let fact = NewEvent::new(&stores.env, &mine.ctx, "thing.happened", subject, json!({}));
    let told: StoreResult<()> =
        stores.campaign.run(&mine.scope, async |tx| tx.events().append(fact).await).await;
    told.unwrap();
}

#[test]
fn a_second_relay_gets_nothing_while_the_first_is_at_work() {
    block_on(async {
        let stores = Stores::of(support::fresh().await);
        let mine = stores.tenant();
        for _ in 0..3 {
            tell(&stores, &mine).await;
        }
        let first: StoreResult<_> = stores
            .relay
            .run(&SCOPE, async |tx| {
                let mut batches = (relayed(&stores).await?, hand_on(&stores, tx).await?, Vec::new());
                batches.2 = relayed(&stores).await?;
                Ok(batches)
            })
            .await;
        assert_eq!(first.unwrap(), (vec![1, 2], vec![3], vec![]));

        for _ in 0..3 {
            tell(&stores, &mine).await;
        }
        let (first, second): (Vec<i64>, Vec<i64>) = stores
            .relay
            .run(&SCOPE, async |tx| {
                let first = hand_on(&stores, tx).await?;
                Ok::<_, kernel::StoreError>((first, relayed(&stores).await?))
            })
            .await
            .unwrap();
        assert_eq!((first, second), (vec![4, 5], vec![]), "the sixth would overtake");
        assert_eq!(relayed(&stores).await, Ok(vec![6]));
    });
}
