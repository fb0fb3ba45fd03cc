use super::SystemUnit;
use crate::store::Store;
use ::identity::{
    ExternalIdentity, Person, PersonExport, Session,
    ports::{PersonalDataReader, PersonalDataRepository, PersonalTraces},
};
use async_trait::async_trait;
use kernel::{
    Actor, AuditEntry, Event, Page, PageRequest, StoreResult, SystemScope, Timestamp, UserId, UserScope,
};

fn concerns(event: &Event, user: UserId) -> bool {
    event.user_id == Some(user) || event.actor == Actor::User(user)
}

#[async_trait]
impl PersonalDataRepository for SystemUnit {
    async fn save_export(&mut self, export: &PersonExport) -> StoreResult<()> {
        self.statement(|unit| {
            unit.state.identity.exports.insert(export.user_id, export.clone());
            Ok(())
        })
    }

    async fn drop_expired_exports(&mut self, now: Timestamp) -> StoreResult<()> {
        self.statement(|unit| {
            unit.state.identity.exports.retain(|_, export| export.expires_at > now);
            Ok(())
        })
    }

    async fn erase(&mut self, person: &Person) -> StoreResult<()> {
        self.statement(|unit| {
            let user = person.user.id;
            let state = &mut unit.state;
            state.identity.exports.remove(&user);
            state.identity.email_tokens.retain(|_, token| token.user_id != user);
            state.identity.factors.remove(&user);
            state.identity.recovery_codes.retain(|(owner, _), _| *owner != user);
            state.identity.challenges.retain(|_, challenge| challenge.user_id != user);
            state.identity.secrets.retain(|(owner, _), _| *owner != user);
            for session in state.identity.sessions.values_mut().filter(|session| session.user_id == user) {
                (session.address, session.user_agent) = (None, None);
            }
            for row in state.events.rows.iter_mut().filter(|row| concerns(&row.entry.event, user)) {
                (row.entry.address, row.entry.user_agent) = (None, None);
            }
            Ok(())
        })
    }
}

#[async_trait]
impl PersonalTraces for Store {
    async fn forget_traces(&self, _: &SystemScope, person: &Person) -> StoreResult<()> {
        let (mut state, user, address) = (self.state().await?, person.user.id, person.user.email.lower());
        state.jobs.forget(user, &address);
        state.idempotency.forget(user, &address);
        Ok(())
    }
}

#[async_trait]
impl PersonalDataReader for Store {
    async fn list_sessions(&self, _: &SystemScope, user: UserId) -> StoreResult<Vec<Session>> {
        let state = self.state().await?;
        Ok(state.identity.sessions.values().filter(|session| session.user_id == user).cloned().collect())
    }

    async fn list_identities(&self, _: &SystemScope, user: UserId) -> StoreResult<Vec<ExternalIdentity>> {
        let state = self.state().await?;
        let all = state.identity.external_identities.values();
        Ok(all.filter(|identity| identity.user_id == user).cloned().collect())
    }

    async fn page_trail(
        &self,
        _: &SystemScope,
        user: UserId,
        request: &PageRequest,
    ) -> StoreResult<Page<AuditEntry>> {
        let state = self.state().await?;
        let theirs = state.events.rows.iter().map(|row| &row.entry).filter(|entry| {
            concerns(&entry.event, user) && request.after.is_none_or(|after| entry.event.id.uuid() > after)
        });
        let mut rows: Vec<AuditEntry> = theirs.cloned().collect();
        rows.sort_by_key(|entry| entry.event.id);
        Ok(Page::cut(rows, request.limit, |entry| entry.event.id.uuid()))
    }

    async fn count_trail(&self, _: &SystemScope, user: UserId) -> StoreResult<i64> {
        let state = self.state().await?;
        let count = state.events.rows.iter().filter(|row| concerns(&row.entry.event, user)).count();
        Ok(i64::try_from(count).unwrap_or(i64::MAX))
    }

    async fn find_export(&self, scope: &UserScope) -> StoreResult<Option<PersonExport>> {
        Ok(self.state().await?.identity.exports.get(&scope.user()).cloned())
    }
}
