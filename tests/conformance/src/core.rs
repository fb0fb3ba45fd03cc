//! Units of work, events, idempotency records.

use crate::{
    Stores,
    campaigns::{draft, store},
};
use futures_util::future::join_all;
use kernel::{CallContext, IdempotencyKey, NewEvent, NewJob, PageRequest, StoreError};
use serde_json::json;

#[macro_export]
macro_rules! core_cases {
    ($shared:path) => {
        $crate::cases!(core, $shared;
            a_refused_unit_leaves_nothing,
            a_swallowed_failure_poisons_the_unit,
            events_are_numbered_without_gaps_by_parallel_writers,
            facts_about_one_thing_are_read_in_order_and_of_this_workspace_only,
            a_repeated_request_gets_the_first_answer_and_has_no_second_effect,
            an_idempotency_key_is_bound_to_its_request_and_expires,
            of_fifty_parallel_twins_one_has_an_effect,
        );
    };
}

pub(crate) fn fact(stores: &Stores, ctx: &CallContext) -> NewEvent {
    NewEvent::new(&stores.env, ctx, "thing.happened", ("thing", stores.env.ids.uuid()), json!({"n": 1}))
}

pub async fn a_refused_unit_leaves_nothing(stores: Stores) {
    let mine = stores.tenant();
    let campaign = draft(&stores, &mine, "refused");
    let refused: Result<(), StoreError> = stores
        .campaign
        .run(&mine.scope, async |tx| {
            tx.campaigns().insert(&campaign).await?;
            tx.events().append(fact(&stores, &mine.ctx)).await?;
            tx.jobs().enqueue(NewJob::new(&stores.env, &mine.ctx, "test.job", json!({}))).await?;
            Err(StoreError::Stale)
        })
        .await;
    assert_eq!(refused, Err(StoreError::Stale));
    assert_eq!(stores.campaigns.find(&mine.scope, campaign.id).await.unwrap(), None);
    assert!(stores.events.list_after(&mine.scope, 0, 10).await.unwrap().is_empty());
}

pub async fn a_swallowed_failure_poisons_the_unit(stores: Stores) {
    let mine = stores.tenant();
    let campaign = draft(&stores, &mine, "first");
    store(&stores, &mine, &campaign, &[]).await;
    let mut other = draft(&stores, &mine, "second");
    let swallowed: Result<(), StoreError> = stores
        .campaign
        .run(&mine.scope, async |tx| {
            let twice = tx.campaigns().insert(&campaign).await;
            assert!(matches!(twice, Err(StoreError::Conflict(_))), "{twice:?}");
            let after = tx.campaigns().insert(&other).await;
            assert!(matches!(after, Err(StoreError::Poisoned(_))), "{after:?}");
            Ok(())
        })
        .await;
    assert!(matches!(swallowed, Err(StoreError::Poisoned(_))), "{swallowed:?}");
    other.name.clear();
    assert_eq!(stores.campaigns.page(&mine.scope, &PageRequest::default()).await.unwrap().items.len(), 1);
}

pub async fn events_are_numbered_without_gaps_by_parallel_writers(stores: Stores) {
    let mine = stores.tenant();
    let writers = (0..20).map(|_| async {
        let wrote: Result<(), StoreError> = stores
            .campaign
            .run(&mine.scope, async |tx| {
                tx.events().append(fact(&stores, &mine.ctx)).await?;
                tx.events().append(fact(&stores, &mine.ctx)).await
            })
            .await;
        wrote.unwrap();
    });
    join_all(writers).await;
    let events = stores.events.list_after(&mine.scope, 0, 100).await.unwrap();
    assert_eq!(events.iter().map(|e| e.number).collect::<Vec<_>>(), (1..=40).collect::<Vec<_>>());
    assert_eq!(stores.events.list_after(&mine.scope, 38, 100).await.unwrap(), events[38..]);
    let nobody = stores.tenant();
    let last = async |scope| stores.events.last_number(scope).await.unwrap();
    assert_eq!((last(&mine.scope).await, last(&nobody.scope).await), (40, 0));
    let event = &events[0];
    assert_eq!(
        (event.event_type.as_str(), event.workspace_id),
        ("thing.happened", Some(mine.scope.workspace()))
    );
    assert_eq!((event.actor, &event.correlation_id), (mine.ctx.actor, &mine.ctx.correlation_id));
    assert_eq!((event.payload.clone(), event.timestamp), (json!({"n": 1}), stores.env.now()));
}

pub async fn facts_about_one_thing_are_read_in_order_and_of_this_workspace_only(stores: Stores) {
    let (mine, theirs) = (stores.tenant(), stores.tenant());
    let thing = stores.env.ids.uuid();
    let about = |ctx: &CallContext, kind, n: i64| {
        NewEvent::new(&stores.env, ctx, "thing.happened", (kind, thing), json!({ "n": n }))
    };
    for tenant in [&mine, &theirs] {
        let told: Result<(), StoreError> = stores
            .campaign
            .run(&tenant.scope, async |tx| {
                tx.events().append(about(&tenant.ctx, "thing", 1)).await?;
                tx.events().append(fact(&stores, &tenant.ctx)).await?;
                tx.events().append(about(&tenant.ctx, "other", 2)).await?;
                tx.events().append(about(&tenant.ctx, "thing", 3)).await?;
                tx.events().append(about(&tenant.ctx, "thing", 4)).await
            })
            .await;
        told.unwrap();
    }
    let read = async |number, limit| {
        let found = stores.events.list_about(&mine.scope, ("thing", thing), number, limit).await.unwrap();
        let is_mine = |event: &kernel::Event| event.workspace_id == Some(mine.scope.workspace());
        assert!(found.iter().all(is_mine), "{found:?}");
        found.into_iter().map(|event| (event.number, event.payload["n"].clone())).collect::<Vec<_>>()
    };
    let all = [(1, json!(1)), (4, json!(3)), (5, json!(4))];
    assert_eq!(read(0, 100).await, all);
    assert_eq!(read(1, 100).await, all[1..], "after the number, which others' facts count in");
    assert_eq!(read(0, 2).await, all[..2], "the oldest first");
    assert_eq!(read(5, 100).await, []);
    let nothing = stores.events.list_about(&mine.scope, ("thing", stores.env.ids.uuid()), 0, 100).await;
    assert_eq!(nothing.unwrap(), []);
}

pub fn keyed(ctx: &CallContext, key: &str, body: &str) -> CallContext {
    let key =
        IdempotencyKey { caller: format!("{:?}", ctx.actor), key: key.into(), request_hash: body.into() };
    CallContext { idempotency: Some(key), ..ctx.clone() }
}

/// Creates a campaign under the context's idempotency key; answers its name and version.
pub async fn create(
    stores: &Stores,
    mine: &crate::Tenant,
    ctx: &CallContext,
    name: &str,
) -> Result<String, StoreError> {
    let campaign = draft(stores, mine, name);
    stores
        .campaign
        .run_once(&mine.scope, ctx, stores.env.now(), async |tx| {
            tx.campaigns().insert(&campaign).await?;
            Ok(campaign.name)
        })
        .await
}

pub async fn a_repeated_request_gets_the_first_answer_and_has_no_second_effect(stores: Stores) {
    let mine = stores.tenant();
    let ctx = keyed(&mine.ctx, "k1", "body");
    assert_eq!(create(&stores, &mine, &ctx, "first").await.unwrap(), "first");
    assert_eq!(create(&stores, &mine, &ctx, "second").await.unwrap(), "first");
    assert_eq!(create(&stores, &mine, &keyed(&mine.ctx, "k2", "body"), "third").await.unwrap(), "third");
    let names: Vec<_> = stores.campaigns.page(&mine.scope, &PageRequest::default()).await.unwrap().items;
    assert_eq!(names.len(), 2);
}

pub async fn an_idempotency_key_is_bound_to_its_request_and_expires(stores: Stores) {
    let mine = stores.tenant();
    create(&stores, &mine, &keyed(&mine.ctx, "k", "body"), "first").await.unwrap();
    let other = create(&stores, &mine, &keyed(&mine.ctx, "k", "other body"), "second").await;
    assert_eq!(other, Err(StoreError::KeyReused));
    stores.clock.advance(kernel::idempotency::KEPT_FOR);
    assert_eq!(create(&stores, &mine, &keyed(&mine.ctx, "k", "other body"), "third").await.unwrap(), "third");
    assert_eq!(
        create(&stores, &mine, &keyed(&mine.ctx, "k", "other body"), "fourth").await.unwrap(),
        "third"
    );
}

pub async fn of_fifty_parallel_twins_one_has_an_effect(stores: Stores) {
    let mine = stores.tenant();
    let ctx = keyed(&mine.ctx, "twin", "body");
    let names: Vec<String> = (0..50).map(|n| format!("twin {n}")).collect();
    let answers = join_all(names.iter().map(|name| create(&stores, &mine, &ctx, name))).await;
    let stored = stores.campaigns.page(&mine.scope, &PageRequest::default()).await.unwrap().items;
    assert_eq!(stored.len(), 1);
    for answer in answers {
        assert!(answer == Ok(stored[0].name.clone()) || answer == Err(StoreError::InFlight), "{answer:?}");
    }
}
