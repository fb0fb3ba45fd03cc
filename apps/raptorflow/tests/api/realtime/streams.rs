//! Clients of both protocols, and facts to follow.

use crate::fixture::{Fixture, Home};
use campaign::ports::CampaignTx;
use futures_util::{SinkExt, StreamExt};
use kernel::{NewEvent, StoreResult, UnitOfWork, WorkspaceScope};
use reqwest::{Method, RequestBuilder, Response};
use serde_json::{Value, json};
use std::time::Duration;
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::{
    Error, Message,
    client::IntoClientRequest,
    http::{HeaderName, HeaderValue},
};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

/// What is waited for comes by then.
const SOON: Duration = Duration::from_secs(10);

/// A message, as both protocols tell it.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Fact {
    pub(crate) id: i64,
    pub(crate) event: String,
    pub(crate) data: Value,
}

impl Fact {
    fn checked(self) -> Self {
        assert_eq!((&self.data["number"], &self.data["event_type"]), (&json!(self.id), &json!(self.event)));
        self
    }
}

/// The types of facts.
pub(crate) fn types(facts: &[Fact]) -> Vec<&str> {
    facts.iter().map(|fact| fact.event.as_str()).collect()
}

/// A client of server-sent events.
pub(crate) struct Sse {
    response: Response,
    text: String,
}

impl Sse {
    /// Begins to read; fails unless the answer is a stream.
    pub(crate) async fn open(request: RequestBuilder) -> Self {
        let response = request.send().await.unwrap();
        assert_eq!(response.status(), 200);
        assert_eq!(response.headers()["content-type"], "text/event-stream");
        assert!(!response.headers().contains_key("content-encoding"));
        Self { response, text: String::new() }
    }

    /// Of the workspace's facts, after the number `last`.
    pub(crate) async fn of_workspace(fixture: &Fixture, who: &Home, last: Option<i64>) -> Self {
        let path = format!("/api/v1/workspaces/{}/events/stream", who.workspace);
        let request = fixture.call(who, Method::GET, &path);
        Self::open(match last {
            Some(last) => request.header("last-event-id", last.to_string()),
            None => request,
        })
        .await
    }

    /// The next lines, up to an empty one: a fact, or what is none; `None` when the stream ends.
    pub(crate) async fn block(&mut self) -> Option<String> {
        loop {
            if let Some((block, rest)) = self.text.split_once("\n\n") {
                let (block, rest) = (block.to_owned(), rest.to_owned());
                self.text = rest;
                return Some(block);
            }
            let chunk = tokio::time::timeout(SOON, self.response.chunk()).await.unwrap().unwrap()?;
            self.text.push_str(std::str::from_utf8(&chunk).unwrap());
        }
    }

    /// The next fact; `None` when the stream ends.
    pub(crate) async fn next(&mut self) -> Option<Fact> {
        loop {
            let block = self.block().await?;
            let field = |name: &str| block.lines().find_map(|line| line.strip_prefix(name));
            if let (Some(id), Some(event), Some(data)) = (field("id: "), field("event: "), field("data: ")) {
                let data = serde_json::from_str(data).unwrap();
                return Some(Fact { id: id.parse().unwrap(), event: event.to_owned(), data }.checked());
            }
        }
    }

    /// So many facts.
    pub(crate) async fn take(&mut self, count: usize) -> Vec<Fact> {
        let mut facts = Vec::new();
        while facts.len() < count {
            facts.push(self.next().await.unwrap());
        }
        facts
    }

    /// Every fact until the stream ends.
    pub(crate) async fn rest(mut self) -> Vec<Fact> {
        let mut facts = Vec::new();
        while let Some(fact) = self.next().await {
            facts.push(fact);
        }
        facts
    }
}

/// A client of WebSockets.
pub(crate) struct Socket(pub(crate) WebSocketStream<MaybeTlsStream<TcpStream>>);

impl Socket {
    /// Opens one with these headers; else status and body of the refusal.
    pub(crate) async fn open(
        fixture: &Fixture,
        path: &str,
        headers: &[(&'static str, &str)],
    ) -> Result<Self, (u16, Value)> {
        let mut request = format!("ws://{}{path}", fixture.address()).into_client_request().unwrap();
        for (name, value) in headers {
            let (name, value) = (HeaderName::from_static(name), HeaderValue::from_str(value).unwrap());
            request.headers_mut().insert(name, value);
        }
        match tokio::time::timeout(SOON, connect_async(request)).await.unwrap() {
            Ok((socket, answer)) => {
                let token = headers.iter().find(|(name, _)| *name == "sec-websocket-protocol");
                let chosen = answer.headers().get("sec-websocket-protocol");
                assert_eq!(chosen.map(|chosen| chosen.to_str().unwrap()), token.map(|_| "bearer"));
                Ok(Self(socket))
            }
            Err(Error::Http(refused)) => {
                let body = refused.body().as_deref().unwrap_or_default();
                Err((refused.status().as_u16(), serde_json::from_slice(body).unwrap_or_default()))
            }
            Err(error) => panic!("{error}"),
        }
    }

    /// Opens one by somebody's token, in the header.
    pub(crate) async fn by(fixture: &Fixture, who: &Home, path: &str) -> Self {
        Self::open(fixture, path, &[("authorization", &format!("Bearer {}", who.token))]).await.unwrap()
    }

    /// The next message of the server, but for heartbeats.
    pub(crate) async fn message(&mut self) -> Option<Message> {
        loop {
            match tokio::time::timeout(SOON, self.0.next()).await.unwrap()?.unwrap() {
                Message::Ping(_) | Message::Pong(_) => {}
                message => return Some(message),
            }
        }
    }

    /// So many facts.
    pub(crate) async fn take(&mut self, count: usize) -> Vec<Fact> {
        let mut facts = Vec::new();
        while facts.len() < count {
            match self.message().await.unwrap() {
                Message::Text(text) => facts.push(fact(&text)),
                other => panic!("{other:?} is no fact"),
            }
        }
        facts
    }

    /// Every fact until the server closes, and the code that it closes with.
    pub(crate) async fn rest(mut self) -> (Vec<Fact>, u16) {
        let mut facts = Vec::new();
        loop {
            match self.message().await.unwrap() {
                Message::Text(text) => facts.push(fact(&text)),
                Message::Close(reason) => return (facts, reason.unwrap().code.into()),
                other => panic!("{other:?} is no fact"),
            }
        }
    }

    /// Sends a message, and answers with which code the server closes.
    pub(crate) async fn closed_upon(mut self, message: Message) -> u16 {
        self.0.send(message).await.unwrap();
        self.rest().await.1
    }
}

fn fact(text: &str) -> Fact {
    let told: Value = serde_json::from_str(text).unwrap();
    let members: Vec<_> = told.as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(members, ["data", "event", "id"]);
    let event = told["event"].as_str().unwrap().to_owned();
    Fact { id: told["id"].as_i64().unwrap(), event, data: told["data"].clone() }.checked()
}

/// The path of the WebSocket of a workspace's facts.
pub(crate) fn socket_of(who: &Home) -> String {
    format!("/api/v1/workspaces/{}/events/ws", who.workspace)
}

/// Tells facts of the workspace, as a use case would.
pub(crate) async fn tell(fixture: &Fixture, home: &Home, event_type: &'static str, payloads: Vec<Value>) {
    let facts = payloads.into_iter().map(|payload| {
        NewEvent::new(&fixture.env, &home.ctx, event_type, ("thing", fixture.env.ids.uuid()), payload)
    });
    let facts: Vec<_> = facts.collect();
    let units: &dyn UnitOfWork<dyn CampaignTx, WorkspaceScope> = fixture.store.as_ref();
    let told: StoreResult<()> = units
        .run(&home.scope, async |tx| {
            for fact in facts {
                tx.events().append(fact).await?;
            }
            Ok(())
        })
        .await;
    told.unwrap();
}

/// Tells one fact, whose text has a line break.
pub(crate) async fn tell_one(fixture: &Fixture, home: &Home, event_type: &'static str) {
    tell(fixture, home, event_type, vec![json!({"text": "a\nb"})]).await;
    fixture.work().await;
}
