//! What a key may do: exactly what its scopes say, as the document tells.

use super::scene::{Key, Maker, every_scope, four_weeks, nowhere, text};
use crate::fixture::{Fixture, expect, expect_problem};
use reqwest::{Method, Response};
use serde_json::{Value, json};

/// An operation of the document.
struct Operation {
    id: String,
    method: Method,
    path: String,
    /// What a key needs; `None` where none is accepted.
    scope: Option<String>,
    access: String,
    has_body: bool,
}

async fn operations(fixture: &Fixture) -> Vec<Operation> {
    let document = fixture.anonymous(Method::GET, "/openapi.json").send().await.unwrap();
    let document = expect(document, 200).await;
    let mut all = Vec::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            all.push(Operation {
                id: text(&operation["operationId"]),
                method: method.to_uppercase().parse().unwrap(),
                path: path.clone(),
                scope: operation["x-scope"].as_str().map(ToOwned::to_owned),
                access: text(&operation["x-access"]),
                has_body: !operation["requestBody"].is_null(),
            });
        }
    }
    all
}

/// A body that reaches the use case.
fn body_of(operation: &str) -> Value {
    match operation {
        "create_campaign" => four_weeks(),
        "skip_move" => json!({"reason": "none"}),
        "finalize_onboarding" => json!({"session_id": nowhere()}),
        "save_onboarding_answers" => json!({"step": "company", "answers": {"name": "Acme"}}),
        "complete_onboarding_step" => json!({"step": "company"}),
        "create_api_key" => json!({"name": "CI", "scopes": ["bcm:read"]}),
        "add_member" | "create_invitation" => json!({"email": "ada@example.com", "role": "member"}),
        "change_member" => json!({"role": "member"}),
        "transfer_ownership" => json!({"user_id": nowhere()}),
        "set_budget" => json!({"limit_usd": null}),
        "lend_provider_key" => json!({"secret": "mine"}),
        "inference" | "generate" => question(),
        "create_chat_completion" => {
            json!({"model": "fast", "messages": [{"role": "user", "content": "Why?"}]})
        }
        "create_embeddings" => json!({"model": "text-embedding-005", "input": "Why?"}),
        "batch_inference" => json!({ "items": [question()] }),
        _ => json!({}),
    }
}

fn question() -> Value {
    json!({"model": "fast", "prompt": "Why?"})
}

impl Operation {
    async fn call(&self, fixture: &Fixture, maker: &Maker, key: &Key) -> Response {
        let path = self.path.replace("{workspace_id}", &maker.workspace).replace("{version}", "1");
        let mut parts = path.split('{');
        let first = parts.next().unwrap().to_owned();
        let path = parts.fold(first, |path, part| path + &nowhere() + part.split_once('}').unwrap().1);
        let request = key.call(fixture, self.method.clone(), &path);
        let request = if self.has_body { request.json(&body_of(&self.id)) } else { request };
        request.send().await.unwrap()
    }
}

async fn code_of(response: Response) -> (u16, String) {
    let status = response.status().as_u16();
    if response.headers().get("content-type").is_some_and(|kind| kind == "text/event-stream") {
        // It has no end, and no code.
        return (status, String::new());
    }
    let body = response.text().await.unwrap();
    let code = serde_json::from_str::<Value>(&body).ok().and_then(|body| Some(text(body.get("code")?)));
    (status, code.unwrap_or_default())
}

#[actix_web::test]
async fn each_operation_needs_its_scope_and_no_other() {
    let fixture = Fixture::with_real_logins();
    let maker = Maker::new(&fixture).await;
    let all = operations(&fixture).await;
    let mut bare = Vec::new();
    for scope in every_scope() {
        let needing: Vec<_> =
            all.iter().filter(|operation| operation.scope.as_ref() == Some(&scope)).collect();
        if needing.is_empty() {
            bare.push(scope);
            continue;
        }
        let mut others = every_scope();
        others.retain(|other| *other != scope);
        let without = maker.issue(&fixture, &others).await;
        let with = maker.issue(&fixture, std::slice::from_ref(&scope)).await;
        for operation in needing {
            let refused = operation.call(&fixture, &maker, &without).await;
            let problem = expect_problem(refused, 403, "insufficient_scope").await;
            assert!(problem["detail"].as_str().unwrap().contains(&scope), "{problem}");
            let (status, code) = code_of(operation.call(&fixture, &maker, &with).await).await;
            let passed = status != 401 && status != 403 && code != "invalid";
            assert!(passed, "{} with {scope}: {status} {code}", operation.id);
        }
        for key in [with, without] {
            assert_eq!(maker.revoke(&fixture, &key.id).await.status(), 204);
        }
    }
    let without_routes = ["audit", "bcm:write", "budget:write", "agents:write"];
    let expected = |scope: &String| without_routes.iter().any(|known| scope.starts_with(known));
    assert!(bare.iter().all(expected), "no operation needs {bare:?}");
}

#[actix_web::test]
async fn what_the_document_does_not_give_to_keys_is_refused_to_the_mightiest() {
    let fixture = Fixture::with_real_logins();
    let maker = Maker::new(&fixture).await;
    let key = maker.issue(&fixture, &every_scope()).await;
    let mut asked = 0;
    for operation in operations(&fixture).await {
        if operation.scope.is_some() || ["public", "operator"].contains(&operation.access.as_str()) {
            continue;
        }
        let (status, code) = code_of(operation.call(&fixture, &maker, &key).await).await;
        let expected = match operation.access.as_str() {
            "user" => vec!["api_key_not_accepted"],
            "owner" => vec!["api_key_not_accepted", "forbidden"],
            _ => vec!["api_key_not_accepted", "insufficient_scope"],
        };
        assert_eq!(status, 403, "{} {code}", operation.id);
        assert!(expected.contains(&code.as_str()), "{}: {code}", operation.id);
        asked += 1;
    }
    assert!(asked > 5, "the document names too few such operations");
}
