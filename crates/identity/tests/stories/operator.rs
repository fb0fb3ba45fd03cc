//! What whoever runs the service does from the command line.

use crate::world::{ADA, World};
use identity::{
    PlatformRole, SecretName, UserStatus,
    services::{Appointment, Batch, OperatorService},
};
use kernel::{Actor, CallContext, CipherError, UserScope, testing};
use secrecy::{ExposeSecret, SecretString};

fn as_operator(world: &World) -> CallContext {
    CallContext { actor: Actor::System, ..world.call() }
}

/// Somebody with an authenticator and three secrets, all sealed under `k1`.
async fn sealed() -> (World, UserScope) {
    let world = World::new();
    let tokens = world.logged_in().await;
    let caller = world.caller(&tokens).await;
    world.second_factor.enrol(&world.call(), &caller).await.unwrap();
    let ctx = testing::call_by(caller.user);
    let scope = UserScope::of(&ctx).unwrap();
    for name in ["a", "b", "c"] {
        let value = SecretString::from(format!("value of {name}"));
        world.secrets.set(&ctx, &scope, (name, &value)).await.unwrap();
    }
    (world, scope)
}

async fn rotate(world: &World, operator: &OperatorService, limit: u32) -> Vec<Batch> {
    let (ctx, mut batches) = (as_operator(world), Vec::<Batch>::new());
    loop {
        let after = batches.last().map(|batch| batch.last.clone());
        match operator.reseal(&ctx, after.as_ref(), limit).await.unwrap() {
            Some(batch) => batches.push(batch),
            None => return batches,
        }
    }
}

#[tokio::test]
async fn everything_is_sealed_anew_in_batches_once_and_still_opens() {
    let (mut world, scope) = sealed().await;
    let operator = world.operator(vec!["k2", "k1"]);
    assert_eq!(operator.count_stale().await.unwrap(), 4);
    let batches = rotate(&world, &operator, 2).await;
    assert_eq!(batches.iter().map(|batch| batch.resealed).collect::<Vec<_>>(), [2, 2]);
    assert!(batches.iter().all(|batch| batch.unreadable.is_empty() && batch.overtaken == 0));
    assert_eq!(operator.count_stale().await.unwrap(), 0);
    assert_eq!(rotate(&world, &operator, 2).await, []);

    world.secrets.cipher = std::sync::Arc::new(testing::PlainCipher(vec!["k2"]));
    let name = SecretName::parse("b").unwrap();
    let revealed = world.secrets.reveal(&scope, &name).await.unwrap().unwrap();
    assert_eq!(revealed.expose_secret(), b"value of b");
    let events = world.store.events().await;
    let told: Vec<_> = events.iter().filter(|e| e.event_type == "platform.secrets_resealed").collect();
    assert_eq!(told.len(), 2);
    assert_eq!((told[0].actor, told[0].user_id), (Actor::System, None));
    assert_eq!(told[1].payload, serde_json::json!({"key_id": "k2", "count": 2}));
}

#[tokio::test]
async fn what_does_not_open_is_told_and_stays_and_nothing_waits_for_it() {
    let (world, _) = sealed().await;
    let operator = world.operator(vec!["k2"]);
    let batches = rotate(&world, &operator, 3).await;
    let unreadable: Vec<_> = batches.iter().flat_map(|batch| &batch.unreadable).collect();
    assert_eq!(unreadable.len(), 4);
    assert!(unreadable.iter().all(|one| one.why == CipherError::UnknownKey("k1".to_owned())));
    assert!(batches.iter().all(|batch| batch.resealed == 0));
    assert_eq!(operator.count_stale().await.unwrap(), 4);
    assert!(!world.event_types().await.contains(&"platform.secrets_resealed".to_owned()));
}

#[tokio::test]
async fn an_administrator_is_made_once_of_somebody_who_can_be_one() {
    let world = World::new();
    let operator = world.operator(vec!["k1"]);
    let make = async |email: &str| operator.make_platform_admin(&as_operator(&world), email).await.unwrap();
    assert_eq!(make("nobody@example.com").await, Appointment::Unknown);
    let user = world.sign_up(ADA).await.id;
    assert_eq!(make(ADA).await, Appointment::NotVerified);
    world.store.change_user(user, |user| user.email_verified_at = Some(user.created_at)).await;
    world.store.change_user(user, |user| user.status = UserStatus::Banned).await;
    assert_eq!(make(ADA).await, Appointment::NotActive);
    world.store.change_user(user, |user| user.status = UserStatus::Active).await;
    assert_eq!(make("ada@EXAMPLE.com").await, Appointment::Made);
    assert_eq!(make(ADA).await, Appointment::Already);
    assert_eq!(world.store.person(ADA).await.user.platform_role, PlatformRole::Admin);
    let events = world.store.events().await;
    let told: Vec<_> = events.iter().filter(|e| e.event_type == "user.platform_role_changed").collect();
    assert_eq!(told.len(), 1);
    let payload = serde_json::json!({"from": "user", "to": "admin"});
    assert_eq!((told[0].actor, &told[0].payload), (Actor::System, &payload));
    assert!(operator.make_platform_admin(&as_operator(&world), "ada").await.is_err());
}
