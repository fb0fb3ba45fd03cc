//! The chain of context versions.

use crate::{Stores, Tenant};
use bcm::{ContextSource, ContextVersion, Integrity, canonical_json, services::ContextService, sha256_hex};
use futures_util::future::join_all;
use kernel::{Actor, Limit, PageRequest, StoreError, StoreResult};
use serde_json::{Value, json};

#[macro_export]
macro_rules! bcm_context_cases {
    ($open:path) => {
        $crate::cases!(bcm_contexts, $open;
            a_version_comes_back_byte_for_byte,
            a_stored_chain_verifies_whatever_its_documents_hold,
            a_tampered_version_comes_as_it_is_stored,
            versions_come_in_pages_newest_first,
            a_version_must_follow_the_current_one,
            of_parallel_versions_one_follows,
            a_refused_version_leaves_no_gap,
            a_version_is_like_an_unknown_one_to_others,
        );
    };
}

/// The version that follows `previous`, of any document.
fn following(
    stores: &Stores,
    tenant: &Tenant,
    previous: Option<&ContextVersion>,
    document: &Value,
) -> ContextVersion {
    let number = previous.map_or(1, |version| version.number + 1);
    let previous_hash = previous.map(|version| version.hash.clone());
    let document = canonical_json(document).unwrap();
    ContextVersion {
        id: stores.env.id(),
        workspace_id: tenant.scope.workspace(),
        number,
        hash: sha256_hex(&ContextVersion::hashed_text(number, previous_hash.as_deref(), &document)),
        previous_hash,
        document,
        source: ContextSource::Edit,
        reason: "because — “ünïcode”".into(),
        author: tenant.ctx.actor,
        completeness: 100,
        created_at: stores.env.now(),
    }
}

async fn append(stores: &Stores, tenant: &Tenant, version: &ContextVersion) -> StoreResult<()> {
    stores.bcm.run(&tenant.scope, async |tx| tx.contexts().append(version).await).await
}

/// Stores a version that follows `previous`.
pub async fn append_next(
    stores: &Stores,
    tenant: &Tenant,
    previous: Option<&ContextVersion>,
) -> ContextVersion {
    let version = following(stores, tenant, previous, &json!({"after": previous.map(|v| v.number)}));
    append(stores, tenant, &version).await.unwrap();
    version
}

async fn chain_of(stores: &Stores, tenant: &Tenant, length: usize) -> Vec<ContextVersion> {
    let mut chain: Vec<ContextVersion> = Vec::new();
    for _ in 0..length {
        let next = append_next(stores, tenant, chain.last()).await;
        chain.push(next);
    }
    chain
}

async fn integrity(stores: &Stores, tenant: &Tenant) -> Integrity {
    ContextService::new(stores.contexts.clone()).integrity(&tenant.scope).await.unwrap()
}

/// Documents that a store of JSON instead of bytes would change, or refuse.
fn awkward_documents() -> Vec<Value> {
    vec![
        json!({}),
        json!({"big": u64::MAX, "small": i64::MIN, "beyond a float": 9_007_199_254_740_993_u64}),
        json!({"\u{1f600}": 1, "\u{fb33}": 2, "é": 3, "e\u{301}": 4, "": 5, "Z": 6, "a": 7}),
        json!({"text": "\u{0}\u{1}\u{1f}\u{7f}\u{2028}\\u0000 \" \\ / \n\r\t", "right to left": "שלום"}),
        json!({"b": {"z": [], "a": [[{"deep": {"er": {"still": [null, true, {}]}}}]]}, "a": [1, "1", [1]]}),
        json!({"long": "茶".repeat(40_000)}),
    ]
}

pub async fn a_version_comes_back_byte_for_byte(stores: Stores) {
    let mine = stores.tenant();
    let first = following(&stores, &mine, None, &json!({"x": "茶"}));
    let first = ContextVersion { author: Actor::System, completeness: 0, reason: String::new(), ..first };
    append(&stores, &mine, &first).await.unwrap();
    let mut last = first.clone();
    for source in ContextSource::ALL {
        let next = ContextVersion { source, ..following(&stores, &mine, Some(&last), &json!({"b": 1})) };
        append(&stores, &mine, &next).await.unwrap();
        assert_eq!(stores.contexts.current(&mine.scope).await.unwrap().as_ref(), Some(&next));
        assert_eq!(stores.contexts.find(&mine.scope, next.number).await.unwrap().as_ref(), Some(&next));
        last = next;
    }
    let seen: StoreResult<_> = stores
        .bcm
        .run(&mine.scope, async |tx| {
            Ok((tx.contexts().current().await?, tx.contexts().find(1).await?, tx.contexts().find(99).await?))
        })
        .await;
    assert_eq!(seen.unwrap(), (Some(last), Some(first), None));
}

pub async fn a_stored_chain_verifies_whatever_its_documents_hold(stores: Stores) {
    let mine = stores.tenant();
    let mut chain: Vec<ContextVersion> = Vec::new();
    for document in awkward_documents() {
        let next = following(&stores, &mine, chain.last(), &document);
        append(&stores, &mine, &next).await.unwrap();
        chain.push(next);
    }
    assert_eq!(stores.contexts.chain(&mine.scope, 0, 100).await.unwrap(), chain);
    assert_eq!(stores.contexts.chain(&mine.scope, 2, 3).await.unwrap(), chain[2..5]);
    assert_eq!(stores.contexts.chain(&mine.scope, 6, 3).await.unwrap(), []);
    let whole = Integrity { ok: true, checked_versions: 6, first_broken_version: None };
    assert_eq!(integrity(&stores, &mine).await, whole);
}

pub async fn a_tampered_version_comes_as_it_is_stored(stores: Stores) {
    let mine = stores.tenant();
    let first = append_next(&stores, &mine, None).await;
    let honest = following(&stores, &mine, Some(&first), &json!({"budget": 1}));
    let forged = ContextVersion { document: r#"{"budget": 2, "x": "#.into(), ..honest };
    append(&stores, &mine, &forged).await.unwrap();
    append_next(&stores, &mine, Some(&forged)).await;
    assert_eq!(stores.contexts.chain(&mine.scope, 1, 1).await.unwrap(), [forged]);
    let broken = Integrity { ok: false, checked_versions: 3, first_broken_version: Some(2) };
    assert_eq!(integrity(&stores, &mine).await, broken);
}

pub async fn versions_come_in_pages_newest_first(stores: Stores) {
    let mine = stores.tenant();
    let chain = chain_of(&stores, &mine, 5).await;
    let (mut seen, mut request) = (Vec::new(), PageRequest { limit: Limit::new(2).unwrap(), after: None });
    loop {
        let page = stores.contexts.page(&mine.scope, &request).await.unwrap();
        seen.extend(page.items);
        let Some(next) = page.next else { break };
        request.after = Some(next);
    }
    let expected: Vec<_> = chain.into_iter().rev().map(bcm::ContextSummary::from).collect();
    assert_eq!(seen, expected);
}

pub async fn a_version_must_follow_the_current_one(stores: Stores) {
    let mine = stores.tenant();
    let first = following(&stores, &mine, None, &json!({}));
    for number in [i32::MIN, -1, 0, 2, i32::MAX] {
        let early = ContextVersion { number, ..first.clone() };
        assert_eq!(append(&stores, &mine, &early).await, Err(StoreError::Stale), "{number} before the first");
    }
    append(&stores, &mine, &first).await.unwrap();
    let second = append_next(&stores, &mine, Some(&first)).await;
    for number in [i32::MIN, 0, 1, 2, 4] {
        let wrong = ContextVersion { number, id: stores.env.id(), ..second.clone() };
        assert_eq!(append(&stores, &mine, &wrong).await, Err(StoreError::Stale), "{number} after 2");
    }
    let same_id = ContextVersion { number: 3, ..second.clone() };
    let refused = append(&stores, &mine, &same_id).await;
    assert!(matches!(refused, Err(StoreError::Conflict(_))), "{refused:?}");
    assert_eq!(stores.contexts.chain(&mine.scope, 0, 10).await.unwrap(), [first, second]);
}

pub async fn of_parallel_versions_one_follows(stores: Stores) {
    let mine = stores.tenant();
    let mut chain: Vec<ContextVersion> = Vec::new();
    for round in 0..3 {
        let rivals: Vec<_> = (0..10)
            .map(|rival| following(&stores, &mine, chain.last(), &json!({"round": round, "rival": rival})))
            .collect();
        let ends = join_all(rivals.iter().map(|rival| append(&stores, &mine, rival))).await;
        let beaten =
            |end: &StoreResult<()>| matches!(end, Ok(()) | Err(StoreError::Stale | StoreError::Conflict(_)));
        assert!(ends.iter().all(beaten), "{ends:?}");
        let mut winners = ends.iter().zip(rivals).filter(|(end, _)| end.is_ok()).map(|(_, rival)| rival);
        chain.push(winners.next().unwrap());
        assert_eq!(winners.next(), None);
    }
    assert_eq!(stores.contexts.chain(&mine.scope, 0, 100).await.unwrap(), chain);
    assert!(integrity(&stores, &mine).await.ok);
}

pub async fn a_refused_version_leaves_no_gap(stores: Stores) {
    let mine = stores.tenant();
    let first = append_next(&stores, &mine, None).await;
    let second = following(&stores, &mine, Some(&first), &json!({}));
    let rolled_back: StoreResult<()> = stores
        .bcm
        .run(&mine.scope, async |tx| {
            tx.contexts().append(&second).await?;
            Err(StoreError::Stale)
        })
        .await;
    assert_eq!(rolled_back, Err(StoreError::Stale));
    assert_eq!(stores.contexts.current(&mine.scope).await.unwrap().as_ref(), Some(&first));
    append(&stores, &mine, &second).await.unwrap();
    let both: StoreResult<_> = stores
        .bcm
        .run(&mine.scope, async |tx| {
            let third = following(&stores, &mine, Some(&second), &json!({"n": 3}));
            tx.contexts().append(&third).await?;
            let fourth = following(&stores, &mine, Some(&third), &json!({"n": 4}));
            tx.contexts().append(&fourth).await?;
            Ok(vec![third, fourth])
        })
        .await;
    assert_eq!(stores.contexts.chain(&mine.scope, 2, 10).await.unwrap(), both.unwrap());
}

pub async fn a_version_is_like_an_unknown_one_to_others(stores: Stores) {
    let (theirs, me) = (stores.tenant(), stores.tenant());
    let theirs = chain_of(&stores, &theirs, 2).await;
    assert_eq!(stores.contexts.current(&me.scope).await.unwrap(), None);
    assert_eq!(stores.contexts.find(&me.scope, 1).await.unwrap(), None);
    assert_eq!(stores.contexts.chain(&me.scope, 0, 10).await.unwrap(), []);
    assert!(stores.contexts.page(&me.scope, &PageRequest::default()).await.unwrap().items.is_empty());
    let third = following(&stores, &me, theirs.last(), &json!({}));
    let seen: StoreResult<()> = stores
        .bcm
        .run(&me.scope, async |tx| {
            assert_eq!(tx.contexts().current().await?, None);
            assert_eq!(tx.contexts().find(1).await?, None);
            assert_eq!(tx.contexts().append(&third).await, Err(StoreError::Stale));
            Ok(())
        })
        .await;
    seen.unwrap();
    let mine = append_next(&stores, &me, None).await;
    assert_eq!(stores.contexts.current(&me.scope).await.unwrap(), Some(mine), "numbers are per workspace");
}
