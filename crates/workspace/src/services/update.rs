//! An admin changes a workspace.

use super::WorkspaceService;
use crate::{
    Error, Result, events,
    model::{self, Settings, Slug, Workspace},
    ports::WorkspaceTx,
};
use kernel::{
    Area, CallContext, FieldErrors, Role, StoreError, TimeZone, Timestamp, WorkspaceScope, field::Checker,
};
use serde_json::Value;

/// New values; what is absent stays.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct UpdateWorkspace {
    /// 1 to 120 characters.
    pub name: Option<String>,
    /// Never made of a new name: addresses that people keep must not move by themselves.
    pub slug: Option<String>,
    /// An IANA name.
    pub time_zone: Option<String>,
    /// A JSON object that replaces the old one whole.
    pub settings: Option<Value>,
}

struct Checked {
    name: Option<String>,
    slug: Option<Slug>,
    time_zone: Option<TimeZone>,
    settings: Option<Settings>,
}

impl UpdateWorkspace {
    fn check(self) -> Result<Checked, FieldErrors> {
        let mut check = Checker::default();
        let name = check.field("/name", self.name.as_deref().map(model::name).transpose());
        let slug = check.field("/slug", self.slug.as_deref().map(Slug::parse).transpose());
        let zone = check.field("/time_zone", self.time_zone.as_deref().map(model::time_zone).transpose());
        let settings = check.field("/settings", self.settings.map(Settings::parse).transpose());
        check.finish()?;
        Ok(Checked {
            name: name.flatten(),
            slug: slug.flatten(),
            time_zone: zone.flatten(),
            settings: settings.flatten(),
        })
    }
}

impl Checked {
    /// Puts the new values in and names the fields that differ.
    fn apply(self, workspace: &mut Workspace) -> Vec<&'static str> {
        let mut changed = Vec::new();
        replace(&mut workspace.name, self.name, "name", &mut changed);
        replace(&mut workspace.slug, self.slug, "slug", &mut changed);
        replace(&mut workspace.time_zone, self.time_zone, "time_zone", &mut changed);
        replace(&mut workspace.settings, self.settings, "settings", &mut changed);
        changed
    }
}

fn replace<T: PartialEq>(
    field: &mut T,
    value: Option<T>,
    name: &'static str,
    changed: &mut Vec<&'static str>,
) {
    if let Some(value) = value.filter(|value| value != field) {
        *field = value;
        changed.push(name);
    }
}

impl WorkspaceService {
    /// Changes the workspace when it has the version that the caller saw. A change to what is there already is none:
    /// version and trail stay.
    ///
    /// # Errors
    /// [`Error::Denied`] below admin; [`Error::Invalid`] with every wrong field; a `Stale` store
    /// error for another version; [`Error::SlugTaken`] when another workspace of the caller has the slug.
    pub async fn update(
        &self,
        ctx: &CallContext,
        scope: &WorkspaceScope,
        input: UpdateWorkspace,
        expected: Option<i32>,
    ) -> Result<Workspace> {
        scope.require(Area::Workspaces.write().by(Role::Admin))?;
        let wanted = input.check()?;
        let now = self.env.now();
        self.uow
            .run(scope, async |tx| {
                let mut workspace = tx.workspaces().find().await?.ok_or(Error::NotFound)?;
                let seen = workspace.version;
                if expected.is_some_and(|expected| expected != seen) {
                    return Err(StoreError::Stale.into());
                }
                let changed = wanted.apply(&mut workspace);
                if changed.is_empty() {
                    return Ok(workspace);
                }
                if changed.contains(&"slug") {
                    refuse_taken_slug(tx, scope, &workspace.slug).await?;
                }
                self.save(tx, ctx, &mut workspace, &changed, now).await?;
                Ok(workspace)
            })
            .await
    }

    /// Stores the changed workspace as its next version, with the fact.
    pub(super) async fn save(
        &self,
        tx: &mut (dyn WorkspaceTx + 'static),
        ctx: &CallContext,
        workspace: &mut Workspace,
        changed: &[&str],
        now: Timestamp,
    ) -> Result<()> {
        let seen = workspace.version;
        workspace.version = seen + 1;
        workspace.updated_at = now;
        tx.workspaces().save(workspace, seen).await?;
        tx.events().append(events::updated(&self.env, ctx, workspace, changed)).await?;
        Ok(())
    }
}

/// Compares with the caller's own workspaces only, so that the answer tells nothing about other tenants.
async fn refuse_taken_slug(
    tx: &mut (dyn WorkspaceTx + 'static),
    scope: &WorkspaceScope,
    slug: &Slug,
) -> Result<()> {
    let Some(user) = scope.actor().user() else { return Ok(()) };
    if tx.workspaces().slugs_of(user).await?.contains(slug) {
        return Err(Error::SlugTaken);
    }
    Ok(())
}
