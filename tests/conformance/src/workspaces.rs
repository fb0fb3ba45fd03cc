//! Workspaces, and the lists that a person sees of them.

use crate::{Stores, Tenant};
use futures_util::future::join_all;
use kernel::{
    CallContext, IdempotencyKey, Limit, PageRequest, Role, StoreError, TimeZone, Timestamp, UserId,
    UserScope, WorkspaceScope,
};
use serde_json::json;
use std::time::Duration;
use workspace::{
    Membership, MyWorkspace, Settings, Slug, Workspace, WorkspaceInput, WorkspaceStatus,
    services::{CreateWorkspace, WorkspaceService},
};

#[macro_export]
macro_rules! workspace_cases {
    ($open:path) => {
        $crate::cases!(workspaces, $open;
            a_workspace_comes_back_as_it_went_in,
            a_workspace_is_not_made_twice,
            a_stale_workspace_is_not_saved,
            parallel_changes_of_a_workspace_wait_for_each_other,
            a_deleted_workspace_is_like_one_that_never_was,
            my_workspaces_come_by_joining_then_id,
            slugs_of_a_person_are_those_of_their_other_live_workspaces,
            another_tenants_workspace_is_out_of_reach,
            a_repeated_creation_makes_one_workspace,
            parallel_twins_make_one_workspace,
            parallel_workspaces_of_a_person_do_not_share_a_slug,
        );
    };
}

pub fn active(stores: &Stores, scope: &WorkspaceScope, slug: &str) -> Workspace {
    Workspace {
        id: scope.workspace(),
        name: "Ünïcode & Söhne “GmbH”".into(),
        slug: Slug::parse(slug).unwrap(),
        time_zone: TimeZone::parse("Asia/Kolkata").unwrap(),
        settings: Settings::parse(json!({"theme": "dark", "columns": [1, null, 0.5, {"ü": "\n"}]})).unwrap(),
        status: WorkspaceStatus::Active,
        version: 1,
        created_at: stores.env.now(),
        updated_at: stores.env.now(),
    }
}

pub async fn join(stores: &Stores, scope: &WorkspaceScope, user: UserId, role: Role, joined_at: Timestamp) {
    let membership = Membership { workspace_id: scope.workspace(), user_id: user, role, joined_at };
    let joined: Result<(), StoreError> =
        stores.workspace.run(scope, async |tx| tx.memberships().insert(&membership).await).await;
    joined.unwrap();
}

/// The tenant's workspace with the tenant as its owner.
pub async fn found(stores: &Stores, tenant: &Tenant, slug: &str) -> Workspace {
    let workspace = active(stores, &tenant.scope, slug);
    let made: Result<(), StoreError> =
        stores.workspace.run(&tenant.scope, async |tx| tx.workspaces().insert(&workspace).await).await;
    made.unwrap();
    join(stores, &tenant.scope, user(tenant), Role::Owner, stores.env.now()).await;
    workspace
}

pub async fn delete(stores: &Stores, tenant: &Tenant, mut workspace: Workspace) {
    workspace.status = workspace.status.transition(WorkspaceInput::Delete).unwrap();
    workspace.version += 1;
    save(stores, &tenant.scope, &workspace, workspace.version - 1).await.unwrap();
}

pub fn user(tenant: &Tenant) -> UserId {
    tenant.ctx.actor.user().unwrap()
}

fn own(tenant: &Tenant) -> UserScope {
    UserScope::of(&tenant.ctx).unwrap()
}

async fn save(
    stores: &Stores,
    scope: &WorkspaceScope,
    workspace: &Workspace,
    expected: i32,
) -> Result<(), StoreError> {
    stores.workspace.run(scope, async |tx| tx.workspaces().save(workspace, expected).await).await
}

async fn found_in_unit(stores: &Stores, scope: &WorkspaceScope) -> Option<Workspace> {
    let found: Result<_, StoreError> =
        stores.workspace.run(scope, async |tx| tx.workspaces().find().await).await;
    found.unwrap()
}

async fn slugs(stores: &Stores, tenant: &Tenant) -> Vec<String> {
    let slugs: Result<_, StoreError> =
        stores.workspace.run(&tenant.scope, async |tx| tx.workspaces().slugs_of(user(tenant)).await).await;
    slugs.unwrap().into_iter().map(Into::into).collect()
}

async fn mine(stores: &Stores, tenant: &Tenant) -> Vec<MyWorkspace> {
    stores.workspaces.list_mine(&own(tenant), &PageRequest::default()).await.unwrap().items
}

pub async fn a_workspace_comes_back_as_it_went_in(stores: Stores) {
    let me = stores.tenant();
    let mut workspace = found(&stores, &me, "acme-2").await;
    assert_eq!(stores.workspaces.find(&me.scope).await.unwrap().as_ref(), Some(&workspace));
    assert_eq!(found_in_unit(&stores, &me.scope).await.as_ref(), Some(&workspace));
    stores.clock.advance(Duration::from_micros(1));
    workspace.name = "Renamed".into();
    workspace.slug = Slug::parse("renamed").unwrap();
    workspace.time_zone = TimeZone::utc();
    workspace.settings = Settings::default();
    workspace.version = 2;
    workspace.updated_at = stores.env.now();
    save(&stores, &me.scope, &workspace, 1).await.unwrap();
    assert_eq!(stores.workspaces.find(&me.scope).await.unwrap(), Some(workspace));
}

pub async fn a_workspace_is_not_made_twice(stores: Stores) {
    let me = stores.tenant();
    let workspace = found(&stores, &me, "acme").await;
    let twice: Result<(), StoreError> =
        stores.workspace.run(&me.scope, async |tx| tx.workspaces().insert(&workspace).await).await;
    assert!(matches!(twice, Err(StoreError::Conflict(_))), "{twice:?}");
}

pub async fn a_stale_workspace_is_not_saved(stores: Stores) {
    let me = stores.tenant();
    let stored = found(&stores, &me, "acme").await;
    let changed = Workspace { name: "changed".into(), version: 8, ..stored.clone() };
    assert_eq!(save(&stores, &me.scope, &changed, 7).await, Err(StoreError::Stale));
    assert_eq!(stores.workspaces.find(&me.scope).await.unwrap(), Some(stored));
}

pub async fn parallel_changes_of_a_workspace_wait_for_each_other(stores: Stores) {
    let me = stores.tenant();
    found(&stores, &me, "acme").await;
    let changes = (0..10).map(|_| async {
        let changed: Result<(), StoreError> = stores
            .workspace
            .run(&me.scope, async |tx| {
                let mut workspace = tx.workspaces().find().await?.ok_or(StoreError::Stale)?;
                workspace.version += 1;
                tx.workspaces().save(&workspace, workspace.version - 1).await
            })
            .await;
        changed.unwrap();
    });
    join_all(changes).await;
    assert_eq!(stores.workspaces.find(&me.scope).await.unwrap().unwrap().version, 11);
}

pub async fn a_deleted_workspace_is_like_one_that_never_was(stores: Stores) {
    let me = stores.tenant();
    let workspace = found(&stores, &me, "acme").await;
    delete(&stores, &me, workspace).await;
    assert_eq!(stores.workspaces.find(&me.scope).await.unwrap(), None);
    assert_eq!(found_in_unit(&stores, &me.scope).await, None);
    assert_eq!(mine(&stores, &me).await, []);
    assert_eq!(stores.workspaces.first_of(&own(&me)).await.unwrap(), None);
    assert_eq!(stores.memberships.role_of(user(&me), me.scope.workspace()).await.unwrap(), None);
}

pub async fn my_workspaces_come_by_joining_then_id(stores: Stores) {
    let me = stores.tenant();
    let now = stores.env.now();
    let mut expected = Vec::new();
    for (index, later) in [3, 1, 1, 2, 1].into_iter().enumerate() {
        let other = stores.tenant();
        let workspace = found(&stores, &other, &format!("slug-{index}")).await;
        let (role, joined_at) = (Role::ALL[index % 3], now.plus(Duration::from_secs(later)));
        join(&stores, &other.scope, user(&me), role, joined_at).await;
        expected.push(MyWorkspace { workspace, role, joined_at });
    }
    expected.sort_by_key(MyWorkspace::key);
    let (mut seen, mut request) = (Vec::new(), PageRequest { limit: Limit::new(2).unwrap(), after: None });
    loop {
        let page = stores.workspaces.list_mine(&own(&me), &request).await.unwrap();
        seen.extend(page.items);
        let Some(next) = page.next else { break };
        request.after = Some(next);
    }
    assert_eq!(seen, expected);
    for _ in 0..3 {
        let first = stores.workspaces.first_of(&own(&me)).await.unwrap();
        assert_eq!(first.as_ref(), Some(&expected[0]), "the oldest membership, ties by id");
    }
}

pub async fn slugs_of_a_person_are_those_of_their_other_live_workspaces(stores: Stores) {
    let me = stores.tenant();
    found(&stores, &me, "here").await;
    let (there, gone, foreign) = (stores.tenant(), stores.tenant(), stores.tenant());
    found(&stores, &there, "there").await;
    let dead = found(&stores, &gone, "gone").await;
    found(&stores, &foreign, "foreign").await;
    for joined in [&there, &gone] {
        join(&stores, &joined.scope, user(&me), Role::Member, stores.env.now()).await;
    }
    delete(&stores, &gone, dead).await;
    assert_eq!(slugs(&stores, &me).await, ["there"]);
    let new = Tenant { scope: WorkspaceScope::for_creation(user(&me), stores.env.id()), ctx: me.ctx.clone() };
    let mut all = slugs(&stores, &new).await;
    all.sort();
    assert_eq!(all, ["here", "there"], "also before the new workspace is there");
}

pub async fn another_tenants_workspace_is_out_of_reach(stores: Stores) {
    let (me, they) = (stores.tenant(), stores.tenant());
    let theirs = found(&stores, &they, "theirs").await;
    assert_eq!(stores.workspaces.find(&me.scope).await.unwrap(), None);
    assert_eq!(found_in_unit(&stores, &me.scope).await, None);
    let taken_over = Workspace { name: "mine now".into(), version: 2, ..theirs.clone() };
    assert_eq!(save(&stores, &me.scope, &taken_over, 1).await, Err(StoreError::Stale));
    found(&stores, &me, "mine").await;
    assert_eq!(save(&stores, &me.scope, &taken_over, 1).await, Err(StoreError::Stale));
    assert_eq!(stores.workspaces.find(&they.scope).await.unwrap(), Some(theirs));
    assert_eq!(mine(&stores, &me).await.len(), 1);
    assert_eq!(slugs(&stores, &me).await, [""; 0]);
}

fn keyed(ctx: &CallContext) -> CallContext {
    let caller = format!("{:?} POST /workspaces", ctx.actor);
    let key = IdempotencyKey { caller, key: "once".into(), request_hash: "body".into() };
    CallContext { idempotency: Some(key), ..ctx.clone() }
}

async fn create(stores: &Stores, me: &Tenant, name: String) -> workspace::Result<MyWorkspace> {
    let service =
        WorkspaceService::new(stores.workspace.clone(), stores.workspaces.clone(), stores.env.clone());
    let input = CreateWorkspace { name, ..CreateWorkspace::default() };
    service.create(&keyed(&me.ctx), &own(me), input).await
}

pub async fn a_repeated_creation_makes_one_workspace(stores: Stores) {
    let (me, stranger) = (stores.tenant(), stores.tenant());
    let first = create(&stores, &me, "Acme".into()).await.unwrap();
    let second = create(&stores, &me, "Acme".into()).await.unwrap();
    assert_eq!((&second, first.role), (&first, Role::Owner));
    assert_eq!(mine(&stores, &me).await, std::slice::from_ref(&first));
    let scope = WorkspaceScope::authorise(&*stores.memberships, &me.ctx, first.workspace.id).await.unwrap();
    assert_eq!(stores.events.list_after(&scope, 0, 10).await.unwrap().len(), 1);
    let theirs = create(&stores, &stranger, "Acme".into()).await.unwrap();
    assert_ne!(theirs.workspace.id, first.workspace.id, "a stranger's equal key is another key");
}

pub async fn parallel_twins_make_one_workspace(stores: Stores) {
    let me = stores.tenant();
    let answers = join_all((0..10).map(|n| create(&stores, &me, format!("Twin {n}")))).await;
    let made = mine(&stores, &me).await;
    assert_eq!(made.len(), 1);
    for answer in &answers {
        let fine = matches!(answer, Ok(twin) if *twin == made[0])
            || matches!(answer, Err(workspace::Error::Store(StoreError::InFlight)));
        assert!(fine, "{answer:?}");
    }
    assert!(answers.iter().any(Result::is_ok));
}

pub async fn parallel_workspaces_of_a_person_do_not_share_a_slug(stores: Stores) {
    let me = stores.tenant();
    let service =
        WorkspaceService::new(stores.workspace.clone(), stores.workspaces.clone(), stores.env.clone());
    let input = CreateWorkspace { name: "Acme".into(), slug: Some("acme".into()), time_zone: None };
    let caller = own(&me);
    let answers = join_all((0..8).map(|_| service.create(&me.ctx, &caller, input.clone()))).await;
    let refused = answers.iter().filter(|answer| matches!(answer, Err(workspace::Error::SlugTaken))).count();
    assert_eq!(answers.iter().filter(|answer| answer.is_ok()).count(), 1, "{answers:?}");
    assert_eq!(refused, 7, "{answers:?}");
    let made: Vec<String> = mine(&stores, &me).await.into_iter().map(|m| m.workspace.slug.into()).collect();
    assert_eq!(made, ["acme"]);
}
