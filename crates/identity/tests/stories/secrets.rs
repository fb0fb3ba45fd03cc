//! Secrets of people's own.

use crate::world::World;
use identity::{IdentityError, SecretName};
use kernel::{CallContext, Failure, UserScope, testing};
use secrecy::{ExposeSecret, SecretString};

const CANARY: &str = "sk-live-canary-3b1f";

struct Owner {
    world: World,
    ctx: CallContext,
    scope: UserScope,
}

impl Owner {
    async fn new() -> Self {
        let world = World::new();
        let ctx = testing::call_by(world.member().await);
        let scope = UserScope::of(&ctx).unwrap();
        Self { world, ctx, scope }
    }

    async fn set(&self, name: &str, value: &str) -> Result<(), IdentityError> {
        let value = SecretString::from(value);
        self.world.secrets.set(&self.ctx, &self.scope, (name, &value)).await
    }

    async fn remove(&self, name: &str) -> Result<(), IdentityError> {
        self.world.secrets.remove(&self.ctx, &self.scope, name).await
    }

    async fn revealed(&self, name: &str) -> Option<String> {
        let name = SecretName::parse(name).unwrap();
        let secret = self.world.secrets.reveal(&self.scope, &name).await.unwrap();
        secret.map(|secret| String::from_utf8(secret.expose_secret().to_vec()).unwrap())
    }

    async fn names(&self) -> Vec<String> {
        let entries = self.world.secrets.list(&self.scope).await.unwrap();
        entries.into_iter().map(|entry| entry.name.to_string()).collect()
    }
}

#[tokio::test]
async fn a_secret_is_kept_replaced_used_and_removed() {
    let ada = Owner::new().await;
    let began = ada.world.env.now();
    ada.set("openai", "first").await.unwrap();
    ada.set("anthropic", CANARY).await.unwrap();
    ada.world.advance(60);
    ada.set("openai", "second").await.unwrap();
    assert_eq!(ada.names().await, ["anthropic", "openai"]);
    let entry = ada.world.secrets.list(&ada.scope).await.unwrap().pop().unwrap();
    assert_eq!((entry.created_at, entry.updated_at), (began, ada.world.env.now()));
    assert_eq!(ada.revealed("openai").await.as_deref(), Some("second"));
    assert_eq!(ada.revealed("mistral").await, None);
    ada.remove("openai").await.unwrap();
    assert_eq!(ada.names().await, ["anthropic"]);
    for gone in ["openai", "Not A Name"] {
        assert_eq!(ada.remove(gone).await.err(), Some(IdentityError::NotFound), "{gone}");
    }
    let told = ["user.secret_set", "user.secret_set", "user.secret_set", "user.secret_removed"];
    assert_eq!(ada.world.event_types().await[2..], told);
}

#[tokio::test]
async fn every_wrong_field_is_told() {
    let ada = Owner::new().await;
    let refused = ada.set("Open AI", "").await.err().unwrap();
    let fields: Vec<_> = refused.fields().iter().map(|f| (f.pointer.as_str(), f.code)).collect();
    assert_eq!(fields, [("name", "invalid_format"), ("/value", "required")]);
}

#[tokio::test]
async fn there_is_room_for_fifty_and_for_new_values_of_those() {
    let ada = Owner::new().await;
    for n in 0..50 {
        ada.set(&format!("key-{n}"), "x").await.unwrap();
    }
    assert_eq!(ada.set("one-more", "x").await.err(), Some(IdentityError::TooManySecrets));
    ada.set("key-7", "y").await.unwrap();
    ada.remove("key-8").await.unwrap();
    ada.set("one-more", "x").await.unwrap();
}

#[tokio::test]
async fn a_value_is_nowhere_but_in_its_row() {
    let ada = Owner::new().await;
    ada.set("openai", CANARY).await.unwrap();
    let entries = ada.world.secrets.list(&ada.scope).await.unwrap();
    let name = SecretName::parse("openai").unwrap();
    let revealed = ada.world.secrets.reveal(&ada.scope, &name).await.unwrap();
    ada.remove("openai").await.unwrap();
    let jobs = ada.world.store.jobs(ada.world.env.now()).await;
    let events = ada.world.store.events().await;
    let person = ada.world.store.person(crate::world::ADA).await;
    let written = format!("{jobs:?} {events:?} {entries:?} {revealed:?} {person:?}");
    assert!(!written.contains(CANARY), "{written}");
    assert!(!written.contains(&format!("{:?}", &CANARY.as_bytes()[..4]).replace(']', "")), "{written}");
}
