use super::world::{World, question};
use agents::{
    dispatch::{BudgetMonth, CallHead, Hold, Operation, Provider},
    ports::models::BudgetLedger,
};
use kernel::PicoUsd;
use reqwest::Method;
use serde_json::json;
use std::time::Duration;

#[tokio::test]
async fn what_is_spent_is_told_and_a_budget_without_room_says_how_much_there_is() {
    let world = World::new().await;
    world.post("/api/v1/ai/inference", question()).await;
    let usage = world.get("/api/v1/ai/usage").await;
    assert_eq!((&usage["spent_usd"], &usage["reserved_usd"]), (&json!("0.000139"), &json!("0")));
    assert_eq!((&usage["limit_usd"], &usage["resets_at"]), (&json!("50"), &json!("2026-04-01T00:00:00Z")));
    let path = format!("/api/v1/workspaces/{}/budget", world.me.workspace);
    let limit = json!({"limit_usd": "0.0001"});
    let set = world.product.call(&world.me, Method::PUT, &path).json(&limit).send().await.unwrap();
    assert!(set.status().is_success());
    let other = json!({"model": "fast", "prompt": "Another question?"});
    let (status, problem) = world.post("/api/v1/ai/inference", other).await;
    assert_eq!((status, &problem["code"]), (402, &json!("budget_exceeded")));
    let budget = json!({"limit_usd": "0.0001", "spent_usd": "0.000139", "reserved_usd": "0", "resets_at": "2026-04-01T00:00:00Z"});
    assert_eq!(problem["budget"], budget);
    assert_eq!(world.fake.seen().len(), 1, "nobody was asked");
    let (_, cached) = world.post("/api/v1/ai/inference", question()).await;
    assert_eq!(cached["cached"], true, "what costs nothing is answered all the same");
}

#[tokio::test]
async fn what_a_dead_process_held_is_given_free_at_the_cost_of_what_was_sent() {
    let world = World::new().await;
    let (product, me) = (&world.product, &world.me);
    let at = product.env.now();
    let call = CallHead {
        id: product.env.id(),
        actor: me.ctx.actor,
        correlation_id: me.ctx.correlation_id.clone(),
        run: None,
        operation: Operation::Generate,
        alias: None,
        provider: Provider::OpenAi,
        model: "gpt-6-luna".to_owned(),
        price: "gpt-6-luna".to_owned(),
        at,
    };
    let (amount, input_cost) = (PicoUsd::new(9_000_000), PicoUsd::new(1_000_000));
    let until = at.plus(Duration::from_secs(300));
    let hold = Hold { call, month: BudgetMonth::of(at), amount, input_cost, input_tokens: 10, until };
    product.store.hold(&me.scope, &hold, None).await.unwrap();
    product.work().await;
    assert_eq!(world.get("/api/v1/ai/usage").await["reserved_usd"], "0.000009", "it may be alive");
    product.clock.advance(Duration::from_secs(301));
    product.work().await;
    let usage = world.get("/api/v1/ai/usage").await;
    assert_eq!((&usage["reserved_usd"], &usage["spent_usd"]), (&json!("0"), &json!("0.000001")));
}
