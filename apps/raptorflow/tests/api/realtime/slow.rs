//! A client that takes its time: facts wait in the store for it, not in memory.

use super::streams::{Fact, Socket, Sse, socket_of, tell};
use crate::fixture::{Edges, Fixture};
use async_trait::async_trait;
use kernel::{Event, EventReader, StoreResult, WorkspaceScope};
use serde_json::json;
use std::sync::{
    Arc,
    atomic::{AtomicI64, Ordering::SeqCst},
};
use uuid::Uuid;

/// So many facts of this size are more than the sockets of both ends hold.
const FACTS: usize = 3000;
const SIZE: usize = 16 * 1024;
/// How many facts may be under way: what the sockets' buffers hold, a frame each of thirty-two, and what was read at once.
const UNDER_WAY: i64 = 1200;

/// Notes how far the store was read.
struct Noting(Arc<dyn EventReader>, Arc<AtomicI64>);

#[async_trait]
impl EventReader for Noting {
    async fn list_after(&self, scope: &WorkspaceScope, number: i64, limit: u32) -> StoreResult<Vec<Event>> {
        let found = self.0.list_after(scope, number, limit).await?;
        self.1.fetch_max(found.last().map_or(0, |event| event.number), SeqCst);
        Ok(found)
    }

    async fn list_about(
        &self,
        scope: &WorkspaceScope,
        subject: (&str, Uuid),
        number: i64,
        limit: u32,
    ) -> StoreResult<Vec<Event>> {
        self.0.list_about(scope, subject, number, limit).await
    }

    async fn last_number(&self, scope: &WorkspaceScope) -> StoreResult<i64> {
        self.0.last_number(scope).await
    }
}

fn noting() -> (Fixture, Arc<AtomicI64>) {
    let read = Arc::new(AtomicI64::new(0));
    let noted = read.clone();
    let reader: Option<crate::fixture::edges::Reader> =
        Some(Box::new(|reader| Arc::new(Noting(reader, noted))));
    let edges = Edges { reader, ..Edges::default() };
    (Fixture::met(edges), read)
}

/// How far the reading of the store is ahead of the client, at most.
struct Ahead(Arc<AtomicI64>, i64);

impl Ahead {
    fn see(&mut self, fact: &Fact) {
        self.1 = self.1.max(self.0.load(SeqCst) - fact.id);
    }
}

#[actix_web::test]
async fn what_a_client_does_not_take_is_not_read_and_nothing_is_lost() {
    for is_socket in [false, true] {
        let (fixture, read) = noting();
        let home = fixture.home().await;
        let mut events = None;
        let mut socket = None;
        if is_socket {
            socket = Some(Socket::by(&fixture, &home, &socket_of(&home)).await);
        } else {
            events = Some(Sse::of_workspace(&fixture, &home, None).await);
        }
        let payloads = (0..FACTS).map(|n| json!({"n": n, "text": "x".repeat(SIZE)})).collect();
        tell(&fixture, &home, "thing.happened", payloads).await;
        // Meanwhile the server has time to read ahead.
        fixture.work().await;
        for _ in 0..200 {
            assert_eq!(fixture.get(&home, "/api/v1/agents").await.status(), 200);
        }
        let mut ahead = Ahead(read, 0);
        for n in 0..FACTS {
            let fact = match (&mut events, &mut socket) {
                (Some(events), _) => events.next().await.unwrap(),
                (_, socket) => socket.as_mut().unwrap().take(1).await.remove(0),
            };
            assert_eq!(fact.data["payload"]["n"], n);
            ahead.see(&fact);
        }
        assert!(ahead.1 < UNDER_WAY, "{} facts were read ahead (WebSocket: {is_socket})", ahead.1);
    }
}

#[actix_web::test]
async fn whoever_is_far_behind_hears_at_once_that_the_server_ends() {
    let fixture = Fixture::start();
    let home = fixture.home().await;
    let mut socket = Socket::by(&fixture, &home, &socket_of(&home)).await;
    let payloads = (0..FACTS).map(|n| json!({"n": n, "text": "x".repeat(SIZE)})).collect();
    tell(&fixture, &home, "thing.happened", payloads).await;
    fixture.work().await;
    socket.take(1).await;
    let ((), (facts, code)) = tokio::join!(fixture.stop(), socket.rest());
    assert_eq!(code, 1001);
    assert!(facts.len() < FACTS / 2, "{} facts were told first", facts.len());
}
