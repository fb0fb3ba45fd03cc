//! The outbox as the relay reads it, and how far consumers have come.

use crate::{Stores, Tenant, core::fact};
use futures_util::future::join_all;
use kernel::{Event, EventId, NewEvent, Place, RelayTx, StoreError, StoreResult, StreamId, SystemScope};
use std::time::Duration;

#[macro_export]
macro_rules! bus_cases {
    ($fresh:path) => {
        $crate::cases!(bus, $fresh;
            what_is_unpublished_comes_in_order_until_it_is_marked,
            a_streams_facts_come_by_number_whatever_their_clocks_said,
            a_consumer_is_behind_until_its_position_is_that_of_the_last_fact,
            streams_that_a_consumer_is_behind_in_are_gone_through_in_the_order_of_their_ids,
            the_place_of_the_next_fact_is_told,
            each_stream_has_its_own_facts_a_persons_and_the_platforms_too,
            of_fifty_units_that_move_a_position_each_fact_is_in_one,
            a_unit_that_fails_leaves_the_position,
        );
    };
}

const RELAY: SystemScope = SystemScope::for_relay();

async fn tell(stores: &Stores, mine: &Tenant, event: NewEvent) {
    let told: StoreResult<()> =
        stores.campaign.run(&mine.scope, async |tx| tx.events().append(event).await).await;
    told.unwrap();
}

/// Facts of a tenant: so many, each later than the one before.
pub async fn tell_many(stores: &Stores, mine: &Tenant, count: usize) {
    for _ in 0..count {
        tell(stores, mine, fact(stores, &mine.ctx)).await;
        stores.clock.advance(Duration::from_millis(2));
    }
}

/// Moves the consumer to this number, whatever there is.
pub async fn come_to(stores: &Stores, consumer: &str, stream: StreamId, number: i64) {
    let moved: StoreResult<()> =
        stores.relay.run(&RELAY, async |tx| tx.positions().move_to(consumer, stream, number).await).await;
    moved.unwrap();
}

async fn behind(stores: &Stores, consumer: &str, most: u32) -> Vec<StreamId> {
    let behind: StoreResult<_> =
        stores.relay.run(&RELAY, async |tx| tx.positions().behind(consumer, None, most).await).await;
    behind.unwrap()
}

fn numbers(events: &[Event]) -> Vec<i64> {
    events.iter().map(|event| event.number).collect()
}

pub async fn what_is_unpublished_comes_in_order_until_it_is_marked(stores: Stores) {
    let mine = stores.tenant();
    tell_many(&stores, &mine, 3).await;
    let waiting = async |most| stores.outbox.unpublished(&RELAY, most).await.unwrap();
    let first = waiting(2).await;
    assert_eq!((numbers(&first), waiting(2).await), (vec![1, 2], first.clone()), "asking takes nothing");
    let ids: Vec<EventId> = first.iter().map(|event| event.id).collect();
    for _ in 0..2 {
        stores.outbox.mark_published(&RELAY, &ids, stores.env.now()).await.unwrap();
        assert_eq!(numbers(&waiting(2).await), [3]);
    }
    assert_eq!(stores.events.list_after(&mine.scope, 0, 10).await.unwrap()[..2], first);
}

pub async fn a_streams_facts_come_by_number_whatever_their_clocks_said(stores: Stores) {
    let mine = stores.tenant();
    let now = stores.env.now();
    for back in [0, 5, 10] {
        let occurred_at = now.minus(Duration::from_secs(back));
        tell(&stores, &mine, NewEvent { occurred_at, ..fact(&stores, &mine.ctx) }).await;
    }
    assert_eq!(numbers(&stores.outbox.unpublished(&RELAY, 2).await.unwrap()), [1, 2]);
}

pub async fn a_consumer_is_behind_until_its_position_is_that_of_the_last_fact(stores: Stores) {
    let (mine, theirs) = (stores.tenant(), stores.tenant());
    tell_many(&stores, &mine, 2).await;
    tell_many(&stores, &theirs, 1).await;
    let streams: Vec<StreamId> = [&mine, &theirs].map(|tenant| tenant.scope.workspace().into()).to_vec();
    let all = async |consumer| {
        let mut all = behind(&stores, consumer, 10).await;
        all.sort_by_key(|stream| streams.iter().position(|known| known == stream));
        all
    };
    assert_eq!((all("a").await, behind(&stores, "a", 1).await.len()), (streams.clone(), 1));
    come_to(&stores, "a", streams[0], 1).await;
    assert_eq!(all("a").await, streams, "one more has come");
    come_to(&stores, "a", streams[0], 2).await;
    assert_eq!((all("a").await, all("b").await), (vec![streams[1]], streams.clone()), "each has its own");
    tell_many(&stores, &mine, 1).await;
    assert_eq!(all("a").await, streams);
}

pub async fn streams_that_a_consumer_is_behind_in_are_gone_through_in_the_order_of_their_ids(stores: Stores) {
    let mut streams: Vec<StreamId> = Vec::new();
    for _ in 0..3 {
        let tenant = stores.tenant();
        tell_many(&stores, &tenant, 1).await;
        streams.push(tenant.scope.workspace().into());
    }
    streams.sort();
    let after = async |after| {
        let behind: StoreResult<_> =
            stores.relay.run(&RELAY, async |tx| tx.positions().behind("a", after, 2).await).await;
        behind.unwrap()
    };
    assert_eq!(after(None).await, streams[..2]);
    assert_eq!(after(Some(streams[1])).await, streams[2..]);
    assert_eq!(after(Some(streams[2])).await, []);
}

pub async fn the_place_of_the_next_fact_is_told(stores: Stores) {
    let mine = stores.tenant();
    tell_many(&stores, &mine, 2).await;
    let facts = stores.events.list_after(&mine.scope, 0, 10).await.unwrap();
    let place = async |number| {
        let stream = mine.scope.workspace().into();
        let place: StoreResult<_> =
            stores.relay.run(&RELAY, async |tx| tx.positions().next_place(stream, number).await).await;
        place.unwrap()
    };
    let of = |event: &Event| Place { number: event.number, id: event.id, workspace_id: event.workspace_id };
    assert_eq!([place(0).await, place(1).await], [Some(of(&facts[0])), Some(of(&facts[1]))]);
    assert_eq!(place(2).await, None);
}

pub async fn each_stream_has_its_own_facts_a_persons_and_the_platforms_too(stores: Stores) {
    let mine = stores.tenant();
    tell_many(&stores, &mine, 3).await;
    let person = stores.env.id();
    let told: StoreResult<()> = stores
        .relay
        .run(&RELAY, async |tx| {
            tx.events().append(fact(&stores, &mine.ctx).about_user(person)).await?;
            tx.events().append(fact(&stores, &mine.ctx)).await?;
            tx.events().append(fact(&stores, &mine.ctx).about_user(person)).await
        })
        .await;
    told.unwrap();
    let list = async |stream, number, most| {
        let listed: StoreResult<Vec<Event>> =
            stores.relay.run(&RELAY, async |tx| tx.positions().list_after(stream, number, most).await).await;
        listed.unwrap()
    };
    let workspace = StreamId::from(mine.scope.workspace());
    assert_eq!(list(workspace, 1, 10).await, stores.events.list_after(&mine.scope, 1, 10).await.unwrap());
    assert_eq!(numbers(&list(workspace, 0, 2).await), [1, 2]);
    let persons = list(StreamId::new(person.uuid()), 0, 10).await;
    assert_eq!((numbers(&persons), persons[0].user_id), (vec![1, 2], Some(person)));
    let platforms = list(StreamId::new(uuid::Uuid::nil()), 0, 10).await;
    assert_eq!((numbers(&platforms), platforms[0].user_id), (vec![1], None));
    let streams = [workspace, persons[0].stream(), platforms[0].stream()];
    let behind = behind(&stores, "a", 10).await;
    assert!(behind.len() == 3 && streams.iter().all(|stream| behind.contains(stream)), "{behind:?}");
}

/// Has the next two facts after the position, and moves it past them.
async fn have_two(tx: &mut dyn RelayTx, stream: StreamId) -> StoreResult<Vec<i64>> {
    let number = tx.positions().hold("a", stream).await?;
    let events = tx.positions().list_after(stream, number, 2).await?;
    if let Some(last) = events.last() {
        tx.positions().move_to("a", stream, last.number).await?;
    }
    Ok(numbers(&events))
}

pub async fn of_fifty_units_that_move_a_position_each_fact_is_in_one(stores: Stores) {
    let mine = stores.tenant();
    tell_many(&stores, &mine, 7).await;
    let stream = mine.scope.workspace().into();
    let units = (0..50).map(|_| stores.relay.run(&RELAY, async |tx| have_two(tx, stream).await));
    let had: Result<Vec<Vec<i64>>, StoreError> = join_all(units).await.into_iter().collect();
    let mut had = had.unwrap().concat();
    had.sort_unstable();
    assert_eq!(had, (1..=7).collect::<Vec<_>>());
}

pub async fn a_unit_that_fails_leaves_the_position(stores: Stores) {
    let mine = stores.tenant();
    tell_many(&stores, &mine, 2).await;
    let stream = mine.scope.workspace().into();
    let failed: StoreResult<()> = stores
        .relay
        .run(&RELAY, async |tx| {
            have_two(tx, stream).await?;
            Err(StoreError::Stale)
        })
        .await;
    assert_eq!(failed, Err(StoreError::Stale));
    let had: StoreResult<Vec<i64>> = stores.relay.run(&RELAY, async |tx| have_two(tx, stream).await).await;
    assert_eq!(had, Ok(vec![1, 2]));
}
