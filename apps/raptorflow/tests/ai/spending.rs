use crate::world::{World, question};
use reqwest::Method;
use serde_json::json;

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
