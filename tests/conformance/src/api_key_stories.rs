//! The use cases of API keys over each store.

use crate::{
    Stores, Tenant,
    api_keys::{Maker, insert, key_of, maker},
    identity::{put_in, stored},
    workspaces::{delete, join},
};
use identity::UserStatus;
use kernel::{
    Area, CallContext, Denied, IdempotencyKey, KeyScope, KeyScopes, PageRequest, Role, StoreResult,
    SystemRandomness, TokenMint, WorkspaceScope,
};
use secrecy::ExposeSecret;
use std::{sync::Arc, time::Duration};
use workspace::{
    ApiKey, Error, IssuedKey,
    services::{ApiKeyService, CreateApiKey},
};

#[macro_export]
macro_rules! api_key_story_cases {
    ($open:path) => {
        $crate::cases!(api_key_stories, $open;
            a_program_comes_in_with_its_key_until_that_ends,
            a_key_ends_when_its_time_runs_out,
            a_repeated_making_shows_the_same_key_and_stores_none,
            a_key_acts_with_the_present_role_of_its_maker,
            a_key_ends_with_the_account_and_the_workspace_of_its_maker,
            a_workspace_has_a_bounded_number_of_live_keys,
            only_admins_manage_keys_and_no_key_does,
        );
    };
}

fn service(stores: &Stores) -> ApiKeyService {
    ApiKeyService {
        uow: stores.workspace.clone(),
        keys: stores.api_keys.clone(),
        directory: stores.key_directory.clone(),
        mint: TokenMint::new(&[7; 32], Arc::new(SystemRandomness)).unwrap(),
        env: stores.env.clone(),
    }
}

fn reading() -> CreateApiKey {
    CreateApiKey { name: "CI".into(), scopes: vec!["campaigns:read".into()], expires_at: None }
}

async fn issue(stores: &Stores, tenant: &Tenant) -> IssuedKey {
    service(stores).create(&tenant.ctx, &tenant.scope, reading()).await.unwrap()
}

async fn enter(stores: &Stores, issued: &IssuedKey) -> Option<WorkspaceScope> {
    let login = service(stores).authenticate(issued.text.expose_secret()).await.unwrap();
    login.map(|login| login.scope)
}

async fn event_types(stores: &Stores, scope: &WorkspaceScope) -> Vec<String> {
    let events = stores.events.list_after(scope, 0, 100).await.unwrap();
    events.into_iter().map(|event| event.event_type).collect()
}

pub async fn a_program_comes_in_with_its_key_until_that_ends(stores: Stores) {
    let Maker { tenant, .. } = maker(&stores).await;
    let (issued, keys) = (issue(&stores, &tenant).await, service(&stores));
    let scope = enter(&stores, &issued).await.unwrap();
    assert_eq!((scope.workspace(), scope.role()), (tenant.scope.workspace(), Role::Admin), "never an owner");
    assert_eq!(scope.actor(), kernel::Actor::ApiKey(issued.key.id));
    assert_eq!(scope.require(Area::Campaigns.read()), Ok(()));
    assert!(matches!(scope.require(Area::Campaigns.write()), Err(Denied::Scope(_))));
    assert!(issued.text.expose_secret().starts_with(&issued.key.prefix));

    let mut uses = Vec::new();
    for seconds in [0, 30, 30] {
        stores.clock.advance(Duration::from_secs(seconds));
        let login = keys.authenticate(issued.text.expose_secret()).await.unwrap().unwrap();
        if login.is_news {
            keys.note_use(login.key).await.unwrap();
        }
        let listed = keys.list(&tenant.scope, &PageRequest::default()).await.unwrap().items;
        uses.push(listed[0].last_used_at.map(|at| stores.env.now().since(at).as_secs()));
    }
    assert_eq!(uses, [Some(0), Some(30), Some(0)], "noted once a minute");

    for _ in 0..2 {
        keys.revoke(&tenant.ctx, &tenant.scope, issued.key.id).await.unwrap();
        assert_eq!(enter(&stores, &issued).await, None);
    }
    let told = event_types(&stores, &tenant.scope).await;
    assert_eq!(told, ["api_key.created", "api_key.revoked"], "revoked once");
    let unknown = keys.revoke(&tenant.ctx, &tenant.scope, stores.env.id()).await;
    assert_eq!(unknown, Err(Error::NotFound));
    let other = maker(&stores).await;
    let foreign = keys.revoke(&other.tenant.ctx, &other.tenant.scope, issued.key.id).await;
    assert_eq!(foreign, Err(Error::NotFound), "as an unknown one");
}

pub async fn a_key_ends_when_its_time_runs_out(stores: Stores) {
    let Maker { tenant, .. } = maker(&stores).await;
    let at = stores.env.now().plus(Duration::from_secs(60));
    let short = CreateApiKey { expires_at: Some(at), ..reading() };
    let issued = service(&stores).create(&tenant.ctx, &tenant.scope, short).await.unwrap();
    stores.clock.advance(Duration::from_secs(60) - Duration::from_micros(1));
    assert!(enter(&stores, &issued).await.is_some());
    stores.clock.advance(Duration::from_micros(1));
    assert_eq!(enter(&stores, &issued).await, None);
}

pub async fn a_repeated_making_shows_the_same_key_and_stores_none(stores: Stores) {
    let Maker { tenant, .. } = maker(&stores).await;
    let caller = format!("{} POST /api-keys", tenant.scope.workspace());
    let key = IdempotencyKey { caller, key: "once".into(), request_hash: "body".into() };
    let ctx = CallContext { idempotency: Some(key.clone()), ..tenant.ctx.clone() };
    let keys = service(&stores);
    let first = keys.create(&ctx, &tenant.scope, reading()).await.unwrap();
    let second = keys.create(&ctx, &tenant.scope, reading()).await.unwrap();
    let text = first.text.expose_secret();
    assert_eq!((&second.key, second.text.expose_secret()), (&first.key, text));
    assert!(enter(&stores, &second).await.is_some());
    assert_eq!(keys.list(&tenant.scope, &PageRequest::default()).await.unwrap().items.len(), 1);

    let now = stores.env.now();
    let stored: StoreResult<_> =
        stores.workspace.run(&tenant.scope, async |tx| tx.idempotency().claim(&key, now).await).await;
    let stored = stored.unwrap().unwrap().to_string();
    let told = format!("{:?}", stores.events.list_after(&tenant.scope, 0, 100).await.unwrap());
    let secret = text.strip_prefix(first.key.prefix.as_str()).unwrap();
    assert!(!stored.contains(secret) && !told.contains(secret), "the key is nowhere but with its holder");
}

pub async fn a_key_acts_with_the_present_role_of_its_maker(stores: Stores) {
    let Maker { tenant, .. } = maker(&stores).await;
    let demoted = stored(&stores).await.user.id;
    join(&stores, &tenant.scope, demoted, Role::Member, stores.env.now()).await;
    let keys = service(&stores);
    let as_admin = WorkspaceScope::for_test(tenant.scope.workspace(), demoted, Role::Admin);
    let all = KeyScope::all().map(|scope| scope.to_string()).collect();
    let input = CreateApiKey { scopes: all, ..reading() };
    let issued = keys.create(&kernel::testing::call_by(demoted), &as_admin, input).await.unwrap();
    let scope = enter(&stores, &issued).await.unwrap();
    assert_eq!(scope.role(), Role::Member);
    assert_eq!(scope.require(Area::Workspaces.write().by(Role::Admin)), Err(Denied::Role(Role::Admin)));
    assert_eq!(scope.require(Area::Campaigns.write()), Ok(()));
}

pub async fn a_key_ends_with_the_account_and_the_workspace_of_its_maker(stores: Stores) {
    let Maker { tenant, person, .. } = maker(&stores).await;
    let issued = issue(&stores, &tenant).await;
    put_in(&stores, &person, UserStatus::Banned).await;
    assert_eq!(enter(&stores, &issued).await, None);

    let gone = maker(&stores).await;
    let issued = issue(&stores, &gone.tenant).await;
    delete(&stores, &gone.tenant, gone.workspace).await;
    assert_eq!(enter(&stores, &issued).await, None);

    for text in ["", "rf_", "rf_abc", "rfr_abc", issued.key.prefix.as_str()] {
        assert_eq!(service(&stores).authenticate(text).await, Ok(None), "{text:?}");
    }
}

pub async fn a_workspace_has_a_bounded_number_of_live_keys(stores: Stores) {
    let Maker { tenant, person, .. } = maker(&stores).await;
    for _ in 1..ApiKey::MOST {
        insert(&stores, &tenant, &key_of(&stores, tenant.scope.workspace(), person.user.id)).await;
    }
    let last = issue(&stores, &tenant).await;
    let keys = service(&stores);
    let refused = keys.create(&tenant.ctx, &tenant.scope, reading()).await.map(drop);
    assert_eq!(refused, Err(Error::TooManyKeys));
    keys.revoke(&tenant.ctx, &tenant.scope, last.key.id).await.unwrap();
    issue(&stores, &tenant).await;
}

pub async fn only_admins_manage_keys_and_no_key_does(stores: Stores) {
    let Maker { tenant, person, .. } = maker(&stores).await;
    let issued = issue(&stores, &tenant).await;
    let workspace = tenant.scope.workspace();
    let member = WorkspaceScope::for_test(workspace, person.user.id, Role::Member);
    let program = WorkspaceScope::for_api_key(
        issued.key.id,
        workspace,
        Role::Owner,
        KeyScopes::new(KeyScope::all()).unwrap(),
    );
    let keys = service(&stores);
    for scope in [member, program] {
        let made = keys.create(&tenant.ctx, &scope, reading()).await.map(drop);
        let listed = keys.list(&scope, &PageRequest::default()).await.map(drop);
        let revoked = keys.revoke(&tenant.ctx, &scope, issued.key.id).await;
        for refused in [made, listed, revoked] {
            assert!(matches!(refused, Err(Error::Denied(_))), "{refused:?}");
        }
    }
    assert!(enter(&stores, &issued).await.is_some());
}
