//! The use cases of workspaces over the memory store.

#![expect(clippy::unwrap_used, reason = "a test says what it expects")]

use kernel::{
    Actor, CallContext, CorrelationId, Environment, Event, EventReader, Failure, IdempotencyKey, Job,
    JobFailure, JobHandler, JobState, Limit, Memberships, PageRequest, Priority, Role, ScopeError, UserScope,
    WorkspaceId, WorkspaceScope,
    testing::{ManualClock, call_by, environment},
};
use memory::Store;
use serde_json::{Value, json};
use std::{sync::Arc, time::Duration};
use workspace::{
    Error, MyWorkspace, events,
    services::{
        CreateWorkspace, ONBOARDING_FINALIZED, OnboardingConsumer, UpdateWorkspace, WorkspaceService,
    },
};

struct World {
    store: Store,
    env: Environment,
    clock: Arc<ManualClock>,
    workspaces: WorkspaceService,
}

impl World {
    fn new() -> Self {
        let (store, (env, clock)) = (Store::default(), environment());
        let workspaces = WorkspaceService::new(Arc::new(store.clone()), Arc::new(store.clone()), env.clone());
        Self { store, env, clock, workspaces }
    }

    fn person(&self) -> (CallContext, UserScope) {
        let ctx = call_by(self.env.id());
        let scope = UserScope::of(&ctx).unwrap();
        (ctx, scope)
    }

    async fn create(&self, (ctx, scope): &(CallContext, UserScope), name: &str) -> MyWorkspace {
        self.clock.advance(Duration::from_secs(1));
        let input = CreateWorkspace { name: name.into(), ..CreateWorkspace::default() };
        self.workspaces.create(ctx, scope, input).await.unwrap()
    }

    async fn authorise(&self, ctx: &CallContext, id: WorkspaceId) -> Result<WorkspaceScope, ScopeError> {
        WorkspaceScope::authorise(&self.store, ctx, id).await
    }

    async fn events(&self, scope: &WorkspaceScope) -> Vec<(String, Value)> {
        let events = EventReader::list_after(&self.store, scope, 0, 100).await.unwrap();
        events.into_iter().map(|event| (event.event_type, event.payload)).collect()
    }
}

#[tokio::test]
async fn the_maker_owns_the_new_workspace_and_its_creation_is_told() {
    let world = World::new();
    let maker = world.person();
    let input =
        CreateWorkspace { name: " Acme Corp ".into(), slug: None, time_zone: Some("Asia/Kolkata".into()) };
    let made = world.workspaces.create(&maker.0, &maker.1, input).await.unwrap();
    assert_eq!((made.workspace.name.as_str(), made.workspace.slug.as_str()), ("Acme Corp", "acme-corp"));
    assert_eq!((made.role, made.workspace.version), (Role::Owner, 1));

    let scope = world.authorise(&maker.0, made.workspace.id).await.unwrap();
    assert_eq!(scope.role(), Role::Owner);
    assert_eq!(world.workspaces.get(&scope).await.unwrap(), made.workspace);
    let told = json!({"name": "Acme Corp", "time_zone": "Asia/Kolkata", "created_by": maker.1.user()});
    assert_eq!(world.events(&scope).await, [(events::WORKSPACE_CREATED.to_owned(), told)]);
}

#[tokio::test]
async fn a_stranger_is_no_member() {
    let world = World::new();
    let made = world.create(&world.person(), "Acme").await;
    let stranger = world.person();
    assert_eq!(world.authorise(&stranger.0, made.workspace.id).await, Err(ScopeError::NotAMember));
    assert_eq!(world.store.role_of(stranger.1.user(), made.workspace.id).await, Ok(None));
}

#[tokio::test]
async fn every_wrong_field_is_named_at_once_and_nothing_is_made() {
    let world = World::new();
    let (ctx, me) = world.person();
    let input = CreateWorkspace {
        name: " ".into(),
        slug: Some("Not A Slug".into()),
        time_zone: Some("Mars/Olympus".into()),
    };
    let error = world.workspaces.create(&ctx, &me, input).await.unwrap_err();
    let named: Vec<_> = error.fields().iter().map(|e| (e.pointer.as_str(), e.code)).collect();
    assert_eq!(named, [("/name", "required"), ("/slug", "malformed"), ("/time_zone", "unknown_time_zone")]);
    assert_eq!(world.workspaces.first_workspace(&me).await.unwrap(), None);
}

#[tokio::test]
async fn slugs_are_unique_among_my_workspaces_and_strangers_do_not_matter() {
    let world = World::new();
    let (me, stranger) = (world.person(), world.person());
    let theirs = world.create(&stranger, "Acme").await;
    let first = world.create(&me, "Acme").await;
    let second = world.create(&me, "Acme!").await;
    let slugs = [&theirs, &first, &second].map(|made| made.workspace.slug.as_str());
    assert_eq!(slugs, ["acme", "acme", "acme-2"]);

    let chosen = |slug: &str| CreateWorkspace {
        name: "Acme".into(),
        slug: Some(slug.into()),
        ..CreateWorkspace::default()
    };
    let taken = world.workspaces.create(&me.0, &me.1, chosen("acme-2")).await.unwrap_err();
    assert_eq!(taken.code().name, "slug_taken");
    assert_eq!(
        world.workspaces.create(&me.0, &me.1, chosen("acme-3")).await.unwrap().workspace.slug.as_str(),
        "acme-3"
    );
}

#[tokio::test]
async fn a_repeated_request_makes_one_workspace() {
    let world = World::new();
    let (mut ctx, me) = world.person();
    ctx.idempotency = Some(IdempotencyKey { caller: "me".into(), key: "k".into(), request_hash: "h".into() });
    let input = CreateWorkspace { name: "Acme".into(), ..CreateWorkspace::default() };
    let first = world.workspaces.create(&ctx, &me, input.clone()).await.unwrap();
    assert_eq!(world.workspaces.create(&ctx, &me, input).await.unwrap(), first);
    assert_eq!(world.workspaces.list_mine(&me, &PageRequest::default()).await.unwrap().items, [first]);
}

#[tokio::test]
async fn my_list_goes_by_the_age_of_my_membership_and_the_first_is_the_default() {
    let world = World::new();
    let me = world.person();
    let mut made = Vec::new();
    for name in ["First", "Second", "Third"] {
        made.push(world.create(&me, name).await);
    }
    world.create(&world.person(), "Not mine").await;
    assert_eq!(world.workspaces.first_workspace(&me.1).await.unwrap().as_ref(), made.first());

    let mut request = PageRequest { limit: Limit::new(2).unwrap(), after: None };
    let page = world.workspaces.list_mine(&me.1, &request).await.unwrap();
    assert_eq!(page.items, made[..2]);
    request.after = page.next;
    let rest = world.workspaces.list_mine(&me.1, &request).await.unwrap();
    assert_eq!((rest.items.as_slice(), rest.next), (&made[2..], None));
}

#[tokio::test]
async fn an_admin_changes_what_is_named_and_only_changes_count() {
    let world = World::new();
    let me = world.person();
    let made = world.create(&me, "Acme").await;
    let scope = world.authorise(&me.0, made.workspace.id).await.unwrap();
    let input = UpdateWorkspace {
        name: Some("Acme Labs".into()),
        settings: Some(json!({"theme": "dark"})),
        ..UpdateWorkspace::default()
    };
    let updated = world.workspaces.update(&me.0, &scope, input.clone(), Some(1)).await.unwrap();
    assert_eq!((updated.name.as_str(), updated.slug.as_str(), updated.version), ("Acme Labs", "acme", 2));
    assert_eq!(world.workspaces.update(&me.0, &scope, input.clone(), Some(2)).await.unwrap(), updated);

    let stale = world.workspaces.update(&me.0, &scope, input, Some(1)).await.unwrap_err();
    assert_eq!(stale.code().name, "stale_version");
    let told = world.events(&scope).await;
    let told: Vec<_> = told.iter().map(|(name, payload)| (name.as_str(), &payload["changed"])).collect();
    assert_eq!(
        told,
        [
            (events::WORKSPACE_CREATED, &Value::Null),
            (events::WORKSPACE_UPDATED, &json!(["name", "settings"]))
        ]
    );
}

#[tokio::test]
async fn a_member_changes_nothing_and_no_slug_of_mine_is_taken_twice() {
    let world = World::new();
    let me = world.person();
    let (first, second) = (world.create(&me, "First").await, world.create(&me, "Second").await);
    let member = WorkspaceScope::for_test(second.workspace.id, me.1.user(), Role::Member);
    let rename = |slug: &str| UpdateWorkspace { slug: Some(slug.into()), ..UpdateWorkspace::default() };
    let denied = world.workspaces.update(&me.0, &member, rename("third"), None).await;
    assert!(matches!(denied, Err(Error::Denied(_))));

    let scope = world.authorise(&me.0, second.workspace.id).await.unwrap();
    let taken = world.workspaces.update(&me.0, &scope, rename(first.workspace.slug.as_str()), None).await;
    assert!(matches!(taken, Err(Error::SlugTaken)));
    assert!(world.workspaces.update(&me.0, &scope, rename("second"), None).await.is_ok());
}

fn finalized(world: &World, workspace: WorkspaceId, payload: Value) -> Job {
    let (now, correlation_id) = (world.env.now(), CorrelationId::parse("onboarding-1").unwrap());
    let event = Event {
        id: world.env.id(),
        event_type: ONBOARDING_FINALIZED.into(),
        version: 1,
        workspace_id: Some(workspace),
        user_id: None,
        number: 2,
        actor: Actor::System,
        subject_kind: "onboarding_session".into(),
        subject_id: world.env.ids.uuid(),
        correlation_id: correlation_id.clone(),
        causation_id: None,
        traceparent: None,
        payload,
        timestamp: now,
    };
    Job {
        id: world.env.id(),
        kind: "workspace.apply_onboarding".into(),
        causation_id: Some(event.id),
        traceparent: None,
        payload: serde_json::to_value(event).unwrap(),
        state: JobState::Running,
        run_at: now,
        priority: Priority::Normal,
        turn: now,
        attempts: 1,
        max_attempts: 5,
        lease_until: None,
        worker: None,
        dedup_key: None,
        workspace_id: Some(workspace),
        actor: Actor::System,
        correlation_id,
        last_error: None,
        created_at: now,
        finished_at: None,
    }
}

#[tokio::test]
async fn onboarding_names_the_time_zone_once_and_never_the_workspace() {
    let world = World::new();
    let me = world.person();
    let made = world.create(&me, "My project").await;
    let scope = world.authorise(&me.0, made.workspace.id).await.unwrap();
    let consumer = OnboardingConsumer::new(world.workspaces.clone());
    for zone in ["Europe/London", "Asia/Kolkata"] {
        let payload = json!({"company_name": "Acme Inc", "time_zone": zone});
        consumer.handle(&finalized(&world, made.workspace.id, payload)).await.unwrap();
        let now = world.workspaces.get(&scope).await.unwrap();
        assert_eq!(
            (now.name.as_str(), now.time_zone.name(), now.version),
            ("My project", "Europe/London", 2)
        );
    }
    let nothing = finalized(&world, made.workspace.id, json!({}));
    assert_eq!(consumer.handle(&nothing).await, Ok(()));
}

#[tokio::test]
async fn an_unreadable_finalisation_is_a_dead_letter() {
    let world = World::new();
    let made = world.create(&world.person(), "Acme").await;
    let consumer = OnboardingConsumer::new(world.workspaces.clone());
    let nonsense = finalized(&world, made.workspace.id, json!({"time_zone": "Mars/Olympus"}));
    let no_event = Job { payload: json!({"time_zone": "Europe/London"}), ..nonsense.clone() };
    let no_tenant = Job { workspace_id: None, ..nonsense.clone() };
    let unknown = finalized(&world, world.env.id(), json!({"time_zone": "Europe/London"}));
    for job in [nonsense, no_event, no_tenant, unknown] {
        assert!(matches!(consumer.handle(&job).await, Err(JobFailure::Permanent(_))));
    }
}
