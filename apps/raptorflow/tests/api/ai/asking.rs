use super::world::{World, question};
use fakes::{Answer, Hint, Turn};
use serde_json::json;

#[tokio::test]
async fn an_answer_says_who_gave_it_and_what_it_cost_and_the_next_one_is_free() {
    let world = World::new().await;
    let (status, answer) = world.post("/api/v1/ai/inference", question()).await;
    assert_eq!((status, &answer["text"]), (200, &json!("The answer.")));
    assert_eq!(
        (&answer["model"], &answer["provider"], &answer["origin"]),
        (&json!("gpt-6-luna"), &json!("openai"), &json!("model"))
    );
    let usage = json!({"input": 600, "cache_read": 400, "cache_write": 0, "output": 150, "reasoning": 50});
    assert_eq!(
        (&answer["usage"], &answer["cost_usd"]),
        (&usage, &json!("0.000139")),
        "600 × 0.1 + 400 × 0.01 + 150 × 0.5"
    );
    let (_, again) = world.post("/api/v1/ai/inference", question()).await;
    assert_eq!(
        (&again["cached"], &again["cost_usd"], world.fake.seen().len()),
        (&json!(true), &json!("0"), 1)
    );
    assert_eq!(world.post("/api/v1/ai/clear-cache", json!({})).await.0, 204);
    let (_, anew) = world.post("/api/v1/ai/generate", question()).await;
    assert_eq!((&anew["cached"], world.fake.seen().len()), (&json!(false), 2));
}

#[tokio::test]
async fn a_repeated_request_has_the_first_ones_answer_and_costs_nothing() {
    let world = World::new().await;
    let mut asked = question();
    asked["cache"] = json!(false);
    let (first, again) = (world.post_under("k", &asked).await, world.post_under("k", &asked).await);
    assert_eq!((first.0, &first), (200, &again));
    assert_eq!(world.fake.seen().len(), 1);
    assert_eq!(world.get("/api/v1/ai/usage").await["spent_usd"], "0.000139");
    let (status, problem) = world.post_under("k", &question()).await;
    assert_eq!((status, &problem["code"]), (422, &json!("idempotency_key_reused")));
    asked["stream"] = json!(true);
    let (status, problem) = world.post_under("s", &asked).await;
    assert_eq!((status, &problem["errors"][0]["pointer"]), (422, &json!("/stream")));
}

#[tokio::test]
async fn a_stream_comes_piece_by_piece_and_ends_with_the_whole() {
    let world = World::new().await;
    world.fake.play(Turn::says(Answer { pieces: 4, ..Answer::text("One two three four.") }));
    let mut asked = question();
    asked["stream"] = json!(true);
    let answer = world.stream(asked).await;
    assert_eq!(answer.headers()["content-type"], "text/event-stream");
    let text = answer.text().await.unwrap();
    assert_eq!(text.matches("event: delta\n").count(), 4, "{text}");
    let (_, end) = text.rsplit_once("event: answer\ndata: ").unwrap();
    let whole: serde_json::Value = serde_json::from_str(end.trim()).unwrap();
    assert_eq!((&whole["text"], &whole["cost_usd"]), (&json!("One two three four."), &json!("0.000139")));
}

#[tokio::test]
async fn a_stream_that_breaks_ends_with_a_problem_and_one_that_never_began_has_its_status() {
    let world = World::new().await;
    let mut asked = question();
    asked["stream"] = json!(true);
    world.fake.play(Turn::breaks_after(Answer { pieces: 4, ..Answer::default() }, 2));
    let text = world.stream(asked.clone()).await.text().await.unwrap();
    let (_, end) = text.rsplit_once("event: error\ndata: ").unwrap();
    let problem: serde_json::Value = serde_json::from_str(end.trim()).unwrap();
    assert_eq!((&problem["code"], &problem["status"]), (&json!("provider_unavailable"), &json!(503)));
    world.fake.play(Turn::refuses(429).hint(Hint::Seconds(30)));
    let refused = world.stream(asked).await;
    assert_eq!((refused.status().as_u16(), &refused.headers()["retry-after"]), (503, &"30".parse().unwrap()));
}

#[tokio::test]
async fn what_the_provider_says_of_an_error_is_never_passed_on() {
    let world = World::new().await;
    for (turn, status, code) in [
        (Turn::refuses(401), 503, "provider_unavailable"),
        (Turn::refuses(402), 503, "provider_unavailable"),
        (Turn::refuses(400), 422, "request_not_taken"),
        (Turn::blocks(), 422, "content_blocked"),
    ] {
        world.fake.play(turn);
        let (said, problem) = world.post("/api/v1/ai/inference", question()).await;
        assert_eq!((said, &problem["code"]), (status, &json!(code)));
        assert!(!problem.to_string().to_lowercase().contains("openai"), "{problem}");
    }
}

#[tokio::test]
async fn every_mistake_is_named_and_nobody_asked() {
    let world = World::new().await;
    for (body, pointers) in [
        (json!({"model": "gpt-9", "prompt": "Why?", "schema": {"type": "odd"}}), vec!["/schema", "/model"]),
        (json!({"model": "fast"}), vec!["/prompt"]),
        (
            json!({"model": "fast", "prompt": "Why?", "messages": [{"role": "user", "content": "Why?"}]}),
            vec!["/prompt"],
        ),
        (
            json!({"model": "fast", "prompt": "Why?", "temperature": 3, "max_output_tokens": 0}),
            vec!["/max_output_tokens", "/temperature"],
        ),
        (
            json!({"model": "fast", "prompt": "Why?", "max_output_tokens": 4_000_000}),
            vec!["/max_output_tokens"],
        ),
        (json!({"model": "gpt-4o-mini", "prompt": "x".repeat(200_000 * 3)}), vec![]),
    ] {
        let (status, problem) = world.post("/api/v1/ai/inference", body).await;
        let errors = problem["errors"].as_array().cloned().unwrap_or_default();
        let named: Vec<_> = errors.iter().filter_map(|error| error["pointer"].as_str()).collect();
        assert_eq!((status == 422 || pointers.is_empty(), named), (true, pointers), "{problem}");
    }
    let unknown = json!({"model": "fast", "prompt": "Why?", "bogus": 1});
    for route in ["inference", "generate"] {
        let (status, problem) = world.post(&format!("/api/v1/ai/{route}"), unknown.clone()).await;
        assert_eq!((status, &problem["errors"][0]["pointer"]), (422, &json!("/bogus")), "{problem}");
    }
    let streamed = json!({"model": "fast", "prompt": "Why?", "stream": true});
    assert_eq!(world.post("/api/v1/ai/inference", streamed).await.1["errors"][0]["pointer"], "/stream");
    assert!(world.fake.seen().is_empty());
}

#[tokio::test]
async fn a_batch_has_a_result_or_a_problem_an_item_in_order() {
    let world = World::new().await;
    let items = json!([question(), {"model": "gpt-9", "prompt": "Why?"}, {"model": "fast"}, {"model": "fast", "prompt": "How?"}]);
    let (status, batch) = world.post("/api/v1/ai/batch-inference", json!({ "items": items })).await;
    let statuses: Vec<_> =
        batch["items"].as_array().unwrap().iter().map(|item| item["status"].as_u64()).collect();
    assert_eq!((status, statuses), (200, vec![Some(200), Some(422), Some(422), Some(200)]));
    assert_eq!(batch["items"][3]["result"]["text"], "The answer.");
}

#[tokio::test]
async fn models_are_listed_with_their_prices_and_whether_they_can_be_asked() {
    let world = World::new().await;
    let models = world.get("/api/v1/ai/models").await;
    let of = |id: &str| {
        models["items"].as_array().unwrap().iter().find(|model| model["id"] == id).cloned().unwrap()
    };
    assert_eq!(
        (&of("gpt-6-luna")["available"], &of("gpt-6-luna")["price"]["input"]),
        (&json!(true), &json!("0.1"))
    );
    assert_eq!(of("mistral-small-latest")["available"], false);
    assert_eq!(models["aliases"]["fast"][0], "vertex:gemini-3.8-flash");
    let status = world.get("/api/v1/ai/status").await;
    assert_eq!(
        (&status["configured"], &status["aliases"]["fast"]),
        (&json!(true), &json!("openai:gpt-6-luna"))
    );
    let providers = world.get("/api/v1/ai/providers").await;
    let configured = |provider: &&serde_json::Value| provider["configured"] == true;
    assert_eq!(providers["items"].as_array().unwrap().iter().filter(configured).count(), 1);
}
