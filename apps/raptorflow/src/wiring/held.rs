use async_trait::async_trait;
use identity::ports::PersonalRecords;
use kernel::{Limit, PageRequest, StoreError, StoreResult, UserScope};
use serde_json::{Value, json};
use workspace::{MyWorkspace, services::WorkspaceService};

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
            let page = self.0.list_mine(scope, &request).await.map_err(|error| match error {
                workspace::Error::Store(error) => error,
                other => StoreError::Internal(other.to_string()),
            })?;
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
