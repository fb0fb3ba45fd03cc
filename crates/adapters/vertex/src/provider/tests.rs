use super::*;
use agents::dispatch::CatalogueFile;
use kernel::testing::ManualClock;
use web::testing::breakers;

const KEY: &str = include_str!("../../tests/account.json");

fn vertex(location: &str) -> Vertex {
    let clock = Arc::new(ManualClock::at("2026-11-26T12:00:00Z"));
    let account = crate::ServiceAccount::parse(KEY).unwrap();
    let tokens = Tokens::new(account, clock.clone(), &breakers(&clock).0).unwrap();
    let access = Access::account(Arc::new(tokens), "p1".to_owned(), location.parse().unwrap());
    Vertex::new(Caller::new(clock).unwrap(), access, None)
}

fn model(id: &str) -> Model {
    CatalogueFile::shipped().unwrap().find(id, "2026-11-26T12:00:00Z".parse().unwrap()).unwrap().clone()
}

#[test]
fn a_models_place_is_where_googles_own_client_looks_for_it() {
    let flash = vertex("us-central1").url(
        &model("gemini-3.8-flash"),
        "gemini-3.8-flash",
        "streamGenerateContent?alt=sse",
    );
    assert_eq!(
        flash.unwrap(),
        "https://us-central1-aiplatform.googleapis.com/v1/projects/p1/locations/us-central1/publishers/google/models/gemini-3.8-flash:streamGenerateContent?alt=sse"
    );
    let sonnet = vertex("global").url(&model("claude-sonnet-5-5"), "claude-sonnet-5-5", "rawPredict");
    assert_eq!(
        sonnet.unwrap(),
        "https://aiplatform.googleapis.com/v1/projects/p1/locations/global/publishers/anthropic/models/claude-sonnet-5-5:rawPredict"
    );
}

#[test]
fn an_express_key_leads_to_googles_models_only() {
    let access = Access::express(&"key".into()).unwrap();
    let clock = Arc::new(ManualClock::at("2026-11-26T12:00:00Z"));
    let vertex = Vertex::new(Caller::new(clock).unwrap(), access, None);
    let flash = vertex.url(&model("gemini-3.8-flash"), "gemini-3.8-flash", "generateContent").unwrap();
    assert_eq!(
        flash,
        "https://aiplatform.googleapis.com/v1/publishers/google/models/gemini-3.8-flash:generateContent"
    );
    let sonnet = vertex.url(&model("claude-sonnet-5-5"), "claude-sonnet-5-5", "rawPredict").unwrap_err();
    assert_eq!(sonnet.kind, FailureKind::UnknownModel);
}
