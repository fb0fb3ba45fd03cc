//! Keys of members' own, by which a workspace asks providers.

use crate::{Stores, Tenant};
use agents::dispatch::{Provider, ProviderKey};
use kernel::{StoreResult, UserId};
use std::time::Duration;

#[macro_export]
macro_rules! provider_key_cases {
    ($open:path) => {
        $crate::cases!(provider_keys, $open;
            keys_come_back_by_the_names_of_their_providers,
            a_key_takes_the_place_of_another_one,
            a_key_is_removed_once,
            another_tenants_keys_are_not_seen,
        );
    };
}

/// A key of the tenant's own person.
pub fn lent(stores: &Stores, tenant: &Tenant, provider: Provider) -> ProviderKey {
    ProviderKey {
        workspace_id: tenant.scope.workspace(),
        provider,
        lent_by: tenant.ctx.actor.user().unwrap(),
        secret: format!("my-{}", provider.name()),
        lent_at: stores.env.now(),
    }
}

pub async fn put(stores: &Stores, tenant: &Tenant, key: &ProviderKey) {
    let put: StoreResult<()> =
        stores.agent.run(&tenant.scope, async |tx| tx.provider_keys().put(key).await).await;
    put.unwrap();
}

async fn remove(stores: &Stores, tenant: &Tenant, provider: Provider) -> bool {
    let removed: StoreResult<bool> =
        stores.agent.run(&tenant.scope, async |tx| tx.provider_keys().remove(provider).await).await;
    removed.unwrap()
}

async fn seen(stores: &Stores, tenant: &Tenant) -> Vec<ProviderKey> {
    stores.provider_keys.list(&tenant.scope).await.unwrap()
}

pub async fn keys_come_back_by_the_names_of_their_providers(stores: Stores) {
    let me = stores.tenant();
    assert_eq!(seen(&stores, &me).await, []);
    for provider in Provider::ALL {
        put(&stores, &me, &lent(&stores, &me, provider)).await;
    }
    let mut expected = Provider::ALL.map(|provider| lent(&stores, &me, provider));
    expected.sort_by_key(|key| key.provider.name());
    assert_eq!(seen(&stores, &me).await, expected);
}

pub async fn a_key_takes_the_place_of_another_one(stores: Stores) {
    let me = stores.tenant();
    let first = lent(&stores, &me, Provider::OpenAi);
    put(&stores, &me, &first).await;
    stores.clock.advance(Duration::from_secs(1));
    let colleague: UserId = stores.env.id();
    let second =
        ProviderKey { lent_by: colleague, secret: "theirs".into(), lent_at: stores.env.now(), ..first };
    put(&stores, &me, &second).await;
    assert_eq!(seen(&stores, &me).await, [second]);
}

pub async fn a_key_is_removed_once(stores: Stores) {
    let me = stores.tenant();
    let kept = lent(&stores, &me, Provider::Gemini);
    for key in [&kept, &lent(&stores, &me, Provider::OpenAi)] {
        put(&stores, &me, key).await;
    }
    assert!(remove(&stores, &me, Provider::OpenAi).await);
    assert!(!remove(&stores, &me, Provider::OpenAi).await);
    assert_eq!(seen(&stores, &me).await, [kept]);
}

pub async fn another_tenants_keys_are_not_seen(stores: Stores) {
    let (me, they) = (stores.tenant(), stores.tenant());
    let theirs = lent(&stores, &they, Provider::OpenAi);
    put(&stores, &they, &theirs).await;
    assert_eq!(seen(&stores, &me).await, []);
    assert!(!remove(&stores, &me, Provider::OpenAi).await);
    put(&stores, &me, &lent(&stores, &me, Provider::OpenAi)).await;
    assert_eq!(seen(&stores, &they).await, [theirs]);
}
