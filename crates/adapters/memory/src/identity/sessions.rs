use super::{SystemUnit, leads_somewhere, unique};
use crate::store::Store;
use ::identity::{
    EndReason, Session,
    ports::{SessionReader, SessionRepository, SessionStanding},
};
use async_trait::async_trait;
use kernel::{Page, PageRequest, SessionId, StoreResult, SystemScope, Timestamp, UserId, UserScope};

#[async_trait]
impl SessionRepository for SystemUnit {
    async fn insert(&mut self, session: &Session) -> StoreResult<()> {
        self.statement(|unit| {
            let state = &mut unit.state.identity;
            unique(!state.sessions.contains_key(&session.id), "sessions_pkey")?;
            leads_somewhere(state.people.contains_key(&session.user_id), "sessions")?;
            state.sessions.insert(session.id, session.clone());
            Ok(())
        })
    }

    async fn touch(&mut self, id: SessionId, at: Timestamp) -> StoreResult<()> {
        self.statement(|unit| {
            if let Some(session) = unit.state.identity.sessions.get_mut(&id) {
                session.last_seen_at = session.last_seen_at.max(at);
            }
            Ok(())
        })
    }

    async fn end(
        &mut self,
        id: SessionId,
        user: UserId,
        reason: EndReason,
        at: Timestamp,
    ) -> StoreResult<bool> {
        self.statement(|unit| {
            let session = unit.state.identity.sessions.get_mut(&id);
            let open = session.filter(|session| session.user_id == user && session.ended_at.is_none());
            let Some(session) = open else { return Ok(false) };
            session.ended_at = Some(at);
            session.end_reason = Some(reason);
            Ok(true)
        })
    }

    async fn end_all(
        &mut self,
        user: UserId,
        except: Option<SessionId>,
        reason: EndReason,
        at: Timestamp,
    ) -> StoreResult<Vec<SessionId>> {
        self.statement(|unit| {
            let theirs = |session: &&mut Session| {
                session.user_id == user && Some(session.id) != except && session.is_live(at)
            };
            let live = unit.state.identity.sessions.values_mut().filter(theirs);
            let ended = live.map(|session| {
                session.ended_at = Some(at);
                session.end_reason = Some(reason);
                session.id
            });
            Ok(ended.collect())
        })
    }
}

#[async_trait]
impl SessionReader for Store {
    async fn find_standing(&self, _: &SystemScope, id: SessionId) -> StoreResult<Option<SessionStanding>> {
        Ok(self.state().await?.identity.standing(id))
    }

    async fn page(
        &self,
        scope: &UserScope,
        request: &PageRequest,
        now: Timestamp,
    ) -> StoreResult<Page<Session>> {
        let state = self.state().await?;
        let mine = state.identity.sessions.values().rev().filter(|session| {
            session.user_id == scope.user()
                && session.is_live(now)
                && request.after.is_none_or(|after| session.id.uuid() < after)
        });
        let rows = mine.take(request.limit.get() as usize + 1).cloned().collect();
        Ok(Page::cut(rows, request.limit, |session: &Session| session.id.uuid()))
    }
}
