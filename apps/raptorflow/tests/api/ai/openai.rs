//! The gateway as OpenAI's clients see it.

use super::world::World;
use base64::{Engine, engine::general_purpose::STANDARD};
use fakes::{Answer, Turn};
use serde_json::{Value, json};

fn chat() -> Value {
    json!({"model": "fast", "messages": [{"role": "user", "content": "Why?"}], "max_tokens": 200})
}

fn with(members: Value) -> Value {
    let mut body = chat();
    for (name, value) in members.as_object().unwrap() {
        body[name] = value.clone();
    }
    body
}

/// The chunks of a stream, and whether it says that it is done.
async fn chunks(world: &World, body: Value) -> (Vec<Value>, bool) {
    let answer = world.product.post(&world.me, "/v1/chat/completions", &body).await;
    assert_eq!(answer.headers()["content-type"], "text/event-stream");
    let text = answer.text().await.unwrap();
    let mut data: Vec<&str> = text.split("\n\n").filter_map(|event| event.strip_prefix("data: ")).collect();
    let is_done = data.last() == Some(&"[DONE]");
    if is_done {
        data.pop();
    }
    (data.into_iter().map(|chunk| serde_json::from_str(chunk).unwrap()).collect(), is_done)
}

#[tokio::test]
async fn a_completion_has_their_shape_and_our_cost() {
    let world = World::new().await;
    let (status, answer) = world.post("/v1/chat/completions", chat()).await;
    assert_eq!((status, &answer["object"]), (200, &json!("chat.completion")));
    assert!(answer["id"].as_str().unwrap().starts_with("chatcmpl-"), "{answer}");
    assert_eq!(answer["model"], "gpt-6-luna");
    let choice = json!({"index": 0, "message": {"role": "assistant", "content": "The answer.", "refusal": null},
        "logprobs": null, "finish_reason": "stop"});
    assert_eq!(answer["choices"], json!([choice]));
    let usage = json!({"prompt_tokens": 1000, "completion_tokens": 150, "total_tokens": 1150,
        "prompt_tokens_details": {"cached_tokens": 400}, "completion_tokens_details": {"reasoning_tokens": 50},
        "cost_usd": "0.000139", "estimated": false});
    assert_eq!(answer["usage"], usage);
    world.post("/v1/chat/completions", chat()).await;
    assert_eq!(world.fake.seen().len(), 2, "nothing is kept, unless it is asked for");
    for (saved, seen) in [("0.000139", 3), ("0", 3)] {
        let (_, kept) = world.post("/v1/chat/completions", with(json!({"cache": true}))).await;
        assert_eq!((&kept["usage"]["cost_usd"], world.fake.seen().len()), (&json!(saved), seen));
    }
}

#[tokio::test]
async fn tools_go_there_and_their_calls_come_back() {
    let world = World::new().await;
    let calls = vec![("look".to_owned(), json!({"at": "sky"}))];
    world.fake.play(Turn::says(Answer { calls: calls.clone(), text: String::new(), ..Answer::default() }));
    let tools = json!([{"type": "function", "function": {"name": "look", "parameters": {"type": "object"}}}]);
    let this = json!({"type": "function", "function": {"name": "look"}});
    let asked = with(json!({"tools": tools, "tool_choice": this}));
    let (status, answer) = world.post("/v1/chat/completions", asked.clone()).await;
    let message = &answer["choices"][0]["message"];
    assert_eq!((status, &answer["choices"][0]["finish_reason"]), (200, &json!("tool_calls")), "{answer}");
    assert_eq!(
        (&message["content"], &message["tool_calls"][0]["function"]["name"]),
        (&Value::Null, &json!("look"))
    );
    assert_eq!(message["tool_calls"][0]["function"]["arguments"], r#"{"at":"sky"}"#);
    assert_eq!(world.fake.seen()[0].body["tool_choice"], this);

    // The client sends back what it was told, with what its tool said.
    let mut next = asked.clone();
    let id = message["tool_calls"][0]["id"].clone();
    next["messages"].as_array_mut().unwrap().push(message.clone());
    next["messages"]
        .as_array_mut()
        .unwrap()
        .push(json!({"role": "tool", "tool_call_id": id, "content": "blue"}));
    assert_eq!(world.post("/v1/chat/completions", next).await.0, 200);
    let told = &world.fake.seen()[1].body["messages"];
    assert_eq!(told[2], json!({"role": "tool", "tool_call_id": id, "content": "blue"}));
    assert_eq!(told[1]["tool_calls"][0]["id"], id);

    world.fake.play(Turn::says(Answer { calls, text: String::new(), ..Answer::default() }));
    let (chunks, is_done) = chunks(&world, {
        let mut streamed = asked;
        streamed["stream"] = json!(true);
        streamed
    })
    .await;
    let pieces = chunks.iter().filter_map(|chunk| chunk["choices"][0]["delta"]["tool_calls"][0].as_object());
    let arguments: String =
        pieces.clone().filter_map(|piece| piece["function"]["arguments"].as_str()).collect();
    let named = pieces.filter(|piece| piece.get("id").is_some()).count();
    assert_eq!((arguments.as_str(), named, is_done), (r#"{"at":"sky"}"#, 1, true));
    assert_eq!(chunks.last().unwrap()["choices"][0]["finish_reason"], "tool_calls");
}

#[tokio::test]
async fn a_stream_has_a_role_pieces_an_end_usage_and_done() {
    let world = World::new().await;
    world.fake.play(Turn::says(Answer { pieces: 3, ..Answer::text("One two three.") }));
    let asked = with(json!({"stream": true, "stream_options": {"include_usage": true}}));
    let (chunks, is_done) = chunks(&world, asked).await;
    let deltas: Vec<_> = chunks.iter().map(|chunk| &chunk["choices"][0]["delta"]).collect();
    assert_eq!(*deltas[0], json!({"role": "assistant", "content": ""}));
    let text: String = deltas.iter().filter_map(|delta| delta["content"].as_str()).collect();
    assert_eq!((text.as_str(), chunks.len(), is_done), ("One two three.", 6, true));
    assert_eq!(
        chunks[4]["choices"][0],
        json!({"index": 0, "delta": {}, "logprobs": null, "finish_reason": "stop"})
    );
    assert_eq!((&chunks[5]["choices"], &chunks[5]["usage"]["total_tokens"]), (&json!([]), &json!(1150)));
    let same = |name: &str| chunks.iter().all(|chunk| chunk[name] == chunks[0][name]);
    assert!(same("id") && same("created") && same("model"), "{chunks:?}");
}

#[tokio::test]
async fn a_stream_that_breaks_ends_with_an_error_and_is_not_done() {
    let world = World::new().await;
    world.fake.play(Turn::breaks_after(Answer { pieces: 4, ..Answer::default() }, 2));
    let (chunks, is_done) = chunks(&world, with(json!({"stream": true}))).await;
    let end = chunks.last().unwrap();
    assert_eq!((&end["error"]["code"], is_done), (&json!("provider_unavailable"), false), "{end}");
    assert_eq!(end["error"]["type"], "server_error");
}

#[tokio::test]
async fn what_a_clients_helper_has_made_of_an_answer_is_taken_back() {
    let world = World::new().await;
    let function = json!({"name": "look", "arguments": "{\"at\": 1}", "parsed_arguments": {"at": 1}});
    let call = json!({"id": "c1", "type": "function", "index": 0, "function": function});
    let said = json!({"role": "assistant", "content": null, "parsed": null, "tool_calls": [call]});
    let history = json!([
        {"role": "user", "content": "Look."}, said, {"role": "tool", "tool_call_id": "c1", "content": "Clear."},
    ]);
    let (status, answer) = world.post("/v1/chat/completions", with(json!({ "messages": history }))).await;
    assert_eq!(status, 200, "{answer}");
    let sent = &world.fake.seen()[0].body["messages"][1]["tool_calls"][0];
    assert!(sent.get("index").is_none() && sent["function"].get("parsed_arguments").is_none(), "{sent}");
    let again = json!({"messages": history});
    let ask = || world.post_under_at("/v1/chat/completions", "k1", with(again.clone()));
    let first = ask().await;
    world.product.clock.advance(std::time::Duration::from_secs(2));
    assert_eq!(ask().await, first, "an answer is the same when it is told again");
}

#[tokio::test]
async fn answers_are_held_to_the_form_that_was_asked_for() {
    let world = World::new().await;
    world.fake.play(Turn::says(Answer::text(r#"{"a": 1}"#)));
    let schema = json!({"type": "object", "required": ["a"]});
    let format = json!({"type": "json_schema", "json_schema": {"name": "a", "schema": schema}});
    let (status, answer) = world.post("/v1/chat/completions", with(json!({"response_format": format}))).await;
    assert_eq!((status, &answer["choices"][0]["message"]["content"]), (200, &json!(r#"{"a": 1}"#)));
    world.fake.play(Turn::says(Answer::text("no JSON")));
    let any = json!({"response_format": {"type": "json_object"}});
    assert_eq!(world.post("/v1/chat/completions", with(any)).await.0, 503, "an answer that is none");
    assert_eq!(world.fake.seen()[1].body["response_format"], json!({"type": "json_object"}));
}

#[tokio::test]
async fn what_is_wrong_is_named_in_their_words_and_nobody_asked() {
    let world = World::new().await;
    let odd = json!({"type": "odd"});
    let tool = json!([{"type": "function", "function": {"name": "look", "parameters": odd}}]);
    for (members, param) in [
        (json!({"model": "gpt-9"}), "model"),
        (json!({"max_tokens": 4_000_000}), "max_tokens"),
        (json!({"max_completion_tokens": 4_000_000}), "max_completion_tokens"),
        (json!({"temperature": 3}), "temperature"),
        (json!({"n": 2}), "n"),
        (json!({"reasoning_effort": "utmost"}), "reasoning_effort"),
        (json!({"logprobs": true}), "logprobs"),
        (json!({"top_k": 2}), "top_k"),
        (json!({"stream_options": {}}), "stream_options"),
        (json!({"response_format": {"type": "json_schema"}}), "response_format.json_schema"),
        (
            json!({"response_format": {"type": "json_schema", "json_schema": {"schema": odd}}}),
            "response_format.json_schema.schema",
        ),
        (json!({"tools": tool}), "tools[0].function.parameters"),
        (json!({"tool_choice": "required"}), "tool_choice"),
        (json!({"messages": [{"role": "user", "content": ""}]}), "messages[0].content"),
        (
            json!({"messages": [{"role": "user", "content": [{"type": "image_url", "text": ""}]}]}),
            "messages[0].content[0].type",
        ),
    ] {
        let (status, problem) = world.post("/v1/chat/completions", with(members)).await;
        assert_eq!((status, &problem["error"]["param"]), (422, &json!(param)), "{problem}");
        assert_eq!(problem["error"]["type"], "invalid_request_error");
    }
    let key = world
        .product
        .anonymous(reqwest::Method::GET, "/v1/models")
        .bearer_auth("nothing")
        .send()
        .await
        .unwrap();
    let refused: Value = serde_json::from_slice(&key.bytes().await.unwrap()).unwrap();
    assert_eq!(refused["error"]["type"], "authentication_error", "{refused}");
    assert!(world.fake.seen().is_empty());
}

#[tokio::test]
async fn vectors_come_as_numbers_or_as_their_clients_read_them() {
    let world = World::new().await;
    let asked = json!({"model": "text-embedding-3-small", "input": ["Why?", "How?"]});
    let (status, plain) = world.post("/v1/embeddings", asked.clone()).await;
    assert_eq!((status, plain["data"].as_array().unwrap().len()), (200, 2), "{plain}");
    let numbers: Vec<f32> = serde_json::from_value(plain["data"][1]["embedding"].clone()).unwrap();
    let mut coded = asked.clone();
    coded["encoding_format"] = json!("base64");
    let (_, coded) = world.post("/v1/embeddings", coded).await;
    let bytes = STANDARD.decode(coded["data"][1]["embedding"].as_str().unwrap()).unwrap();
    let read: Vec<f32> = bytes.chunks(4).map(|four| f32::from_le_bytes(four.try_into().unwrap())).collect();
    assert_eq!((read, &coded["data"][1]["index"]), (numbers, &json!(1)));
    for (members, pointer) in [
        (json!({"model": "text-embedding-3-small", "input": ""}), "/input"),
        (json!({"model": "text-embedding-3-small", "input": ["a", ""]}), "/input/1"),
        (json!({"model": "text-embedding-3-small", "input": "a", "dimensions": 8}), "/dimensions"),
        (json!({"model": "fast", "input": "a"}), "/model"),
    ] {
        let (status, problem) = world.post("/v1/embeddings", members).await;
        assert_eq!((status, &problem["errors"][0]["pointer"]), (422, &json!(pointer)), "{problem}");
    }
}

#[tokio::test]
async fn their_list_of_models_has_what_can_be_asked() {
    let world = World::new().await;
    let models = world.get("/v1/models").await;
    let ids: Vec<_> =
        models["data"].as_array().unwrap().iter().map(|model| model["id"].as_str().unwrap()).collect();
    assert!(ids.contains(&"fast") && ids.contains(&"gpt-6-luna"), "{ids:?}");
    assert!(!ids.contains(&"mistral-small-latest"), "its provider is not configured: {ids:?}");
    assert_eq!((&models["object"], &models["data"][0]["object"]), (&json!("list"), &json!("model")));
}
