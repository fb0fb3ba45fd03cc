use super::{ALL, PATIENT, Wire, calling, model, usual_usage};
use agents::dispatch::{FailureKind, Finish, Part, Provider};
use fakes::{Answer, Seen, Turn};
use serde_json::{Value, json};

#[tokio::test]
async fn a_whole_answer_is_read_with_all_that_its_wire_tells() {
    for provider in ALL {
        let wire = Wire::start(provider).await;
        let reply = wire.whole(Turn::default()).await.unwrap();
        assert_eq!(reply.parts, [Part::Text("The answer.".to_owned())], "{provider:?}");
        assert_eq!((reply.finish, reply.usage), (Finish::Stop, Some(usual_usage(provider))), "{provider:?}");
        assert_eq!(reply.served_by.as_deref(), Some(wire.model.id.as_str()), "{provider:?}");
        assert!(reply.id.is_some_and(|id| !id.is_empty()), "{provider:?}");
        let quiet = Answer { says_usage: false, ..Answer::default() };
        assert_eq!(wire.whole(Turn::says(quiet)).await.unwrap().usage, None, "{provider:?}");
    }
}

#[tokio::test]
async fn calls_of_tools_come_with_their_arguments_and_ids_of_their_own() {
    for provider in ALL {
        let wire = Wire::start(provider).await;
        let reply = wire.whole(Turn::says(calling())).await.unwrap();
        assert_eq!(
            (reply.text().as_str(), reply.finish),
            ("Let me look.", Finish::ToolCalls),
            "{provider:?}"
        );
        let call = |part: &Part| match part {
            Part::ToolCall { id, name, arguments, signature } => {
                Some((id.clone(), name.clone(), arguments["at"].clone(), signature.is_some()))
            }
            _ => None,
        };
        let calls: Vec<_> = reply.parts.iter().filter_map(call).collect();
        let [(first, name, at, sealed), (second, _, other, _)] = &calls[..] else { panic!("{calls:?}") };
        assert_eq!((name.as_str(), at, other), ("look", &json!("the door"), &json!("äöü 🙂")));
        assert!(first != second && !first.is_empty(), "{provider:?}: {first}, {second}");
        assert_eq!(*sealed, provider == Provider::Gemini, "{provider:?}: Gemini 3 seals its calls");
    }
}

#[tokio::test]
async fn an_answer_that_is_as_long_as_it_may_be_says_so() {
    for provider in ALL {
        let wire = Wire::start(provider).await;
        let reply = wire.whole(Turn::says(Answer { length: true, ..Answer::default() })).await.unwrap();
        assert_eq!(reply.finish, Finish::Length, "{provider:?}");
    }
}

#[tokio::test]
async fn a_thought_is_a_part_where_it_is_shown() {
    for provider in [Provider::Gemini, Provider::Anthropic] {
        let wire = Wire::start(provider).await;
        let thinking = Answer { thought: Some("Hm.".to_owned()), ..Answer::default() };
        let reply = wire.whole(Turn::says(thinking)).await.unwrap();
        let [Part::Thought { text, .. }, Part::Text(_)] = &reply.parts[..] else { panic!("{reply:?}") };
        assert_eq!((text.as_str(), reply.text().as_str()), ("Hm.", "The answer."), "{provider:?}");
    }
}

/// The only request to a wire so far, and then a streamed one.
async fn asked(provider: Provider) -> [Seen; 2] {
    let wire = Wire::start(provider).await;
    wire.whole(Turn::default()).await.unwrap();
    wire.stream(Turn::default()).await.1.unwrap();
    wire.fake.seen().try_into().unwrap()
}

fn header<'a>(seen: &'a Seen, name: &str) -> Option<&'a str> {
    seen.headers.get(name).map(String::as_str)
}

#[tokio::test]
async fn gemini_is_asked_at_the_models_own_path_with_the_key_in_its_header() {
    let [whole, streamed] = asked(Provider::Gemini).await;
    assert_eq!(
        (whole.method.as_str(), whole.path.as_str()),
        ("POST", "/v1/models/gemini-3.8-flash:generateContent")
    );
    assert_eq!(streamed.path, "/v1/models/gemini-3.8-flash:streamGenerateContent?alt=sse");
    assert_eq!(whole.body, streamed.body);
    assert_eq!((header(&whole, "x-goog-api-key"), header(&whole, "authorization")), (Some("secret"), None));
    assert_eq!(header(&whole, "content-type"), Some("application/json"));
    assert_eq!(whole.body["contents"], json!([{"role": "user", "parts": [{"text": "Good morning."}]}]));
    assert_eq!(whole.body["systemInstruction"]["parts"][0]["text"], "Be brief.");
    assert_eq!(whole.body["tools"][0]["functionDeclarations"][0]["name"], "look");
    assert_eq!(whole.body["generationConfig"]["maxOutputTokens"], 512);
}

#[tokio::test]
async fn anthropic_is_asked_with_the_models_version() {
    let [whole, streamed] = asked(Provider::Anthropic).await;
    assert_eq!((whole.path.as_str(), streamed.path.as_str()), ("/v1/messages", "/v1/messages"));
    assert_eq!((header(&whole, "x-api-key"), header(&whole, "authorization")), (Some("secret"), None));
    assert_eq!(header(&whole, "anthropic-version"), Some("2026-10-21"));
    assert_eq!((&whole.body["model"], &whole.body["max_tokens"]), (&json!("claude-sonnet-5-5"), &json!(512)));
    assert_eq!(whole.body["system"], "Be brief.");
    assert_eq!(whole.body["tools"][0]["name"], "look");
    assert_eq!((&whole.body["stream"], &streamed.body["stream"]), (&Value::Null, &json!(true)));
}

#[tokio::test]
async fn each_dialect_of_chats_has_its_own_names() {
    for (provider, path, length, usage) in [
        (Provider::OpenAi, "/v1/chat/completions", "max_completion_tokens", json!({"include_usage": true})),
        (Provider::Compatible, "/v1/chat/completions", "max_tokens", json!({"include_usage": true})),
        (Provider::Mistral, "/mistral/v1/chat/completions", "max_tokens", Value::Null),
    ] {
        let [whole, streamed] = asked(provider).await;
        assert_eq!((whole.path.as_str(), streamed.path.as_str()), (path, path));
        assert_eq!(header(&whole, "authorization"), Some("Bearer secret"), "{provider:?}");
        assert_eq!(
            (&whole.body[length], &whole.body["messages"][0]["role"]),
            (&json!(512), &json!("system"))
        );
        assert_eq!(whole.body["messages"][1], json!({"role": "user", "content": "Good morning."}));
        assert_eq!(whole.body["tools"][0]["function"]["name"], "look");
        assert_eq!((&whole.body["stream"], &streamed.body["stream"]), (&Value::Null, &json!(true)));
        assert_eq!((&whole.body["stream_options"], &streamed.body["stream_options"]), (&Value::Null, &usage));
    }
}

#[tokio::test]
async fn a_count_is_asked_for_where_the_provider_counts() {
    for (provider, path) in [
        (Provider::Gemini, Some("/v1/models/gemini-3.8-flash:countTokens")),
        (Provider::Anthropic, Some("/v1/messages/count_tokens")),
        (Provider::OpenAi, None),
        (Provider::Mistral, None),
    ] {
        let wire = Wire::start(provider).await;
        let counted = wire.api.count(&wire.model, &wire.request(), PATIENT).await.unwrap();
        let expected = path.map_or_else(|| wire.request().estimated_input(), |_| 1_000);
        assert_eq!(counted, expected, "{provider:?}");
        let paths: Vec<String> = wire.fake.seen().into_iter().map(|seen| seen.path).collect();
        assert_eq!(
            paths.iter().map(String::as_str).collect::<Vec<_>>(),
            Vec::from_iter(path),
            "{provider:?}"
        );
    }
}

#[tokio::test]
async fn each_text_has_its_vector_in_the_order_of_the_texts() {
    for (provider, id, tells) in [
        (Provider::Gemini, "gemini-embedding-001", false),
        (Provider::OpenAi, "text-embedding-3-small", true),
        (Provider::Mistral, "text-embedding-3-small", true),
        (Provider::Compatible, "text-embedding-3-small", true),
    ] {
        let wire = Wire::start(provider).await;
        let model = model(provider, id);
        let embed = async |texts: &[&str]| {
            let texts: Vec<String> = texts.iter().map(|text| (*text).to_owned()).collect();
            wire.api.embed(&model, &texts, PATIENT).await.unwrap()
        };
        let (one, both) = (embed(&["a"]).await, embed(&["b", "a"]).await);
        assert_eq!((one.vectors.len(), both.vectors.len(), one.vectors[0].len()), (1, 2, 8), "{provider:?}");
        assert_eq!(both.vectors[1], one.vectors[0], "{provider:?}");
        assert_ne!(both.vectors[0], both.vectors[1], "{provider:?}");
        assert_eq!(both.usage.map(|usage| usage.fresh), tells.then_some(2), "{provider:?}");
    }
    let wire = Wire::start(Provider::Anthropic).await;
    let refused = wire.api.embed(&wire.model, &["a".to_owned()], PATIENT).await.unwrap_err();
    assert_eq!((refused.kind, wire.fake.seen().len()), (FailureKind::UnknownModel, 0));
}
