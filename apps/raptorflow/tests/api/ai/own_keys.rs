//! Workspaces that ask a provider with a key of their owner's.

use super::world::{World, question};
use crate::fixture::{Home, expect_problem, fields};
use kernel::testing::call_by;
use reqwest::{Method, Response};
use serde_json::{Value, json};

const KEY: &str = "/api/v1/ai/providers/openai/key";

async fn put(world: &World, who: &Home, path: &str, body: Value) -> Response {
    world.product.call(who, Method::PUT, path).json(&body).send().await.unwrap()
}

async fn set_secret(world: &World, who: &Home, name: &str, value: &str) {
    let set = put(world, who, &format!("/api/v1/users/me/secrets/{name}"), json!({ "value": value })).await;
    assert_eq!(set.status(), 204);
}

async fn delete(world: &World, path: &str) -> u16 {
    world.product.call(&world.me, Method::DELETE, path).send().await.unwrap().status().as_u16()
}

/// A world whose owner has lent their key.
async fn lent() -> World {
    let world = World::of_people().await;
    set_secret(&world, &world.me, "mine", "sk-mine").await;
    assert_eq!(put(&world, &world.me, KEY, json!({"secret": "mine"})).await.status(), 204);
    world
}

/// With which key the provider was asked; none when it was not.
async fn entered(world: &World, who: &Home) -> Option<String> {
    world.fake.clear();
    // A question that nobody has asked: no answer is kept.
    let prompt = format!("Why? {}", kernel::IdGenerator::uuid(&*world.product.env.ids));
    let mut body = question();
    body["prompt"] = json!(prompt);
    let answer = world.product.post(who, "/api/v1/ai/inference", &body).await;
    let seen = world.fake.seen();
    let Some(request) = seen.first() else {
        expect_problem(answer, 503, "provider_not_configured").await;
        return None;
    };
    assert_eq!((answer.status().as_u16(), seen.len()), (200, 1), "{seen:?}");
    Some(request.headers["authorization"].clone())
}

async fn openai(world: &World) -> Value {
    let providers = world.get("/api/v1/ai/providers").await;
    let items = providers["items"].as_array().unwrap();
    items.iter().find(|provider| provider["name"] == "openai").unwrap().clone()
}

async fn trail(world: &World) -> String {
    world.get(&format!("/api/v1/workspaces/{}/audit-logs?limit=100", world.me.workspace)).await.to_string()
}

#[tokio::test]
async fn a_lent_key_enters_for_its_workspace_alone_until_it_is_withdrawn() {
    let world = World::of_people().await;
    let neighbour = world.product.home().await;
    assert_eq!(entered(&world, &world.me).await.as_deref(), Some("Bearer key"), "the installation's");
    assert_eq!(openai(&world).await, json!({"name": "openai", "configured": true, "key": null}));

    set_secret(&world, &world.me, "mine", "sk-mine").await;
    assert_eq!(entered(&world, &world.me).await.as_deref(), Some("Bearer key"), "it is not lent yet");
    assert_eq!(put(&world, &world.me, KEY, json!({"secret": "mine"})).await.status(), 204);
    assert_eq!(entered(&world, &world.me).await.as_deref(), Some("Bearer sk-mine"));
    assert_eq!(entered(&world, &neighbour).await.as_deref(), Some("Bearer key"));
    let shown = openai(&world).await;
    assert_eq!((&shown["configured"], &shown["key"]["lent_by"]), (&json!(true), &json!(world.me.user)));

    assert_eq!(delete(&world, KEY).await, 204);
    assert_eq!(entered(&world, &world.me).await.as_deref(), Some("Bearer key"));
    assert_eq!(delete(&world, KEY).await, 404, "there is none");
    let told = trail(&world).await;
    for (fact, is_told) in [("provider_key.lent", true), ("provider_key.withdrawn", true), ("sk-mine", false)]
    {
        assert_eq!(told.contains(fact), is_told, "{fact}: {told}");
    }
}

#[tokio::test]
async fn a_secret_that_is_set_anew_counts_at_once_and_one_that_is_removed_leaves_nobody_to_ask() {
    let world = lent().await;
    assert_eq!(entered(&world, &world.me).await.as_deref(), Some("Bearer sk-mine"));
    set_secret(&world, &world.me, "mine", "sk-newer").await;
    assert_eq!(entered(&world, &world.me).await.as_deref(), Some("Bearer sk-newer"));
    assert_eq!(delete(&world, "/api/v1/users/me/secrets/mine").await, 204);
    assert_eq!(
        entered(&world, &world.me).await,
        None,
        "not by the installation's account behind the owner's back"
    );
    assert_eq!(openai(&world).await["configured"], false);
    assert_eq!(world.get("/api/v1/ai/status").await["configured"], false);
    assert_eq!(world.get("/v1/models").await["data"], json!([]));
    set_secret(&world, &world.me, "mine", "sk-back").await;
    assert_eq!(entered(&world, &world.me).await.as_deref(), Some("Bearer sk-back"));
}

#[tokio::test]
async fn who_leaves_the_workspace_takes_their_key_along() {
    let world = lent().await;
    let (product, workspace) = (&world.product, format!("/api/v1/workspaces/{}", world.me.workspace));
    let next = product.member("next@example.com").await;
    let next = Home { user: next.id, ctx: call_by(next.id), token: next.access, ..world.me.clone() };
    let add = json!({"email": "next@example.com", "role": "admin"});
    assert_eq!(product.post(&world.me, &format!("{workspace}/members"), &add).await.status(), 201);
    let hand_over = json!({"user_id": next.user});
    let path = format!("{workspace}/transfer-ownership");
    assert_eq!(product.post(&world.me, &path, &hand_over).await.status(), 200);
    assert_eq!(entered(&world, &next).await.as_deref(), Some("Bearer sk-mine"), "they are a member still");
    let path = format!("{workspace}/members/{}", world.me.user);
    let removed = product.call(&next, Method::DELETE, &path).send().await.unwrap();
    assert_eq!(removed.status(), 204);
    assert_eq!(entered(&world, &next).await, None);
    assert_eq!(put(&world, &next, KEY, json!({"secret": "mine"})).await.status(), 422, "it is not theirs");
}

#[tokio::test]
async fn what_can_not_be_lent_is_refused_and_nothing_changes() {
    let world = World::of_people().await;
    set_secret(&world, &world.me, "words", "two\nlines").await;
    for (secret, code) in [
        ("nowhere", "unknown_secret"),
        ("words", "invalid_format"),
        ("", "required"),
        ("No Name", "invalid_format"),
    ] {
        let refused = put(&world, &world.me, KEY, json!({ "secret": secret })).await;
        let problem = expect_problem(refused, 422, "invalid").await;
        assert_eq!(fields(&problem), [("/secret".to_owned(), code.to_owned())]);
    }
    for nobody in ["compatible", "nobody", "OpenAI"] {
        let path = format!("/api/v1/ai/providers/{nobody}/key");
        expect_problem(put(&world, &world.me, &path, json!({"secret": "words"})).await, 404, "not_found")
            .await;
    }
    assert_eq!(openai(&world).await["key"], Value::Null);
    let told = trail(&world).await;
    assert!(!told.contains("provider_key"), "{told}");
}
