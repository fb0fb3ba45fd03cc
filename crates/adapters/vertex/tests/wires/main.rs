//! Vertex AI against the fake of its wires and of Google's token endpoint, over HTTP.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test says what it expects")]

mod access;
mod claude;
mod tokens;

use agents::{
    dispatch::{CatalogueFile, Delta, Message, Model, ModelFailure, ModelRequest, Reply, Tool, Usage},
    ports::models::{Deadlines, LanguageModel},
};
use fakes::{Answer, Fake, Seen, Turn};
use futures_util::StreamExt;
use kernel::testing::ManualClock;
use models::Caller;
use serde_json::{Value, json};
use std::{sync::Arc, time::Duration};
use vertex::{Access, ServiceAccount, Tokens, Vertex};
use web::testing::{NotedPauses, breakers};

const NOW: &str = "2026-11-26T12:00:00Z";
const PATIENT: Deadlines = Deadlines { first_token: Duration::from_secs(20), total: Duration::from_secs(20) };
/// What the default answer of the fake takes.
const USUAL: Usage = Usage { fresh: 600, cache_read: 400, output: 150, reasoning: 50, ..Usage::NONE };

/// Vertex AI by a service account, whose tokens the fake grants.
struct Cloud {
    fake: Fake,
    clock: Arc<ManualClock>,
    pauses: Arc<NotedPauses>,
    tokens: Arc<Tokens>,
    vertex: Vertex,
}

impl Cloud {
    async fn start() -> Self {
        Self::with(json!({})).await
    }

    /// With these members in the account's key file, too.
    async fn with(members: Value) -> Self {
        let fake = Fake::start().await;
        let clock = Arc::new(ManualClock::at(NOW));
        let (breakers, pauses) = breakers(&clock);
        let account = account(fake.url(), &members);
        let tokens = Arc::new(Tokens::new(account, clock.clone(), &breakers).unwrap());
        let location = "us-central1".parse().unwrap();
        let access = Access::account(tokens.clone(), "p1".to_owned(), location);
        let vertex = Vertex::new(Caller::new(clock.clone()).unwrap(), access, Some(fake.url()));
        Self { fake, clock, pauses, tokens, vertex }
    }

    async fn whole(&self, model: &Model, turn: Turn) -> Result<Reply, ModelFailure> {
        self.fake.play(turn);
        self.vertex.generate(model, &request().fitted(model), PATIENT).await
    }

    async fn stream(&self, model: &Model, turn: Turn) -> (Vec<Delta>, Result<Reply, ModelFailure>) {
        self.fake.play(turn);
        streamed(&self.vertex, model).await
    }

    /// The requests to models.
    fn asked(&self) -> Vec<Seen> {
        self.fake.seen().into_iter().filter(|seen| seen.path != "/token").collect()
    }

    /// How many tokens were asked for.
    fn fetches(&self) -> usize {
        self.fake.seen().iter().filter(|seen| seen.path == "/token").count()
    }
}

fn account(url: &str, members: &Value) -> ServiceAccount {
    let mut file: Value = serde_json::from_str(include_str!("../account.json")).unwrap();
    file["token_uri"] = json!(format!("{url}/token"));
    for (name, value) in members.as_object().unwrap() {
        file[name] = value.clone();
    }
    ServiceAccount::parse(&file.to_string()).unwrap()
}

fn model(id: &str) -> Model {
    CatalogueFile::shipped().unwrap().find(id, NOW.parse().unwrap()).unwrap().clone()
}

fn request() -> ModelRequest {
    let look = Tool {
        name: "look".to_owned(),
        description: "Looks.".to_owned(),
        parameters: json!({"type": "object", "properties": {"at": {"type": "string"}}}),
    };
    ModelRequest {
        system: Some("Be brief.".to_owned()),
        messages: vec![Message::user("Good morning.")],
        tools: vec![look],
        max_output_tokens: Some(512),
        ..ModelRequest::default()
    }
}

/// Text, a thought, and a call of a tool.
fn calling() -> Answer {
    let calls = vec![("look".to_owned(), json!({"at": "äöü 🙂"}))];
    Answer { calls, thought: Some("Hm.".to_owned()), ..Answer::text("Let me look.") }
}

/// All pieces before the end, and the end.
async fn streamed(vertex: &Vertex, model: &Model) -> (Vec<Delta>, Result<Reply, ModelFailure>) {
    let mut before = Vec::new();
    let mut pieces = match vertex.stream(model, &request().fitted(model), PATIENT).await {
        Ok(pieces) => pieces,
        Err(failure) => return (before, Err(failure)),
    };
    while let Some(piece) = pieces.next().await {
        match piece {
            Ok(Delta::End(reply)) => return (before, Ok(*reply)),
            Ok(delta) => before.push(delta),
            Err(failure) => return (before, Err(failure)),
        }
    }
    panic!("a stream ends with a reply or a failure");
}

fn text_of(deltas: &[Delta]) -> String {
    let text = |delta: &Delta| match delta {
        Delta::Text(text) => Some(text.clone()),
        _ => None,
    };
    deltas.iter().filter_map(text).collect()
}

fn header<'a>(seen: &'a Seen, name: &str) -> Option<&'a str> {
    seen.headers.get(name).map(String::as_str)
}
