use super::world::{World, question};
use fakes::Turn;
use serde_json::{Value, json};

#[tokio::test]
async fn analytics_are_the_ledgers_own_count() {
    let world = World::new().await;
    let none = world.get("/api/v1/ai/analytics").await;
    assert_eq!((&none["total"]["calls"], &none["models"]), (&json!(0), &json!([])));
    world.post("/api/v1/ai/inference", question()).await;
    world.post("/api/v1/ai/inference", question()).await;
    world.fake.play(Turn::refuses(400));
    world.post("/api/v1/ai/generate", json!({"model": "fast", "prompt": "How?"})).await;
    let text = json!({"model": "text-embedding-3-small", "input": "Why?"});
    world.post("/v1/embeddings", text).await;

    let all = world.get("/api/v1/ai/analytics").await;
    let total = &all["total"];
    let ends = ["calls", "answered", "cached", "failed", "cancelled"].map(|name| total[name].as_u64());
    assert_eq!(ends, [Some(4), Some(2), Some(1), Some(1), Some(0)], "{total}");
    assert_eq!(total["saved_usd"], "0.000139", "what the first one cost");
    let spent = world.get("/api/v1/ai/usage").await["spent_usd"].clone();
    assert_eq!(total["cost_usd"], spent);
    let counted = |list: &Value| -> u64 {
        list.as_array().unwrap().iter().map(|part| part["tally"]["calls"].as_u64().unwrap()).sum()
    };
    let parts = ["models", "operations", "days"].map(|name| counted(&all[name]));
    assert_eq!(parts, [4, 4, 4], "each list adds up: {all}");
    let models: Vec<_> = all["models"].as_array().unwrap().iter().map(|part| &part["model"]).collect();
    assert_eq!(models, ["gpt-6-luna", "text-embedding-3-small"]);

    let month = all["month"].as_str().unwrap().trim_end_matches("-01").to_owned();
    assert_eq!(world.get(&format!("/api/v1/ai/analytics?month={month}")).await["total"], *total);
    assert_eq!(world.get("/api/v1/ai/analytics?month=2020-02").await["total"]["calls"], 0);
    for wrong in ["2020-13", "2020-2x", "2020"] {
        let problem = world.get(&format!("/api/v1/ai/analytics?month={wrong}")).await;
        assert_eq!(
            (&problem["code"], &problem["errors"][0]["pointer"]),
            (&json!("invalid_query"), &json!("month"))
        );
    }
}
