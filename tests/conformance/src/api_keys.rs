//! Keys for programs: what a workspace sees of them, and how they are found before the workspace is known.

use crate::{
    Stores, Tenant,
    identity::{put_in, stored},
    workspaces::{delete, found, user},
};
use futures_util::future::join_all;
use identity::UserStatus;
use kernel::{
    ApiKeyId, IdempotencyKey, KeyScope, KeyScopes, Limit, PageRequest, Role, StoreError, StoreResult,
    SystemScope, Timestamp, TokenHash, UserId, WorkspaceId, WorkspaceScope, testing::call_by,
};
use std::time::Duration;
use workspace::{ApiKey, KeyStanding, Workspace};

#[macro_export]
macro_rules! api_key_cases {
    ($open:path) => {
        $crate::cases!(api_keys, $open;
            a_key_comes_back_as_it_went_in,
            a_key_and_its_hash_are_there_once,
            keys_come_in_pages_the_newest_first,
            only_live_keys_are_counted_and_counting_waits,
            a_key_is_revoked_once,
            another_tenants_key_is_like_an_unknown_one,
            a_key_is_found_by_its_hash_with_the_role_of_its_maker,
            a_key_of_who_left_or_lost_their_account_is_not_found,
            the_last_use_of_a_key_is_kept,
            a_keys_repeated_request_has_one_effect,
            keys_of_a_maker_are_found_in_every_workspace,
        );
    };
}

const SYSTEM: SystemScope = SystemScope::for_authentication();

/// Somebody with an account and a workspace.
pub struct Maker {
    pub tenant: Tenant,
    pub workspace: Workspace,
    pub person: identity::Person,
}

pub async fn maker(stores: &Stores) -> Maker {
    let person = stored(stores).await;
    let scope = WorkspaceScope::for_test(stores.env.id(), person.user.id, Role::Owner);
    let tenant = Tenant { scope, ctx: call_by(person.user.id) };
    let workspace = found(stores, &tenant, "acme").await;
    Maker { tenant, workspace, person }
}

pub fn fresh_hash(stores: &Stores) -> TokenHash {
    let mut bytes = [7; 32];
    bytes[..16].copy_from_slice(stores.env.id::<ApiKeyId>().uuid().as_bytes());
    TokenHash::from_bytes(bytes)
}

pub fn key_of(stores: &Stores, workspace_id: WorkspaceId, created_by: UserId) -> ApiKey {
    let now = stores.env.now();
    ApiKey {
        id: stores.env.id(),
        workspace_id,
        name: "CI “ünïcode”".into(),
        prefix: "rf_abcdefghi".into(),
        scopes: KeyScopes::new([
            KeyScope::parse("bcm:read").unwrap(),
            KeyScope::parse("moves:write").unwrap(),
        ])
        .unwrap(),
        created_by,
        created_at: now,
        expires_at: now.plus(Duration::from_secs(3600)),
        last_used_at: None,
        revoked_at: None,
    }
}

fn key(stores: &Stores, tenant: &Tenant) -> ApiKey {
    key_of(stores, tenant.scope.workspace(), user(tenant))
}

async fn try_insert(stores: &Stores, tenant: &Tenant, key: &ApiKey, hash: &TokenHash) -> StoreResult<()> {
    stores.workspace.run(&tenant.scope, async |tx| tx.api_keys().insert(key, hash).await).await
}

pub async fn insert(stores: &Stores, tenant: &Tenant, key: &ApiKey) -> TokenHash {
    let hash = fresh_hash(stores);
    try_insert(stores, tenant, key, &hash).await.unwrap();
    hash
}

async fn find(stores: &Stores, tenant: &Tenant, id: ApiKeyId) -> Option<ApiKey> {
    let found: StoreResult<_> =
        stores.workspace.run(&tenant.scope, async |tx| tx.api_keys().find(id).await).await;
    found.unwrap()
}

async fn revoke(stores: &Stores, tenant: &Tenant, id: ApiKeyId, at: Timestamp) -> bool {
    let revoked: StoreResult<_> =
        stores.workspace.run(&tenant.scope, async |tx| tx.api_keys().revoke(id, at).await).await;
    revoked.unwrap()
}

async fn listed(stores: &Stores, tenant: &Tenant) -> Vec<ApiKey> {
    stores.api_keys.page(&tenant.scope, &PageRequest::default()).await.unwrap().items
}

async fn standing(stores: &Stores, hash: &TokenHash) -> Option<KeyStanding> {
    stores.key_directory.find_standing(&SYSTEM, hash).await.unwrap()
}

pub async fn a_key_comes_back_as_it_went_in(stores: Stores) {
    let me = stores.tenant();
    let now = stores.env.now();
    let key = ApiKey {
        last_used_at: Some(now),
        revoked_at: Some(now.plus(Duration::from_micros(1))),
        ..key(&stores, &me)
    };
    insert(&stores, &me, &key).await;
    assert_eq!(find(&stores, &me, key.id).await.as_ref(), Some(&key));
    assert_eq!(listed(&stores, &me).await, [key]);
}

pub async fn a_key_and_its_hash_are_there_once(stores: Stores) {
    let (me, they) = (stores.tenant(), stores.tenant());
    let first = key(&stores, &me);
    let hash = insert(&stores, &me, &first).await;
    let same_hash = try_insert(&stores, &they, &key(&stores, &they), &hash).await;
    assert!(matches!(same_hash, Err(StoreError::Conflict(_))), "{same_hash:?}");
    let same_id = try_insert(&stores, &me, &first, &fresh_hash(&stores)).await;
    assert!(matches!(same_id, Err(StoreError::Conflict(_))), "{same_id:?}");
    assert_eq!(listed(&stores, &they).await, []);
}

pub async fn keys_come_in_pages_the_newest_first(stores: Stores) {
    let me = stores.tenant();
    let mut made = Vec::new();
    for _ in 0..5 {
        stores.clock.advance(Duration::from_millis(1));
        let key = key(&stores, &me);
        insert(&stores, &me, &key).await;
        made.insert(0, key);
    }
    let (mut seen, mut request) = (Vec::new(), PageRequest { limit: Limit::new(2).unwrap(), after: None });
    loop {
        let page = stores.api_keys.page(&me.scope, &request).await.unwrap();
        seen.extend(page.items);
        let Some(next) = page.next else { break };
        request.after = Some(next);
    }
    assert_eq!(seen, made);
}

pub async fn only_live_keys_are_counted_and_counting_waits(stores: Stores) {
    let (me, they) = (stores.tenant(), stores.tenant());
    let now = stores.env.now();
    insert(&stores, &me, &ApiKey { expires_at: now, ..key(&stores, &me) }).await;
    insert(&stores, &me, &ApiKey { revoked_at: Some(now), ..key(&stores, &me) }).await;
    insert(&stores, &they, &key(&stores, &they)).await;
    let attempts = (0..8).map(|_| async {
        let made: StoreResult<bool> = stores
            .workspace
            .run(&me.scope, async |tx| {
                if tx.api_keys().count_live(now).await? >= 3 {
                    return Ok(false);
                }
                tx.api_keys().insert(&key(&stores, &me), &fresh_hash(&stores)).await?;
                Ok(true)
            })
            .await;
        made.unwrap()
    });
    let made = join_all(attempts).await.into_iter().filter(|made| *made).count();
    assert_eq!(made, 3);
    assert_eq!(listed(&stores, &me).await.len(), 5);
}

pub async fn a_key_is_revoked_once(stores: Stores) {
    let me = stores.tenant();
    let key = key(&stores, &me);
    insert(&stores, &me, &key).await;
    let (first, second) = (stores.env.now(), stores.env.now().plus(Duration::from_secs(1)));
    assert!(revoke(&stores, &me, key.id, first).await);
    assert!(!revoke(&stores, &me, key.id, second).await);
    assert_eq!(listed(&stores, &me).await, [ApiKey { revoked_at: Some(first), ..key }]);
    assert!(!revoke(&stores, &me, stores.env.id(), first).await);
}

pub async fn another_tenants_key_is_like_an_unknown_one(stores: Stores) {
    let (me, they) = (stores.tenant(), stores.tenant());
    let theirs = key(&stores, &they);
    insert(&stores, &they, &theirs).await;
    assert_eq!(find(&stores, &me, theirs.id).await, None);
    assert_eq!(listed(&stores, &me).await, []);
    assert!(!revoke(&stores, &me, theirs.id, stores.env.now()).await);
    assert_eq!(listed(&stores, &they).await, [theirs]);
}

pub async fn a_key_is_found_by_its_hash_with_the_role_of_its_maker(stores: Stores) {
    let Maker { tenant, .. } = maker(&stores).await;
    let key = key(&stores, &tenant);
    let hash = insert(&stores, &tenant, &key).await;
    assert_eq!(
        standing(&stores, &hash).await,
        Some(KeyStanding { key: key.clone(), maker_role: Role::Owner })
    );
    assert_eq!(standing(&stores, &fresh_hash(&stores)).await, None);
    revoke(&stores, &tenant, key.id, stores.env.now()).await;
    let revoked = standing(&stores, &hash).await.unwrap();
    assert_eq!(revoked.key.revoked_at, Some(stores.env.now()), "the caller judges the key itself");
}

pub async fn a_key_of_who_left_or_lost_their_account_is_not_found(stores: Stores) {
    let Maker { tenant, workspace, person } = maker(&stores).await;
    let hash = insert(&stores, &tenant, &key(&stores, &tenant)).await;
    let elsewhere = stored(&stores).await.user.id;
    let stranger = key_of(&stores, tenant.scope.workspace(), elsewhere);
    let of_a_stranger = insert(&stores, &tenant, &stranger).await;
    assert_eq!(standing(&stores, &of_a_stranger).await, None, "the maker is no member");
    assert!(standing(&stores, &hash).await.is_some());
    put_in(&stores, &person, UserStatus::Banned).await;
    assert_eq!(standing(&stores, &hash).await, None, "the maker is banned");

    let gone = maker(&stores).await;
    let hash = insert(&stores, &gone.tenant, &key(&stores, &gone.tenant)).await;
    delete(&stores, &gone.tenant, gone.workspace).await;
    assert_eq!(standing(&stores, &hash).await, None, "the workspace is deleted");
    assert_eq!(workspace.id, tenant.scope.workspace());
}

pub async fn the_last_use_of_a_key_is_kept(stores: Stores) {
    let me = stores.tenant();
    let key = key(&stores, &me);
    insert(&stores, &me, &key).await;
    let (early, late) = (stores.env.now(), stores.env.now().plus(Duration::from_secs(60)));
    for (at, kept) in [(early, early), (late, late), (early, late)] {
        stores.key_directory.note_use(&SYSTEM, key.id, at).await.unwrap();
        assert_eq!(listed(&stores, &me).await[0].last_used_at, Some(kept));
    }
    stores.key_directory.note_use(&SYSTEM, stores.env.id(), late).await.unwrap();
}

/// A key has idempotency records of its own, although it is no person.
pub async fn a_keys_repeated_request_has_one_effect(stores: Stores) {
    let Maker { tenant, .. } = maker(&stores).await;
    let id: ApiKeyId = stores.env.id();
    let scopes = KeyScopes::new(KeyScope::all()).unwrap();
    let scope = WorkspaceScope::for_api_key(id, tenant.scope.workspace(), Role::Owner, scopes);
    let idempotency = Some(IdempotencyKey {
        caller: format!("{id} POST /things"),
        key: "once".into(),
        request_hash: "body".into(),
    });
    let ctx = kernel::CallContext { actor: scope.actor(), idempotency, ..tenant.ctx.clone() };
    let now = stores.env.now();
    let mut answers = Vec::new();
    for n in 0..2 {
        let answer: StoreResult<i32> = stores
            .workspace
            .run_once(&scope, &ctx, now, async |tx| {
                let mut workspace = tx.workspaces().find().await?.ok_or(StoreError::Stale)?;
                workspace.version += 1;
                tx.workspaces().save(&workspace, workspace.version - 1).await?;
                Ok(n)
            })
            .await;
        answers.push(answer.unwrap());
    }
    assert_eq!(answers, [0, 0], "the first answer again");
    assert_eq!(stores.workspaces.find(&scope).await.unwrap().unwrap().version, 2);
}

pub async fn keys_of_a_maker_are_found_in_every_workspace(stores: Stores) {
    let (here, there) = (stores.tenant(), stores.tenant());
    let maker: UserId = stores.env.id();
    let mut mine = Vec::new();
    for tenant in [&here, &there] {
        let key = key_of(&stores, tenant.scope.workspace(), maker);
        insert(&stores, tenant, &key).await;
        insert(&stores, tenant, &key_of(&stores, tenant.scope.workspace(), stores.env.id())).await;
        mine.push(key);
    }
    mine.sort_by_key(|key| key.id);
    assert_eq!(stores.key_directory.list_by(&SystemScope::for_personal_data(), maker).await.unwrap(), mine);
}
