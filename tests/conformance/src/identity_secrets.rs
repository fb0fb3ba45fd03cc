//! People's own secrets, and finding and replacing what is sealed under an older key.

use crate::{
    Stores,
    identity::{SYSTEM, stored},
    identity_mfa::enrolled,
};
use identity::{SealedAt, SealedEntry, SecretEntry, SecretName, UserSecret};
use kernel::{Sealed, StoreError, StoreResult, UserId, UserScope, testing};
use std::time::Duration;

#[macro_export]
macro_rules! secret_cases {
    ($shared:path, $fresh:path) => {
        $crate::cases!(identity_secrets, $shared;
            a_secret_is_replaced_and_keeps_the_time_of_its_making,
            secrets_are_listed_by_name_to_their_owner_alone,
            a_secret_is_removed_by_its_owner_alone,
            a_secret_needs_its_owner,
            what_was_changed_meanwhile_is_not_sealed_over,
        );
        $crate::cases!(identity_secrets, $fresh;
            what_is_sealed_under_other_keys_is_found_in_order,
        );
    };
}

fn sealed(key_id: &str, byte: u8) -> Sealed {
    Sealed { key_id: key_id.into(), nonce: vec![byte; 12], ciphertext: vec![byte, 0, 255] }
}

fn name(text: &str) -> SecretName {
    SecretName::parse(text).unwrap()
}

fn secret(stores: &Stores, user: UserId, called: &str) -> UserSecret {
    let now = stores.env.now();
    UserSecret {
        user_id: user,
        name: name(called),
        sealed: sealed("k1", 1),
        created_at: now,
        updated_at: now,
    }
}

async fn put(stores: &Stores, secret: &UserSecret) -> StoreResult<()> {
    stores.identity.run(&SYSTEM, async |tx| tx.secrets().put(secret).await).await
}

async fn remove(stores: &Stores, user: UserId, name: &SecretName) -> bool {
    let removed: StoreResult<bool> =
        stores.identity.run(&SYSTEM, async |tx| tx.secrets().remove(user, name).await).await;
    removed.unwrap()
}

async fn count_others(stores: &Stores, user: UserId, name: &SecretName) -> u32 {
    let counted: StoreResult<u32> =
        stores.identity.run(&SYSTEM, async |tx| tx.secrets().count_others(user, name).await).await;
    counted.unwrap()
}

async fn find(stores: &Stores, user: UserId, name: &SecretName) -> Option<UserSecret> {
    stores.secrets.find(&scope_of(user), name).await.unwrap()
}

fn scope_of(user: UserId) -> UserScope {
    UserScope::of(&testing::call_by(user)).unwrap()
}

pub async fn a_secret_is_replaced_and_keeps_the_time_of_its_making(stores: Stores) {
    let user = stored(&stores).await.user.id;
    let first = secret(&stores, user, "openai");
    put(&stores, &first).await.unwrap();
    assert_eq!(find(&stores, user, &first.name).await.as_ref(), Some(&first));
    let later = stores.env.now().plus(Duration::from_secs(60));
    let second =
        UserSecret { sealed: sealed("k2", 2), created_at: later, updated_at: later, ..first.clone() };
    put(&stores, &second).await.unwrap();
    let expected = UserSecret { created_at: first.created_at, ..second };
    assert_eq!(find(&stores, user, &first.name).await, Some(expected));
    assert_eq!(find(&stores, user, &name("mistral")).await, None);
}

pub async fn secrets_are_listed_by_name_to_their_owner_alone(stores: Stores) {
    let (mine, theirs) = (stored(&stores).await.user.id, stored(&stores).await.user.id);
    // `-` sorts before digits, digits before `_`, that before letters: byte by byte, whatever the locale.
    for called in ["b", "a_c", "a-c", "a1"] {
        put(&stores, &secret(&stores, mine, called)).await.unwrap();
    }
    put(&stores, &secret(&stores, theirs, "openai")).await.unwrap();
    let entry = |called: &str| {
        let now = stores.env.now();
        SecretEntry { name: name(called), created_at: now, updated_at: now }
    };
    let listed = stores.secrets.list(&scope_of(mine)).await.unwrap();
    assert_eq!(listed, ["a-c", "a1", "a_c", "b"].map(entry));
    assert_eq!(stores.secrets.list(&scope_of(theirs)).await.unwrap(), [entry("openai")]);
    assert_eq!(stores.secrets.list(&scope_of(stores.env.id())).await.unwrap(), []);
    assert_eq!(find(&stores, mine, &name("openai")).await, None, "another person's");
    assert_eq!(count_others(&stores, mine, &name("b")).await, 3);
    assert_eq!(count_others(&stores, mine, &name("openai")).await, 4);
}

pub async fn a_secret_is_removed_by_its_owner_alone(stores: Stores) {
    let (mine, theirs) = (stored(&stores).await.user.id, stored(&stores).await.user.id);
    let kept = secret(&stores, theirs, "openai");
    put(&stores, &kept).await.unwrap();
    assert!(!remove(&stores, mine, &kept.name).await);
    put(&stores, &secret(&stores, mine, "openai")).await.unwrap();
    assert!(remove(&stores, mine, &kept.name).await);
    assert!(!remove(&stores, mine, &kept.name).await);
    assert_eq!(find(&stores, mine, &kept.name).await, None);
    assert_eq!(find(&stores, theirs, &kept.name).await, Some(kept));
}

pub async fn a_secret_needs_its_owner(stores: Stores) {
    let refused = put(&stores, &secret(&stores, stores.env.id(), "openai")).await;
    assert!(matches!(refused, Err(StoreError::Dangling(_))), "{refused:?}");
}

async fn reseal(stores: &Stores, entry: &SealedEntry, fresh: &Sealed) -> bool {
    let resealed: StoreResult<bool> =
        stores.identity.run(&SYSTEM, async |tx| tx.seals().reseal(entry, fresh).await).await;
    resealed.unwrap()
}

pub async fn what_was_changed_meanwhile_is_not_sealed_over(stores: Stores) {
    let user = stored(&stores).await.user.id;
    let mine = secret(&stores, user, "openai");
    put(&stores, &mine).await.unwrap();
    let factor = enrolled(&stores, user).await;
    let entries = [
        SealedEntry { at: SealedAt::Secret(user, mine.name.clone()), sealed: mine.sealed.clone() },
        SealedEntry { at: SealedAt::Factor(factor.id, user), sealed: factor.secret.clone() },
    ];
    for entry in &entries {
        let other_text = Sealed { ciphertext: vec![8], ..entry.sealed.clone() };
        let other_nonce = Sealed { nonce: vec![8], ..entry.sealed.clone() };
        let other_key = Sealed { key_id: "k0".into(), ..entry.sealed.clone() };
        for changed in [other_text, other_nonce, other_key] {
            let changed = SealedEntry { sealed: changed, ..entry.clone() };
            assert!(!reseal(&stores, &changed, &sealed("k2", 2)).await, "{changed:?}");
        }
        assert!(reseal(&stores, entry, &sealed("k2", 2)).await);
        assert!(!reseal(&stores, entry, &sealed("k3", 3)).await, "it was sealed anew already");
    }
    let after = find(&stores, user, &mine.name).await.unwrap();
    assert_eq!(after, UserSecret { sealed: sealed("k2", 2), ..mine.clone() });
    let gone = SealedEntry { at: SealedAt::Secret(user, name("gone")), sealed: mine.sealed };
    assert!(!reseal(&stores, &gone, &sealed("k2", 2)).await);
}

pub async fn what_is_sealed_under_other_keys_is_found_in_order(stores: Stores) {
    let mut people = [stored(&stores).await.user.id, stored(&stores).await.user.id];
    people.sort_unstable();
    let mut expected = Vec::new();
    for user in people {
        let factor = enrolled(&stores, user).await;
        expected.push(SealedEntry { at: SealedAt::Factor(factor.id, user), sealed: factor.secret });
    }
    expected.sort_by(|one, other| one.at.cmp(&other.at));
    for user in people {
        for called in ["a-c", "a_c", "b"] {
            let secret = secret(&stores, user, called);
            put(&stores, &secret).await.unwrap();
            expected.push(SealedEntry { at: SealedAt::Secret(user, secret.name), sealed: secret.sealed });
        }
        let fresh = UserSecret { sealed: sealed("k2", 2), ..secret(&stores, user, "fresh") };
        put(&stores, &fresh).await.unwrap();
    }
    assert_eq!(stores.seals.count(&SYSTEM, "k2").await.unwrap(), 8);
    assert_eq!(stores.seals.count(&SYSTEM, "k1").await.unwrap(), 2);
    for limit in [1, 3, 100] {
        let mut found: Vec<SealedEntry> = Vec::new();
        loop {
            let after = found.last().map(|entry| entry.at.clone());
            let more = stores.seals.list(&SYSTEM, "k2", after.as_ref(), limit).await.unwrap();
            assert!(more.len() <= limit as usize);
            if more.is_empty() {
                break;
            }
            found.extend(more);
        }
        assert_eq!(found, expected, "{limit} at a time");
    }
}
