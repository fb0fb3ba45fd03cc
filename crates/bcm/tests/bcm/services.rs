//! The use cases, as people walk through them.

use crate::rivals::Rivals;
use crate::tea_shop::{answers, brief};
use bcm::ports::BcmUow;
use bcm::services::{
    ContextService, FinaliseService, Finalised, FoundationService, IcpService, OnboardingService,
};
use bcm::{
    ContextDocument, ContextSource, ContextVersion, Error, Integrity, OnboardingSession, StepKey,
    VersionNote, events, split_brief,
};
use kernel::testing::{environment, owner_of_new_workspace};
use kernel::{
    CallContext, Environment, Event, EventReader, IdempotencyKey, Limit, PageRequest, StoreError,
    StoreResult, WorkspaceScope,
};
use serde_json::json;
use std::sync::Arc;

struct World {
    store: memory::Store,
    rivals: Arc<Rivals>,
    env: Environment,
    scope: WorkspaceScope,
    ctx: CallContext,
    onboarding: OnboardingService,
    finalising: FinaliseService,
    contexts: ContextService,
    foundations: FoundationService,
    icps: IcpService,
}

impl World {
    fn new() -> Self {
        let (env, _) = environment();
        let store = memory::Store::default();
        let shared = Arc::new(store.clone());
        let rivals = Arc::new(Rivals::over(store.clone()));
        let (scope, ctx) = owner_of_new_workspace(&env);
        Self {
            onboarding: OnboardingService::new(rivals.clone(), shared.clone(), env.clone()),
            finalising: FinaliseService::new(rivals.clone(), env.clone()),
            contexts: ContextService::new(shared.clone()),
            foundations: FoundationService::new(shared.clone()),
            icps: IcpService::new(shared),
            store,
            rivals,
            env,
            scope,
            ctx,
        }
    }

    async fn start(&self) -> OnboardingSession {
        self.onboarding.start(&self.ctx, &self.scope).await.unwrap().session
    }

    async fn answer(&self, session: &OnboardingSession, step: StepKey, answers: &serde_json::Value) {
        let (ctx, scope, id) = (&self.ctx, &self.scope, session.id);
        self.onboarding.save_answers(ctx, scope, id, step, answers, None).await.unwrap();
        self.onboarding.complete(ctx, scope, id, step, None).await.unwrap();
    }

    /// A session with the whole brief in it.
    async fn answered(&self) -> OnboardingSession {
        let session = self.start().await;
        for (step, answers) in split_brief(&brief()).unwrap().answers {
            self.answer(&session, step, &answers).await;
        }
        session
    }

    async fn finalise(&self, session: &OnboardingSession) -> Finalised {
        self.finalising.finalise(&self.ctx, &self.scope, session.id).await.unwrap()
    }

    async fn events(&self) -> Vec<Event> {
        self.store.list_after(&self.scope, 0, 100).await.unwrap()
    }

    async fn told(&self) -> Vec<String> {
        self.events().await.into_iter().map(|event| event.event_type).collect()
    }
}

#[tokio::test]
async fn starting_again_gives_the_open_session() {
    let world = World::new();
    let first = world.onboarding.start(&world.ctx, &world.scope).await.unwrap();
    let second = world.onboarding.start(&world.ctx, &world.scope).await.unwrap();
    assert_eq!((first.new, second.new), (true, false));
    assert_eq!(first.session, second.session);
    assert_eq!(world.told().await, [events::ONBOARDING_STARTED]);
}

#[tokio::test]
async fn a_start_that_is_repeated_with_its_key_gets_the_first_answer() {
    let mut world = World::new();
    let key = |key: &str| IdempotencyKey { caller: "me".into(), key: key.into(), request_hash: "x".into() };
    world.ctx.idempotency = Some(key("one"));
    let first = world.onboarding.start(&world.ctx, &world.scope).await.unwrap();
    let again = world.onboarding.start(&world.ctx, &world.scope).await.unwrap();
    assert!(again.new, "the answer of the first time");
    assert_eq!(first, again);
    world.ctx.idempotency = Some(key("two"));
    assert!(!world.onboarding.start(&world.ctx, &world.scope).await.unwrap().new);
}

#[tokio::test]
async fn a_whole_walk_ends_in_foundation_profiles_and_the_first_version() {
    let world = World::new();
    let session = world.answered().await;
    let done = world.finalise(&session).await;
    assert_eq!(done.foundation, world.foundations.get(&world.scope).await.unwrap());
    assert_eq!(done.foundation.content.company.name, "Leaf & Ladder");
    let icps = world.icps.list(&world.scope, &PageRequest::default()).await.unwrap().items;
    assert_eq!(done.icps, icps);
    assert_eq!(world.icps.get(&world.scope, icps[1].id).await.unwrap().profile.name, "Finn Finance");
    assert_eq!(done.version, world.contexts.current(&world.scope).await.unwrap());
    assert_eq!(done.version, world.contexts.get_version(&world.scope, 1).await.unwrap());
    let document = ContextDocument::compile(&done.foundation.content, &icps);
    assert_eq!(done.version.read_document().unwrap(), document);
    assert_eq!((done.version.completeness, done.version.author), (100, world.ctx.actor));
    let info = world.contexts.info(&world.scope).await.unwrap();
    assert_eq!((info.current.number, info.icps, info.gaps.len()), (1, 2, 0));
    let integrity = world.contexts.integrity(&world.scope).await.unwrap();
    assert_eq!(integrity, Integrity { ok: true, checked_versions: 1, first_broken_version: None });
}

#[tokio::test]
async fn each_change_tells_its_fact_and_the_last_one_names_the_workspace() {
    let world = World::new();
    let session = world.answered().await;
    let done = world.finalise(&session).await;
    let told = world.told().await;
    assert_eq!(told.len(), 1 + 8 * 2 + 2);
    assert_eq!(
        told[..3],
        [events::ONBOARDING_STARTED, events::ONBOARDING_STEP_SAVED, events::ONBOARDING_STEP_COMPLETED]
    );
    assert_eq!(told[17..], [events::CONTEXT_VERSION_CREATED, events::ONBOARDING_FINALIZED]);
    let told = world.events().await;
    assert_eq!(told[2].payload, json!({"step": "company", "progress": 12}));
    assert_eq!(
        told[17].payload,
        json!({"number": 1, "hash": done.version.hash, "source": "onboarding", "completeness": 100})
    );
    assert_eq!(
        told[18].payload,
        json!({"workspace_name": "Leaf & Ladder", "time_zone": "Europe/London", "context_version": 1})
    );
    assert_eq!(told[18].subject_id, session.id.uuid());
}

#[tokio::test]
async fn finalising_twice_answers_the_same_and_changes_nothing() {
    let world = World::new();
    let session = world.answered().await;
    let first = world.finalise(&session).await;
    let told = world.told().await.len();
    assert_eq!(world.finalise(&session).await, first);
    assert_eq!(world.told().await.len(), told);
    let versions = world.contexts.list_versions(&world.scope, &PageRequest::default()).await.unwrap();
    assert_eq!(versions.items.len(), 1);
    let late = world.onboarding.complete(&world.ctx, &world.scope, session.id, StepKey::Voice, None).await;
    assert_eq!(late, Err(Error::Finalised));
}

#[tokio::test]
async fn an_incomplete_walk_is_not_finalised_and_leaves_nothing() {
    let world = World::new();
    let session = world.start().await;
    world.answer(&session, StepKey::Company, &answers(StepKey::Company)).await;
    let refused = world.finalising.finalise(&world.ctx, &world.scope, session.id).await;
    assert_eq!(refused, Err(Error::Incomplete(vec![StepKey::Offer, StepKey::Audience])));
    assert_eq!(world.foundations.get(&world.scope).await, Err(Error::NotFound));
    assert_eq!(world.contexts.current(&world.scope).await, Err(Error::NotFound));
}

#[tokio::test]
async fn a_later_walk_replaces_the_foundation_and_adds_a_version() {
    let world = World::new();
    let first = world.finalise(&world.answered().await).await;
    let session = world.start().await;
    assert_eq!(session.progress(), 0, "a new session");
    world.answer(&session, StepKey::Company, &json!({"name": "Leaf"})).await;
    world.answer(&session, StepKey::Offer, &json!({"summary": "Tea"})).await;
    world
        .answer(&session, StepKey::Audience, &json!([{"name": "Ida Intern"}, {"name": "Olive Office"}]))
        .await;
    let second = world.finalise(&session).await;
    assert_eq!((second.foundation.id, second.foundation.version), (first.foundation.id, 2));
    let names: Vec<&str> = second.icps.iter().map(|icp| icp.profile.name.as_str()).collect();
    assert_eq!(names, ["Ida Intern", "Olive Office"]);
    assert_eq!((second.icps[1].id, second.icps[1].version), (first.icps[0].id, 2), "Olive is still Olive");
    assert_eq!(world.icps.get(&world.scope, first.icps[1].id).await, Err(Error::NotFound));
    assert_eq!((second.version.number, second.version.previous_hash), (2, Some(first.version.hash)));
    assert!(world.contexts.integrity(&world.scope).await.unwrap().ok);
    let one = PageRequest { limit: Limit::new(1).unwrap(), after: None };
    let page = world.contexts.list_versions(&world.scope, &one).await.unwrap();
    assert_eq!((page.items[0].number, page.next), (2, Some(2)));
}

#[tokio::test]
async fn progress_is_known_before_during_and_after() {
    let world = World::new();
    let before = world.onboarding.progress(&world.scope).await.unwrap();
    assert_eq!((before.session_id, before.percent, before.remaining.len()), (None, 0, 8));
    let session = world.start().await;
    world.answer(&session, StepKey::Company, &answers(StepKey::Company)).await;
    let during = world.onboarding.progress(&world.scope).await.unwrap();
    assert_eq!(
        (during.percent, during.current_step, during.completed),
        (12, StepKey::Offer, vec![StepKey::Company])
    );
    let session = world.answered().await;
    world.finalise(&session).await;
    let after = world.onboarding.progress(&world.scope).await.unwrap();
    assert_eq!((after.session_id, after.percent, after.finalised), (Some(session.id), 100, true));
}

#[tokio::test]
async fn whoever_names_an_old_version_is_told_so_and_nothing_is_written() {
    let world = World::new();
    let session = world.start().await;
    world.answer(&session, StepKey::Company, &answers(StepKey::Company)).await;
    let (ctx, scope, told) = (&world.ctx, &world.scope, world.told().await.len());
    let stale = Err(Error::Store(StoreError::Stale));
    assert_eq!(world.onboarding.complete(ctx, scope, session.id, StepKey::Voice, Some(1)).await, stale);
    assert_eq!(world.told().await.len(), told);
    let saved = world.onboarding.complete(ctx, scope, session.id, StepKey::Voice, Some(3)).await.unwrap();
    assert_eq!(saved.version, 4);
}

#[tokio::test]
async fn whoever_names_no_version_is_not_bothered_by_a_faster_unit() {
    let world = World::new();
    world.rivals.win(3);
    let session = world.start().await;
    world.rivals.win(3);
    world.answer(&session, StepKey::Company, &answers(StepKey::Company)).await;
    assert_eq!(world.told().await.len(), 3, "the lost attempts told nothing");
    world.rivals.win(4);
    let beaten = world.onboarding.complete(&world.ctx, &world.scope, session.id, StepKey::Voice, None).await;
    assert_eq!(beaten, Err(Error::Store(StoreError::Stale)), "it gives up in the end");
    world.rivals.win(1);
    let with_version =
        world.onboarding.complete(&world.ctx, &world.scope, session.id, StepKey::Voice, Some(3)).await;
    assert_eq!(with_version, Err(Error::Store(StoreError::Stale)), "a named version is not tried again");
}

#[tokio::test]
async fn profiles_exist_all_or_not_all() {
    let world = World::new();
    let done = world.finalise(&world.answered().await).await;
    let (olive, finn) = (done.icps[0].id, done.icps[1].id);
    assert!(world.icps.all_exist(&world.scope, &[olive, finn, olive]).await.unwrap());
    assert!(!world.icps.all_exist(&world.scope, &[olive, world.env.id()]).await.unwrap());
    let (stranger, _) = owner_of_new_workspace(&world.env);
    assert!(!world.icps.all_exist(&stranger, &[olive]).await.unwrap());
}

#[tokio::test]
async fn another_workspace_sees_nothing_of_it() {
    let world = World::new();
    let session = world.answered().await;
    let done = world.finalise(&session).await;
    let (stranger, ctx) = owner_of_new_workspace(&world.env);
    let save =
        world.onboarding.save_answers(&ctx, &stranger, session.id, StepKey::Voice, &json!({}), None).await;
    assert_eq!(save, Err(Error::NotFound));
    assert_eq!(world.onboarding.get(&stranger, session.id).await, Err(Error::NotFound));
    assert_eq!(world.finalising.finalise(&ctx, &stranger, session.id).await, Err(Error::NotFound));
    assert_eq!(world.icps.get(&stranger, done.icps[0].id).await, Err(Error::NotFound));
    assert_eq!(world.contexts.get_version(&stranger, 1).await, Err(Error::NotFound));
    assert_eq!(world.contexts.integrity(&stranger).await.unwrap().checked_versions, 0);
}

/// A workspace's chain of 120 versions, in which `tamper` may have changed some before they were stored.
async fn store_chain(world: &World, tamper: impl FnOnce(&mut [ContextVersion])) -> WorkspaceScope {
    let (scope, ctx) = owner_of_new_workspace(&world.env);
    let mut versions: Vec<ContextVersion> = Vec::new();
    for _ in 0..120 {
        let note = VersionNote {
            source: ContextSource::Edit,
            reason: "another".to_owned(),
            author: ctx.actor,
            at: world.env.now(),
        };
        let (id, document) = (world.env.id(), ContextDocument::default());
        let next = ContextVersion::following(versions.last(), id, scope.workspace(), &document, note);
        versions.push(next.unwrap());
    }
    tamper(&mut versions);
    let uow: Arc<BcmUow> = world.rivals.clone();
    let stored: StoreResult<()> = uow
        .run(&scope, async |tx| {
            for version in &versions {
                tx.contexts().append(version).await?;
            }
            Ok(())
        })
        .await;
    stored.unwrap();
    scope
}

#[tokio::test]
async fn integrity_walks_the_whole_chain_and_finds_the_one_that_was_changed() {
    let world = World::new();
    let untouched = store_chain(&world, |_| {}).await;
    let whole = world.contexts.integrity(&untouched).await.unwrap();
    assert_eq!(whole, Integrity { ok: true, checked_versions: 120, first_broken_version: None });
    let changed = store_chain(&world, |versions| versions[76].document = "{}".to_owned()).await;
    let broken = world.contexts.integrity(&changed).await.unwrap();
    assert_eq!(broken, Integrity { ok: false, checked_versions: 120, first_broken_version: Some(77) });
}
