//! A caller that shows what really came.

use fakes::Fake;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

/// An answer as it came.
#[derive(Debug)]
pub(crate) struct Got {
    pub(crate) status: u16,
    pub(crate) headers: BTreeMap<String, String>,
    pub(crate) body: String,
    /// None where the answer has a length.
    pub(crate) chunks: Vec<String>,
    /// It came to its end.
    pub(crate) is_whole: bool,
}

impl Got {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error}: {}", self.body))
    }

    /// Of each event: its name and its data. What is no JSON is a text.
    pub(crate) fn events(&self) -> Vec<(String, Value)> {
        let body = self.body.replace("\r\n", "\n");
        let events = body.split_terminator("\n\n").filter(|event| !event.starts_with(':'));
        events
            .map(|event| {
                let field = |name: &str| event.lines().find_map(|line| line.strip_prefix(name));
                let data = field("data: ").unwrap_or(event);
                let data = serde_json::from_str(data).unwrap_or_else(|_| json!(data));
                (field("event: ").unwrap_or_default().to_owned(), data)
            })
            .collect()
    }

    pub(crate) fn data(&self) -> Vec<Value> {
        self.events().into_iter().map(|(_, data)| data).collect()
    }
}

/// One connection.
#[derive(Debug)]
pub(crate) struct Client {
    pub(crate) stream: TcpStream,
    input: Vec<u8>,
}

impl Client {
    pub(crate) async fn of(fake: &Fake) -> Self {
        let address = fake.url().strip_prefix("http://").unwrap();
        Self { stream: TcpStream::connect(address).await.unwrap(), input: Vec::new() }
    }

    pub(crate) async fn send(&mut self, ask: &Ask) {
        let mut head = format!("{} {} HTTP/1.1\r\nHost: fake\r\n", ask.method, ask.path);
        for (name, value) in &ask.headers {
            head += &format!("{name}: {value}\r\n");
        }
        head += &format!("Content-Length: {}\r\n\r\n{}", ask.body.len(), ask.body);
        self.stream.write_all(head.as_bytes()).await.unwrap();
    }

    /// `false` when nothing more comes.
    async fn more(&mut self) -> bool {
        matches!(self.stream.read_buf(&mut self.input).await, Ok(1..))
    }

    async fn line(&mut self) -> Option<String> {
        loop {
            if let Some(end) = self.input.windows(2).position(|two| two == b"\r\n") {
                let line = String::from_utf8(self.input[..end].to_vec()).unwrap();
                self.input.drain(..end + 2);
                return Some(line);
            }
            if !self.more().await {
                return None;
            }
        }
    }

    /// As many bytes, or what there is.
    async fn bytes(&mut self, length: usize) -> (Vec<u8>, bool) {
        while self.input.len() < length {
            if !self.more().await {
                return (std::mem::take(&mut self.input), false);
            }
        }
        (self.input.drain(..length).collect(), true)
    }

    /// The next chunk; `None` when nothing more comes, an empty one at the end.
    pub(crate) async fn chunk(&mut self) -> Option<Vec<u8>> {
        let size = usize::from_str_radix(&self.line().await?, 16).unwrap();
        let (chunk, is_whole) = self.bytes(size).await;
        self.line().await.filter(|_| is_whole).map(|_| chunk)
    }

    /// Status and headers; `None` when the connection ends before.
    pub(crate) async fn head(&mut self) -> Option<(u16, BTreeMap<String, String>)> {
        let status = self.line().await?.split(' ').nth(1).unwrap().parse().unwrap();
        let mut headers = BTreeMap::new();
        loop {
            let line = self.line().await?;
            if line.is_empty() {
                return Some((status, headers));
            }
            let (name, value) = line.split_once(": ").unwrap();
            headers.insert(name.to_owned(), value.to_owned());
        }
    }

    pub(crate) async fn answer(&mut self) -> Option<Got> {
        let (status, headers) = self.head().await?;
        let mut chunks = Vec::new();
        let (body, is_whole) = match headers.get("content-length") {
            Some(length) => self.bytes(length.parse().unwrap()).await,
            None => loop {
                match self.chunk().await {
                    Some(chunk) if chunk.is_empty() => break (chunks.concat(), true),
                    Some(chunk) => chunks.push(chunk),
                    None => break (chunks.concat(), false),
                }
            },
        };
        let chunks = chunks.iter().map(|chunk| String::from_utf8_lossy(chunk).into_owned()).collect();
        Some(Got { status, headers, body: String::from_utf8(body).unwrap(), chunks, is_whole })
    }
}

/// A request.
#[derive(Debug, Clone)]
pub(crate) struct Ask {
    pub(crate) method: &'static str,
    pub(crate) path: String,
    pub(crate) headers: Vec<(&'static str, String)>,
    pub(crate) body: String,
}

impl Ask {
    /// With a Bearer key and the version that Anthropic wants.
    pub(crate) fn post(path: &str, body: &Value) -> Self {
        let headers = [
            ("Authorization", "Bearer k"),
            ("Content-Type", "application/json"),
            ("anthropic-version", "2026-10-21"),
        ];
        Self {
            method: "POST",
            path: path.to_owned(),
            headers: headers.map(|(name, value)| (name, value.to_owned())).to_vec(),
            body: body.to_string(),
        }
    }

    pub(crate) fn with(mut self, name: &'static str, value: &str) -> Self {
        self = self.without(name);
        self.headers.push((name, value.to_owned()));
        self
    }

    pub(crate) fn without(mut self, name: &str) -> Self {
        self.headers.retain(|(known, _)| *known != name);
        self
    }

    /// On a connection of its own.
    pub(crate) async fn of(&self, fake: &Fake) -> Got {
        self.answer(fake).await.expect("the connection ended before the answer began")
    }

    pub(crate) async fn answer(&self, fake: &Fake) -> Option<Got> {
        let mut client = Client::of(fake).await;
        client.send(self).await;
        client.answer().await
    }
}

/// How to ask on one wire, for a whole answer and for a stream.
#[derive(Debug)]
pub(crate) struct Wire {
    pub(crate) name: &'static str,
    pub(crate) whole: Ask,
    pub(crate) stream: Ask,
}

pub(crate) const VERTEX: &str =
    "/v1/projects/p1/locations/us-central1/publishers/google/models/gemini-3.8-flash";
pub(crate) const CLAUDE: &str =
    "/v1/projects/p1/locations/global/publishers/anthropic/models/claude-sonnet-5-5";

pub(crate) fn google_body() -> Value {
    json!({"contents": [{"role": "user", "parts": [{"text": "Hello"}]}]})
}

/// For all wires but Google's.
pub(crate) fn chat_body(model: &str, more: &Value) -> Value {
    let mut body =
        json!({"model": model, "max_tokens": 100, "messages": [{"role": "user", "content": "Hello"}]});
    body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    body
}

pub(crate) fn claude_body(more: &Value) -> Value {
    let mut body = chat_body("", more);
    body.as_object_mut().unwrap().remove("model");
    body["anthropic_version"] = json!("2026-10-21");
    body
}

/// All that answer with text.
pub(crate) fn wires() -> Vec<Wire> {
    let stream = json!({"stream": true});
    let developer = "/v1beta/models/gemini-3.8-flash";
    let google = |name, model: &str| Wire {
        name,
        whole: Ask::post(&format!("{model}:generateContent"), &google_body()),
        stream: Ask::post(&format!("{model}:streamGenerateContent?alt=sse"), &google_body()),
    };
    let chat = |name, path, model| Wire {
        name,
        whole: Ask::post(path, &chat_body(model, &json!({}))),
        stream: Ask::post(path, &chat_body(model, &stream)),
    };
    vec![
        google("vertex", VERTEX),
        google("developer", developer),
        Wire {
            name: "claude on vertex",
            whole: Ask::post(&format!("{CLAUDE}:rawPredict"), &claude_body(&json!({}))),
            stream: Ask::post(&format!("{CLAUDE}:streamRawPredict"), &claude_body(&stream)),
        },
        chat("anthropic", "/v1/messages", "claude-sonnet-5-5"),
        chat("openai", "/v1/chat/completions", "gpt-4o-mini"),
        chat("mistral", "/mistral/v1/chat/completions", "mistral-large-latest"),
    ]
}
