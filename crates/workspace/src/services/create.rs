//! A person makes a workspace.

use super::WorkspaceService;
use crate::{
    Error, Result, events,
    model::{self, Membership, MyWorkspace, Settings, Slug, Workspace, WorkspaceStatus},
    ports::WorkspaceTx,
};
use kernel::{
    CallContext, FieldErrors, Role, TimeZone, UserId, UserScope, WorkspaceId, WorkspaceScope, field::Checker,
};

/// What a person says of the workspace they make.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CreateWorkspace {
    /// 1 to 120 characters.
    pub name: String,
    /// Made of the name when absent.
    pub slug: Option<String>,
    /// An IANA name; UTC when absent, until onboarding names one.
    pub time_zone: Option<String>,
}

impl CreateWorkspace {
    fn check(&self) -> Result<(String, Option<Slug>, TimeZone), FieldErrors> {
        let mut check = Checker::default();
        let name = check.field("/name", model::name(&self.name));
        let slug = check.field("/slug", self.slug.as_deref().map(Slug::parse).transpose());
        let zone = self.time_zone.as_deref().map_or_else(|| Ok(TimeZone::utc()), model::time_zone);
        let zone = check.field("/time_zone", zone);
        check.finish_with(name.zip(slug).zip(zone).map(|((name, slug), zone)| (name, slug, zone)))
    }
}

impl WorkspaceService {
    /// Makes a workspace with the caller as its owner, once per idempotency key.
    ///
    /// A slug that was made of the name gets a number when another workspace of the caller has it.
    ///
    /// # Errors
    /// [`Error::Invalid`] with every wrong field; [`Error::SlugTaken`] when the caller named a slug
    /// that another of their workspaces has.
    pub async fn create(
        &self,
        ctx: &CallContext,
        maker: &UserScope,
        input: CreateWorkspace,
    ) -> Result<MyWorkspace> {
        let (name, wanted, time_zone) = input.check()?;
        let (id, now) = (self.env.id(), self.env.now());
        let scope = WorkspaceScope::for_creation(maker.user(), id);
        let membership =
            Membership { workspace_id: id, user_id: maker.user(), role: Role::Owner, joined_at: now };
        self.uow
            .run_once(&scope, ctx, now, async |tx| {
                let slug = free_slug(tx, maker.user(), wanted, &name, id).await?;
                let workspace = Workspace {
                    id,
                    name,
                    slug,
                    time_zone,
                    settings: Settings::default(),
                    status: WorkspaceStatus::Active,
                    version: 1,
                    created_at: now,
                    updated_at: now,
                };
                tx.workspaces().insert(&workspace).await?;
                tx.memberships().insert(&membership).await?;
                tx.events().append(events::created(&self.env, ctx, &workspace)).await?;
                Ok(MyWorkspace { workspace, role: membership.role, joined_at: membership.joined_at })
            })
            .await
    }
}

async fn free_slug(
    tx: &mut (dyn WorkspaceTx + 'static),
    maker: UserId,
    wanted: Option<Slug>,
    name: &str,
    id: WorkspaceId,
) -> Result<Slug> {
    let taken = tx.workspaces().slugs_of(maker).await?;
    match wanted {
        Some(slug) if taken.contains(&slug) => Err(Error::SlugTaken),
        Some(slug) => Ok(slug),
        None => Ok(Slug::derive(name, id).first_free(&taken)),
    }
}
