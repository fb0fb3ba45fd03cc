//! Each provider against the fake of its wire, over HTTP.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test says what it expects")]

mod deadlines;
mod faults;
mod guarded;
mod streams;
mod whole;

use agents::{
    dispatch::{
        CatalogueFile, Delta, Message, Model, ModelFailure, ModelRequest, Provider, Reply, Tool, Usage,
    },
    ports::models::{Deadlines, LanguageModel, ReplyStream},
};
use fakes::{Answer, Fake, Turn};
use futures_util::StreamExt;
use kernel::testing::ManualClock;
use models::{
    Caller,
    openai::Dialect,
    providers::{AnthropicApi, ChatApi, GeminiApi},
};
use serde_json::json;
use std::{sync::Arc, time::Duration};

const NOW: &str = "2026-11-26T12:00:00Z";
const PATIENT: Deadlines = Deadlines { first_token: Duration::from_secs(20), total: Duration::from_secs(20) };
const ALL: [Provider; 5] =
    [Provider::Gemini, Provider::Anthropic, Provider::OpenAi, Provider::Mistral, Provider::Compatible];

/// A provider that talks to a fake of its own, and a model that it serves.
struct Wire {
    fake: Fake,
    api: Arc<dyn LanguageModel>,
    model: Model,
}

impl Wire {
    async fn start(provider: Provider) -> Self {
        let fake = Fake::start().await;
        let api = api(provider, fake.url());
        Self { fake, api, model: model(provider, chat_model(provider)) }
    }

    /// Plays an answer, and asks for it in one piece.
    async fn whole(&self, turn: Turn) -> Result<Reply, ModelFailure> {
        self.fake.play(turn);
        self.api.generate(&self.model, &self.request(), PATIENT).await
    }

    /// Plays an answer, and asks for it bit by bit.
    async fn stream(&self, turn: Turn) -> (Vec<Delta>, Result<Reply, ModelFailure>) {
        self.fake.play(turn);
        match self.api.stream(&self.model, &self.request(), PATIENT).await {
            Ok(pieces) => drained(pieces).await,
            Err(failure) => (Vec::new(), Err(failure)),
        }
    }

    fn request(&self) -> ModelRequest {
        request().fitted(&self.model)
    }
}

fn caller() -> Caller {
    Caller::new(Arc::new(ManualClock::at(NOW))).unwrap()
}

fn api(provider: Provider, url: &str) -> Arc<dyn LanguageModel> {
    let key = "secret".into();
    let chat = |dialect, base: String| ChatApi::new(caller(), dialect, &base, Some(&key)).unwrap();
    match provider {
        Provider::Gemini => Arc::new(GeminiApi::new(caller(), url, &key).unwrap()),
        Provider::Anthropic => Arc::new(AnthropicApi::new(caller(), url, &key).unwrap()),
        Provider::Mistral => Arc::new(chat(Dialect::Mistral, format!("{url}/mistral/v1"))),
        Provider::Compatible => Arc::new(chat(Dialect::Compatible, format!("{url}/v1"))),
        Provider::OpenAi | Provider::Vertex => Arc::new(chat(Dialect::OpenAi, format!("{url}/v1"))),
    }
}

const fn chat_model(provider: Provider) -> &'static str {
    match provider {
        Provider::Gemini | Provider::Vertex => "gemini-3.8-flash",
        Provider::Anthropic => "claude-sonnet-5-5",
        Provider::OpenAi | Provider::Compatible => "gpt-6-luna",
        Provider::Mistral => "mistral-small-latest",
    }
}

/// A model of the list; whoever does not serve it by the list serves it under its id.
fn model(provider: Provider, id: &str) -> Model {
    let list = CatalogueFile::shipped().unwrap();
    let mut model = list.find(id, NOW.parse().unwrap()).unwrap().clone();
    model.served_as.entry(provider).or_insert_with(|| id.to_owned());
    model
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

/// What the default answer of the fake takes, as far as a provider tells it.
fn usual_usage(provider: Provider) -> Usage {
    match provider {
        Provider::Mistral => Usage { fresh: 1_000, output: 150, ..Usage::NONE },
        _ => Usage { fresh: 600, cache_read: 400, output: 150, reasoning: 50, ..Usage::NONE },
    }
}

/// Text, and two calls of a tool.
fn calling() -> Answer {
    let call = |at: &str| ("look".to_owned(), json!({"at": at}));
    Answer { calls: vec![call("the door"), call("äöü 🙂")], ..Answer::text("Let me look.") }
}

/// All pieces before the end, and the end.
async fn drained(mut pieces: ReplyStream) -> (Vec<Delta>, Result<Reply, ModelFailure>) {
    let mut before = Vec::new();
    while let Some(piece) = pieces.next().await {
        let end = match piece {
            Ok(Delta::End(reply)) => Ok(*reply),
            Err(failure) => Err(failure),
            Ok(delta) => {
                before.push(delta);
                continue;
            }
        };
        assert!(pieces.next().await.is_none(), "nothing comes after the end");
        return (before, end);
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
