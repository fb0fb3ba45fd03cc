//! The server as a test holds it.

use crate::{TokenTurn, Turn, server, state::State};
use serde_json::Value;
use std::{collections::BTreeMap, sync::Arc, time::Duration};
use tokio::{net::TcpListener, sync::watch, task::JoinHandle, time::timeout};

/// How long a test waits for what must come.
const DEADLINE: Duration = Duration::from_secs(10);

/// A request as it came.
#[derive(Debug, Clone, PartialEq)]
pub struct Seen {
    /// Such as `POST`.
    pub method: String,
    /// With the query.
    pub path: String,
    /// Names in lower case.
    pub headers: BTreeMap<String, String>,
    /// JSON as it is, a form as an object of texts, anything else as a text; null where there is none.
    pub body: Value,
}

/// A running server, on the runtime that started it; it ends when this is dropped.
#[derive(Debug)]
pub struct Fake {
    state: Arc<State>,
    server: JoinHandle<()>,
}

impl Drop for Fake {
    fn drop(&mut self) {
        self.server.abort();
    }
}

impl Fake {
    /// On a free port of 127.0.0.1; it records what it sees.
    ///
    /// # Panics
    /// When there is no free port.
    pub async fn start() -> Self {
        Self::listen(0, true).await
    }

    /// On this port, for as many requests as may come: it records nothing.
    ///
    /// # Panics
    /// When the port is taken.
    pub async fn start_without_records(port: u16) -> Self {
        Self::listen(port, false).await
    }

    async fn listen(port: u16, records: bool) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", port)).await.expect("the port is free");
        let address = listener.local_addr().expect("a listener has an address");
        let state = Arc::new(State::new(format!("http://{address}"), records));
        let server = tokio::spawn(server::run(listener, Arc::clone(&state)));
        Self { state, server }
    }

    /// `http://127.0.0.1:PORT`, without a slash at its end.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.state.url
    }

    /// What the next request to a model gets that has no turn yet.
    pub fn play(&self, turn: Turn) {
        self.state.play(turn);
    }

    /// What a request to a model gets when no turn is left, instead of the default answer.
    pub fn play_always(&self, turn: Turn) {
        self.state.play_always(turn);
    }

    /// What the next request to the token endpoint gets that has no turn yet.
    pub fn play_token(&self, turn: TokenTurn) {
        self.state.play_token(turn);
    }

    /// The requests so far.
    #[must_use]
    pub fn seen(&self) -> Vec<Seen> {
        self.state.seen.borrow().clone()
    }

    /// Forgets what was seen.
    pub fn clear(&self) {
        self.state.seen.send_modify(Vec::clear);
    }

    /// How many callers closed the connection before their answer was whole.
    #[must_use]
    pub fn hang_ups(&self) -> usize {
        *self.state.hang_ups.borrow()
    }

    /// How many requests are being answered right now.
    #[must_use]
    pub fn open(&self) -> usize {
        self.state.open()
    }

    /// Waits until so many callers have hung up.
    ///
    /// # Panics
    /// After ten seconds.
    pub async fn until_hang_ups(&self, count: usize) {
        until(&self.state.hang_ups, |hang_ups| *hang_ups >= count, "hang-ups").await;
    }

    /// Waits until so many requests have come.
    ///
    /// # Panics
    /// After ten seconds.
    pub async fn until_seen(&self, count: usize) {
        until(&self.state.seen, |seen| seen.len() >= count, "requests").await;
    }

    /// Waits until the server ends, which it does not by itself.
    pub async fn serve(mut self) {
        // Only a panic ends it; the runtime has told of it.
        let _ = (&mut self.server).await;
    }
}

async fn until<T>(channel: &watch::Sender<T>, holds: impl FnMut(&T) -> bool, what: &str) {
    let mut receiver = channel.subscribe();
    let come = timeout(DEADLINE, receiver.wait_for(holds)).await;
    assert!(come.is_ok(), "there were not so many {what} within {DEADLINE:?}");
}
