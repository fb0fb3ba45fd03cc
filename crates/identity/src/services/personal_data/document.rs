//! Putting together all that is held of a person.

use super::PersonalDataService;
use crate::{ExternalIdentity, IdentityError, Person, Session, error::IdentityResult};
use kernel::{Actor, AuditEntry, Limit, PageRequest, SystemScope, UserId, UserScope};
use serde_json::{Map, Value, json};

impl PersonalDataService {
    /// The whole document, as of now.
    pub(super) async fn document(&self, scope: &UserScope) -> IdentityResult<Value> {
        let (system, user) = (SystemScope::for_personal_data(), scope.user());
        let person = self.users.find(scope).await?.ok_or(IdentityError::Unauthenticated)?;
        let sessions = self.data.list_sessions(&system, user).await?;
        let identities = self.data.list_identities(&system, user).await?;
        let mut sections = Map::new();
        sections.insert("format".to_owned(), json!(1));
        sections.insert("exported_at".to_owned(), json!(self.env.now()));
        sections.insert("account".to_owned(), account(&person));
        sections.insert("profile".to_owned(), profile(&person));
        sections.insert("sessions".to_owned(), sessions.iter().map(session).collect());
        sections.insert("external_identities".to_owned(), identities.iter().map(identity).collect());
        for records in &self.records {
            sections.insert(records.section().to_owned(), records.of(scope).await?);
        }
        sections.insert("trail".to_owned(), Value::Array(self.trail(&system, user).await?));
        Ok(Value::Object(sections))
    }

    async fn trail(&self, system: &SystemScope, user: UserId) -> IdentityResult<Vec<Value>> {
        let mut request = PageRequest { limit: Limit::new(100).unwrap_or(Limit::DEFAULT), after: None };
        let mut facts = Vec::new();
        loop {
            let page = self.data.page_trail(system, user, &request).await?;
            facts.extend(page.items.iter().map(|entry| fact(entry, user)));
            match page.next {
                Some(after) => request.after = Some(after),
                None => return Ok(facts),
            }
        }
    }
}

fn account(Person { user, .. }: &Person) -> Value {
    json!({
        "id": user.id,
        "email": user.email,
        "email_verified_at": user.email_verified_at,
        "has_password": user.password_hash.is_some(),
        "status": user.status,
        "platform_role": user.platform_role,
        "version": user.version,
        "created_at": user.created_at,
    })
}

fn profile(Person { profile, .. }: &Person) -> Value {
    json!({
        "display_name": profile.display_name,
        "time_zone": profile.time_zone,
        "locale": profile.locale,
        "job_title": profile.job_title,
        "avatar_url": profile.avatar_url,
    })
}

fn session(session: &Session) -> Value {
    json!({
        "id": session.id,
        "address": session.address,
        "user_agent": session.user_agent,
        "created_at": session.created_at,
        "last_seen_at": session.last_seen_at,
        "expires_at": session.expires_at,
        "ended_at": session.ended_at,
        "end_reason": session.end_reason,
    })
}

fn identity(ExternalIdentity { subject, linked_at, .. }: &ExternalIdentity) -> Value {
    json!({ "issuer": subject.issuer, "subject": subject.subject, "linked_at": linked_at })
}

/// A fact as the person may have it. What they did in a workspace is its business: they get that they did it, not its
/// content. Who else acted on them, and from where, is that one's.
fn fact(AuditEntry { event, address, user_agent }: &AuditEntry, user: UserId) -> Value {
    let is_own = event.user_id == Some(user) && event.workspace_id.is_none();
    let by_another = event.actor.user().is_some_and(|actor| actor != user);
    let mut fact = json!({
        "id": event.id,
        "type": event.event_type,
        "occurred_at": event.timestamp,
        "workspace_id": event.workspace_id,
        "subject": { "kind": event.subject_kind, "id": event.subject_id },
        "by": if event.actor == Actor::User(user) { "you" } else { event.actor.kind() },
    });
    if let Some(members) = fact.as_object_mut() {
        if is_own {
            members.insert("payload".to_owned(), event.payload.clone());
        }
        if !by_another {
            members.insert("address".to_owned(), json!(address));
            members.insert("user_agent".to_owned(), json!(user_agent));
        }
    }
    fact
}
