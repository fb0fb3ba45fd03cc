use super::{Protocol, Topic, places::Place, topic::Told};
use crate::http::{caller::Caller, live::Places, problem::Problem, tenant::Tenant};
use actix_web::{HttpRequest, web};
use kernel::{ErrorKind, Event, WorkspaceScope};
use local::{Follower, LiveStreams};
use std::time::Duration;
use tokio::time::Instant;

/// How long until the next look, while growth is not heard of.
const LOOK: Duration = Duration::from_secs(2);

/// What is to be followed, and how.
pub(in crate::http) struct Start {
    pub(in crate::http) topic: Topic,
    pub(in crate::http) protocol: Protocol,
    /// The number of the fact that the client had last.
    pub(in crate::http) had: Option<i64>,
}

/// Somebody who follows facts. They come from the store, in order of their numbers; what is heard on the way only says when
/// to look. So no replica tells more or less than another one.
pub(in crate::http) struct Following {
    request: HttpRequest,
    topic: Topic,
    scope: WorkspaceScope,
    follower: Follower,
    /// What the first look has found.
    first: Option<Told>,
    /// Of the last fact that was told.
    number: i64,
    silence: Duration,
    say_by: Instant,
}

/// What a follower is to hear next.
pub(super) enum Heard {
    /// Facts, oldest first.
    Facts(Vec<Event>),
    /// That nothing has happened for a while.
    Nothing,
    /// That it is over.
    End(End),
}

/// Why it is over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum End {
    /// Everything was told.
    Complete,
    /// The server ends.
    GoingAway,
    /// The caller may not come in any more.
    Refused,
    /// Facts can't be had.
    Failed,
}

impl Following {
    /// Takes a place, hears of growth from here on, and looks for the first time: who may not follow is told so by an answer,
    /// not by a stream that ends at once.
    pub(in crate::http) async fn begin(
        request: &HttpRequest,
        tenant: Tenant,
        start: Start,
    ) -> Result<(Self, Place), Problem> {
        let Start { topic, protocol, had } = start;
        let missing = || Problem::internal("the app has no streams");
        let places = request.app_data::<web::Data<Places>>().ok_or_else(missing)?;
        let live = request.app_data::<web::Data<LiveStreams>>().ok_or_else(missing)?;
        let scope = tenant.scope;
        // From here on it hears of growth: what is told between this and the first look is not missed.
        let follower = live.clone().into_inner().follow(scope.workspace().into());
        let number = match had {
            Some(number) => number,
            None => topic.beginning(&scope).await?,
        };
        let first = topic.after(&scope, number).await?;
        let place = places.clone().into_inner().take(tenant.ctx.actor, scope.workspace(), protocol)?;
        let silence = places.silence();
        let say_by = Instant::now() + silence;
        let request = request.clone();
        Ok((Self { request, topic, scope, follower, first: Some(first), number, silence, say_by }, place))
    }

    /// How long nothing is said, at most.
    pub(super) const fn silence(&self) -> Duration {
        self.silence
    }

    /// Whether there is nothing left to tell, now and ever.
    pub(super) fn is_complete(&self) -> bool {
        self.first.as_ref().is_some_and(|told| told.is_over && told.facts.is_empty())
    }

    /// The next facts, at the latest after a while. Asked only when the client has taken what was before, so nothing piles up.
    pub(super) async fn next(&mut self) -> Heard {
        loop {
            // However much there is to tell: the client comes again with the number of what it had, to who stays.
            if self.first.is_none() && self.follower.is_over() {
                return Heard::End(End::GoingAway);
            }
            let told = match self.look().await {
                Ok(told) => told,
                Err(end) => return Heard::End(end),
            };
            if let Some(last) = told.facts.last() {
                self.number = last.number;
                self.say_by = Instant::now() + self.silence;
                return Heard::Facts(told.facts);
            }
            if told.is_over {
                return Heard::End(End::Complete);
            }
            // Nobody wakes who began to follow while the server ends.
            if self.follower.is_over() {
                return Heard::End(End::GoingAway);
            }
            let look = if self.follower.hears_all() { self.silence } else { LOOK };
            let until = self.say_by.min(Instant::now() + look);
            let grown = tokio::time::timeout_at(until, self.follower.grown()).await;
            if grown.is_err() && Instant::now() >= self.say_by {
                self.say_by = Instant::now() + self.silence;
                return Heard::Nothing;
            }
        }
    }

    /// Looks for facts, as who may still come in.
    async fn look(&mut self) -> Result<Told, End> {
        if let Some(first) = self.first.take() {
            return Ok(first);
        }
        let found = async {
            let caller = Caller::authenticated(&self.request).await?;
            let tenant = Tenant::entering(&self.request, caller, Some(self.scope.workspace())).await?;
            self.scope = tenant.scope;
            self.topic.after(&self.scope, self.number).await
        };
        found.await.map_err(|problem: Problem| match problem.code().kind {
            ErrorKind::Unavailable | ErrorKind::Internal => {
                let cause = problem.cause().unwrap_or(problem.code().meaning);
                tracing::warn!(error = cause, "a stream of facts broke off");
                End::Failed
            }
            _ => End::Refused,
        })
    }
}
