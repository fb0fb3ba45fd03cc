use crate::http::{caller::Caller, tenant::Tenant};
use ::workspace::services::EventService;
use actix_web::HttpRequest;
use kernel::{Event, WorkspaceScope};
use local::Follower;
use std::time::Duration;
use tokio::time::Instant;

/// How long nothing is said at most.
const SILENCE: Duration = Duration::from_secs(15);
/// How long until the next look, while growth is not heard of.
const LOOK: Duration = Duration::from_secs(2);

/// Somebody who follows a workspace's facts. They come from the store, in order of their numbers; what is heard on the way
/// only says when to look. So no replica tells more or less than another one.
pub(super) struct Following {
    request: HttpRequest,
    events: EventService,
    scope: WorkspaceScope,
    follower: Follower,
    /// Of the last fact that was told.
    number: i64,
    say_by: Instant,
}

impl Following {
    pub(super) fn new(
        request: HttpRequest,
        events: EventService,
        scope: WorkspaceScope,
        follower: Follower,
        number: i64,
    ) -> Self {
        Self { request, events, scope, follower, number, say_by: Instant::now() + SILENCE }
    }

    /// The next facts, at the latest after [`SILENCE`]; `Some(None)` is a sign of life, `None` the end. Asked only when the
    /// client has taken what was before, so nothing piles up.
    pub(super) async fn next(&mut self) -> Option<Option<Vec<Event>>> {
        loop {
            self.enter_again().await?;
            let found = self.events.list_after(&self.scope, self.number).await;
            let found =
                found.inspect_err(|error| tracing::warn!(%error, "a stream of facts broke off")).ok()?;
            if let Some(last) = found.last() {
                self.number = last.number;
                self.say_by = Instant::now() + SILENCE;
                return Some(Some(found));
            }
            if self.follower.is_over() {
                return None;
            }
            let look = if self.follower.hears_all() { SILENCE } else { LOOK };
            let until = self.say_by.min(Instant::now() + look);
            let grown = tokio::time::timeout_at(until, self.follower.grown()).await;
            if grown.is_err() && Instant::now() >= self.say_by {
                self.say_by = Instant::now() + SILENCE;
                return Some(None);
            }
        }
    }

    /// Looks whether the caller could come in now, as they did.
    async fn enter_again(&mut self) -> Option<()> {
        let caller = Caller::authenticated(&self.request).await.ok()?;
        let tenant = Tenant::entering(&self.request, caller, Some(self.scope.workspace())).await.ok()?;
        self.scope = tenant.scope;
        Some(())
    }
}
