use async_trait::async_trait;
use identity::ports::PersonalRecords;
use kernel::{Limit, PageRequest, StoreError, StoreResult, UserScope};
use serde_json::{Value, json};
use workspace::{
    ApiKey, Invitation, MyWorkspace,
    services::{HeldService, WorkspaceService},
};

/// Where a person is a member, for the export of what is held of them.
pub(super) struct HeldMemberships(pub(super) WorkspaceService);

#[async_trait]
impl PersonalRecords for HeldMemberships {
    fn section(&self) -> &'static str {
        "memberships"
    }

    async fn of(&self, scope: &UserScope) -> StoreResult<Value> {
        let mut request = PageRequest { limit: Limit::new(100).unwrap_or(Limit::DEFAULT), after: None };
        let mut memberships = Vec::new();
        loop {
            let page = self.0.list_mine(scope, &request).await.map_err(store)?;
            memberships.extend(page.items.iter().map(membership));
            match page.next {
                Some(after) => request.after = Some(after),
                None => return Ok(Value::Array(memberships)),
            }
        }
    }
}

fn membership(mine: &MyWorkspace) -> Value {
    json!({
        "workspace_id": mine.workspace.id,
        "workspace_name": mine.workspace.name,
        "role": mine.role,
        "joined_at": mine.joined_at,
    })
}

/// Invitations that a person made or got, for the same. Who else is named by one is left out.
pub(super) struct HeldInvitations(pub(super) HeldService);

#[async_trait]
impl PersonalRecords for HeldInvitations {
    fn section(&self) -> &'static str {
        "invitations"
    }

    async fn of(&self, scope: &UserScope) -> StoreResult<Value> {
        let (made, received) = self.0.invitations_of(scope).await.map_err(store)?;
        let shown = |invitations: &[Invitation]| invitations.iter().map(invitation).collect::<Vec<_>>();
        Ok(json!({ "made": shown(&made), "received": shown(&received) }))
    }
}

/// API keys that a person made, for the same; what lets in is stored hashed and shown to nobody.
pub(super) struct HeldKeys(pub(super) HeldService);

#[async_trait]
impl PersonalRecords for HeldKeys {
    fn section(&self) -> &'static str {
        "api_keys"
    }

    async fn of(&self, scope: &UserScope) -> StoreResult<Value> {
        Ok(self.0.keys_of(scope).await.map_err(store)?.iter().map(key).collect())
    }
}

fn invitation(invitation: &Invitation) -> Value {
    json!({
        "id": invitation.id,
        "workspace_id": invitation.workspace_id,
        "role": invitation.role,
        "created_at": invitation.created_at,
        "expires_at": invitation.expires_at,
        "accepted_at": invitation.accepted_at,
        "revoked_at": invitation.revoked_at,
    })
}

fn key(key: &ApiKey) -> Value {
    json!({
        "id": key.id,
        "workspace_id": key.workspace_id,
        "name": key.name,
        "prefix": key.prefix,
        "scopes": key.scopes,
        "created_at": key.created_at,
        "expires_at": key.expires_at,
        "last_used_at": key.last_used_at,
        "revoked_at": key.revoked_at,
    })
}

fn store(error: workspace::Error) -> StoreError {
    match error {
        workspace::Error::Store(error) => error,
        other => StoreError::Internal(other.to_string()),
    }
}
