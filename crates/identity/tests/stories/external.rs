//! Coming in by another service's word.

use crate::world::{ADA, PASSWORD, World};
use async_trait::async_trait;
use identity::{
    EmailAddress, ExternalClaims, ExternalSubject, IdentityError, UserStatus,
    ports::{ExternalTokenError, ExternalTokens},
    services::{Authenticated, SessionService},
};
use kernel::{Environment, Timestamp};
use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

/// A service whose tokens are `project/subject/address`, valid for an hour; it can be away.
struct Project {
    env: Environment,
    is_away: AtomicBool,
    authenticated_at: Option<Timestamp>,
}

#[async_trait]
impl ExternalTokens for Project {
    async fn verify(&self, token: &str) -> Result<ExternalClaims, ExternalTokenError> {
        if self.is_away.load(Ordering::SeqCst) {
            return Err(ExternalTokenError::Unavailable);
        }
        let parts = token.strip_prefix("project/").and_then(|token| token.split_once('/'));
        let (subject, email) = parts.ok_or(ExternalTokenError::Invalid("no such token".to_owned()))?;
        Ok(ExternalClaims {
            subject: ExternalSubject::new("https://project.example/auth/v1", subject).unwrap(),
            email: EmailAddress::parse(email).unwrap(),
            display_name: Some("Ada L.".to_owned()),
            authenticated_at: self.authenticated_at,
            expires_at: self.env.now().plus(Duration::from_secs(3_600)),
        })
    }
}

struct Scene {
    world: World,
    project: Arc<Project>,
    sessions: SessionService,
}

impl Scene {
    fn new() -> Self {
        Self::with(None)
    }

    fn with(authenticated_at: Option<Timestamp>) -> Self {
        let world = World::new();
        let is_away = AtomicBool::new(false);
        let project = Arc::new(Project { env: world.env.clone(), is_away, authenticated_at });
        let readers = Arc::new(world.store.memory.clone());
        let sessions = world.sessions.clone().accepting(project.clone(), readers);
        Self { world, project, sessions }
    }

    async fn come(&self, token: &str) -> Result<Authenticated, IdentityError> {
        self.sessions.identify(&self.world.call(), token).await
    }
}

const TOKEN: &str = "project/s1/ada@EXAMPLE.com";

#[tokio::test]
async fn the_first_call_makes_an_account_and_later_ones_find_it() {
    let scene = Scene::new();
    let first = scene.come(TOKEN).await.unwrap();
    assert_eq!((first.session, first.since), (None, Timestamp::from_micros(0)));
    let person = scene.world.store.person(ADA).await;
    assert_eq!(person.user.id, first.user);
    assert_eq!(person.user.email_verified_at, Some(scene.world.env.now()));
    assert_eq!((person.user.password_hash, person.profile.display_name), (None, Some("Ada L.".to_owned())));
    assert_eq!(scene.come("project/s1/moved@example.com").await.unwrap().user, first.user, "by the subject");
    let told = scene.world.store.events().await;
    let types: Vec<&str> = told.iter().map(|event| event.event_type.as_str()).collect();
    assert_eq!(types, ["user.provisioned", "user.identity_linked"]);
    assert_eq!(told[1].payload, serde_json::json!({"issuer": "https://project.example/auth/v1"}));
    let denied = scene.world.log_in(ADA, PASSWORD).await.err();
    assert_eq!(denied, Some(IdentityError::InvalidCredentials), "there is no password");
}

#[tokio::test]
async fn an_account_with_a_proven_address_is_linked_and_keeps_its_password() {
    let scene = Scene::new();
    let member = scene.world.member().await;
    assert_eq!(scene.come(TOKEN).await.unwrap().user, member);
    assert_eq!(scene.world.log_in(ADA, PASSWORD).await.unwrap().account.id, member);
    let types = scene.world.event_types().await;
    assert_eq!(types[2..], ["user.identity_linked", "session.started"]);
}

#[tokio::test]
async fn an_account_that_never_proved_the_address_loses_its_password() {
    let scene = Scene::new();
    let squatter = scene.world.sign_up(ADA).await;
    assert_eq!(scene.come(TOKEN).await.unwrap().user, squatter.id);
    assert_eq!(scene.world.log_in(ADA, PASSWORD).await.err(), Some(IdentityError::InvalidCredentials));
    assert!(scene.world.store.person(ADA).await.user.email_verified_at.is_some());
    let expected = ["user.signed_up", "user.email_verified", "user.password_removed", "user.identity_linked"];
    assert_eq!(scene.world.event_types().await, expected);
}

#[tokio::test]
async fn somebody_who_is_shut_out_stays_out_by_the_first_call_and_by_later_ones() {
    for status in [UserStatus::Banned, UserStatus::Deleted] {
        let scene = Scene::new();
        let member = scene.world.member().await;
        scene.world.store.change_user(member, |user| user.status = status).await;
        assert_eq!(scene.come(TOKEN).await, Err(IdentityError::Unauthenticated), "first, {status:?}");
        assert!(!scene.world.event_types().await.contains(&"user.identity_linked".to_owned()));
        scene.world.store.change_user(member, |user| user.status = UserStatus::Active).await;
        scene.come(TOKEN).await.unwrap();
        scene.world.store.change_user(member, |user| user.status = status).await;
        assert_eq!(scene.come(TOKEN).await, Err(IdentityError::Unauthenticated), "later, {status:?}");
    }
}

#[tokio::test]
async fn a_call_that_is_beaten_to_the_account_finds_it() {
    let scene = Scene::new();
    scene.world.store.is_beaten_once.store(true, Ordering::SeqCst);
    assert!(scene.come(TOKEN).await.is_ok());
    assert_eq!(scene.world.event_types().await.len(), 2);
}

#[tokio::test]
async fn own_tokens_work_beside_and_bad_ones_are_refused() {
    let scene = Scene::new();
    let tokens = scene.world.logged_in().await;
    let own = secrecy::ExposeSecret::expose_secret(&tokens.access.token).to_owned();
    assert!(scene.come(&own).await.unwrap().session.is_some());
    assert_eq!(scene.come("garbage").await, Err(IdentityError::Unauthenticated));
    scene.project.is_away.store(true, Ordering::SeqCst);
    assert!(scene.come(&own).await.is_ok(), "the project is not asked about it");
    assert_eq!(scene.come(TOKEN).await, Err(IdentityError::ProviderAway));
    let alone = scene.world.sessions.identify(&scene.world.call(), TOKEN).await;
    assert_eq!(alone, Err(IdentityError::Unauthenticated), "no project is configured");
}

#[tokio::test]
async fn a_login_is_as_fresh_as_the_project_says_and_never_fresh_when_it_says_nothing() {
    let now = World::new().env.now();
    let fresh = Scene::with(Some(now)).come(TOKEN).await.unwrap();
    assert_eq!(fresh.require_fresh(now), Ok(()));
    let silent = Scene::new().come(TOKEN).await.unwrap();
    assert_eq!(silent.require_fresh(now), Err(IdentityError::FreshAuthenticationRequired));
}

#[tokio::test]
async fn there_is_no_session_to_log_out_of() {
    let scene = Scene::new();
    let caller = scene.come(TOKEN).await.unwrap();
    let refused = scene.sessions.log_out(&scene.world.call(), &caller).await;
    assert_eq!(refused, Err(IdentityError::ExternalLogin));
    assert!(scene.come(TOKEN).await.is_ok());
}
