use crate::scripted::{KNOWN, KNOWN_COST, Turn, fails, reply};
use crate::world::{World, ask};
use agents::dispatch::{
    CallEnd, FailureKind, Finish, ModelFailure, Part, Provider, Refusal, Speaker, Tool, ToolChoice,
};
use kernel::{Failure, PicoUsd};
use serde_json::json;
use std::time::Duration;

fn seconds(waits: &[u64]) -> Vec<Duration> {
    waits.iter().copied().map(Duration::from_secs).collect()
}

#[tokio::test]
async fn an_alias_is_answered_by_its_first_target_at_its_price() {
    let world = World::new();
    let answer = world.ask(&ask("fast")).await.unwrap();
    assert_eq!((answer.reply.text().as_str(), answer.usage), ("Yes.", KNOWN));
    assert_eq!(
        (answer.source.model.as_str(), answer.source.provider),
        ("gemini-3.8-flash", Provider::Vertex)
    );
    let row = world.row().await;
    assert_eq!((row.cost, answer.cost), (PicoUsd::new(KNOWN_COST), PicoUsd::new(KNOWN_COST)));
    assert_eq!((row.end, row.attempts, row.is_estimated), (CallEnd::Answered(Finish::Stop), 1, false));
    assert_eq!((row.head.alias.map(agents::ModelAlias::name), row.head.id), (Some("fast"), answer.call));
    assert_eq!(row.served_by.as_deref(), Some("exactly-this-one"));
}

#[tokio::test]
async fn an_outage_is_asked_again_by_the_ladder_and_then_the_next_target() {
    let world = World::new();
    world.vertex.play((0..3).map(|_| fails(FailureKind::Unavailable)));
    let answer = world.ask(&ask("fast")).await.unwrap();
    assert_eq!(answer.source.provider, Provider::OpenAi);
    assert_eq!((world.vertex.times(), world.openai.times()), (3, 1), "Google advises two retries");
    assert_eq!(*world.around.waits.lock().unwrap(), seconds(&[1, 2]));
    let row = world.row().await;
    assert_eq!(
        (row.attempts, row.head.model.as_str()),
        (4, "gpt-6-luna"),
        "the one that answered is charged"
    );
}

#[tokio::test]
async fn a_provider_that_says_when_is_asked_then_unless_that_is_too_late() {
    let world = World::new();
    let busy = |wait| {
        Turn::Fails(ModelFailure::new(FailureKind::RateLimited, "busy").after(Some(seconds(&[wait])[0])))
    };
    world.vertex.play([busy(7), busy(52)]);
    assert_eq!(world.ask(&ask("fast")).await.unwrap().source.provider, Provider::OpenAi);
    assert_eq!(*world.around.waits.lock().unwrap(), seconds(&[7]));
}

#[tokio::test]
async fn what_the_next_target_may_do_is_left_to_it_at_once() {
    for kind in [
        FailureKind::Unauthorised,
        FailureKind::Billing,
        FailureKind::UnknownModel,
        FailureKind::UnsupportedParameter,
    ] {
        let world = World::new();
        world.vertex.play([fails(kind)]);
        assert_eq!(world.ask(&ask("fast")).await.unwrap().source.provider, Provider::OpenAi, "{kind:?}");
        assert!(world.around.waits.lock().unwrap().is_empty());
    }
}

#[tokio::test]
async fn a_target_that_is_left_alone_was_not_asked() {
    let world = World::new();
    world.vertex.play([fails(FailureKind::Resting)]);
    world.ask(&ask("fast")).await.unwrap();
    assert_eq!(world.row().await.attempts, 1);
}

#[tokio::test]
async fn a_block_and_a_wrong_request_are_asked_of_nobody_else() {
    for (kind, code) in
        [(FailureKind::Blocked, "content_blocked"), (FailureKind::Invalid, "request_not_taken")]
    {
        let world = World::new();
        world.vertex.play([fails(kind)]);
        let refused = world.ask(&ask("fast")).await.unwrap_err();
        assert_eq!((refused.code().name, world.vertex.times(), world.openai.times()), (code, 1, 0));
        assert!(!refused.to_string().contains("own words"), "{refused}");
        assert_eq!(world.row().await.end, CallEnd::Failed(kind));
    }
}

#[tokio::test]
async fn when_all_fail_the_caller_learns_when_to_come_back() {
    let world = World::new();
    world.vertex.play((0..3).map(|_| fails(FailureKind::Unreachable)));
    let busy = ModelFailure::new(FailureKind::RateLimited, "busy").after(Some(Duration::from_secs(30)));
    world.openai.play([Turn::Fails(busy)]);
    let refused = world.ask(&ask("fast")).await.unwrap_err();
    assert_eq!(
        (refused.code().name, refused.retry_after()),
        ("provider_unavailable", Some(Duration::from_secs(30)))
    );
    assert_eq!(world.row().await.cost, PicoUsd::ZERO);
}

#[tokio::test]
async fn without_a_provider_that_serves_the_model_there_is_no_answer_and_no_row() {
    let world = World::new();
    let none = world.with(Vec::new()).generate(&world.ctx, &world.scope, &ask("fast")).await.unwrap_err();
    assert_eq!(none.code().name, "provider_not_configured");
    let mistral = world.ask(&ask("mistral-small-latest")).await.unwrap_err();
    assert!(matches!(mistral, Refusal::NotConfigured(_)), "{mistral}");
    assert!(world.rows().await.is_empty());
}

#[tokio::test]
async fn what_is_no_model_or_no_schema_or_too_hot_is_named() {
    let world = World::new();
    let mut hot = ask("gpt-6-luna");
    hot.request.temperature = Some(9.0);
    let mut both = ask("gpt-9");
    both.request.schema = Some(json!({"type": "nonsense"}));
    assert_eq!(world.ask(&both).await.unwrap_err().fields().len(), 2, "all mistakes at once");
    let mut odd = ask("fast");
    odd.request.schema = Some(json!({"type": "nonsense"}));
    let mut lost = ask("fast");
    lost.request.schema = Some(json!({"$ref": "http://localhost/elsewhere.json"}));
    for (wrong, pointer) in [
        (lost, "/schema"),
        (ask("gpt-9"), "/model"),
        (ask("text-embedding-005"), "/model"),
        (hot, "/temperature"),
        (odd, "/schema"),
    ] {
        let refused = world.ask(&wrong).await.unwrap_err();
        let pointers: Vec<&str> = refused.fields().iter().map(|error| error.pointer.as_str()).collect();
        assert_eq!((refused.code().name, &pointers[..]), ("invalid", &[pointer][..]));
    }
    assert_eq!(world.vertex.times() + world.openai.times(), 0);
}

#[tokio::test]
async fn an_answer_that_is_not_as_its_schema_asks_is_asked_for_once_more() {
    let world = World::new();
    let mut typed = ask("fast");
    typed.request.schema = Some(json!({"type": "object", "required": ["name"]}));
    world.vertex.play([Turn::Says(reply("Sure! {}")), Turn::Says(reply("{\"name\": \"Ann\"}"))]);
    let answer = world.ask(&typed).await.unwrap();
    assert_eq!(answer.reply.text(), "{\"name\": \"Ann\"}");
    assert_eq!(world.row().await.cost, PicoUsd::new(2 * KNOWN_COST), "both were paid for");
    world.vertex.play((0..9).map(|_| Turn::Says(reply("{}"))));
    let other = agents::dispatch::Ask { prompt_version: Some("2".to_owned()), ..typed };
    assert_eq!(world.ask(&other).await.unwrap_err().code().name, "provider_unavailable");
    assert_eq!(world.vertex.times(), 4, "two that can't be used are enough");
}

#[tokio::test]
async fn each_target_gets_what_it_takes() {
    let world = World::new();
    let mut forced = ask("heavy");
    forced.request.temperature = Some(0.4);
    let (name, description) = ("look".to_owned(), "Looks.".to_owned());
    forced.request.tools.push(Tool { name, description, parameters: json!({"type": "object"}) });
    forced.request.tool_choice = ToolChoice::Some;
    let thought = Part::Thought { text: "Hm.".to_owned(), signature: Some("seal".to_owned()) };
    let said = agents::dispatch::Message { speaker: Speaker::Assistant, parts: vec![thought] };
    forced.request.messages.push(said);
    world.vertex.play([fails(FailureKind::Unauthorised)]);
    world.ask(&forced).await.unwrap();
    let sonnet = world.vertex.asked.lock().unwrap()[0].1.clone();
    assert_eq!((sonnet.temperature, sonnet.tool_choice), (None, ToolChoice::Auto));
    assert_eq!(sonnet.messages.len(), 2, "who thought it gets it back");
    let other = world.openai.asked.lock().unwrap()[0].1.clone();
    assert_eq!(other.temperature, Some(0.4));
    let parts: usize = other.messages.iter().map(|message| message.parts.len()).sum();
    assert_eq!(parts, 1, "nobody else's seals");
}
