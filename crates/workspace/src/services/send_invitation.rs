//! Mailing an invitation.

use super::InvitationService;
use crate::{
    Result,
    model::{Invitation, InvitationStatus},
};
use async_trait::async_trait;
use kernel::{
    CallContext, Environment, InvitationId, Job, JobFailure, JobHandler, LinkBase, Mail, Mailer, NewJob,
    WorkspaceScope,
};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// The kind of job that [`SendInvitation`] handles.
pub const SEND_INVITATION: &str = "workspace.send_invitation";

/// The client's page that shows an invitation and accepts it, up to the token.
const PAGE: &str = "/accept-invitation?token=";

#[derive(Debug, Serialize, Deserialize)]
struct Payload {
    invitation_id: InvitationId,
}

/// The job that mails the invitation.
pub(super) fn job(env: &Environment, ctx: &CallContext, invitation: &Invitation) -> NewJob {
    let payload = serde_json::json!({ "invitation_id": invitation.id });
    NewJob::new(env, ctx, SEND_INVITATION, payload)
}

/// Handles the jobs that mail invitations. The token is derived from the invitation, so a second run sends the same
/// mail, and the mailer sees by its key that it is the same.
#[derive(Clone)]
pub struct SendInvitation {
    invitations: InvitationService,
    mailer: Arc<dyn Mailer>,
    links: LinkBase,
}

impl SendInvitation {
    /// The handler over the use cases and a mailer.
    #[must_use]
    pub const fn new(invitations: InvitationService, mailer: Arc<dyn Mailer>, links: LinkBase) -> Self {
        Self { invitations, mailer, links }
    }

    /// The mail as it is to be sent now; `None` when there is no longer a reason for it.
    async fn compose(&self, scope: &WorkspaceScope, id: InvitationId) -> Result<Option<Mail>> {
        let service = &self.invitations;
        let found = service.invitations.find(scope, id).await?;
        let open = found.filter(|found| found.status(service.env.now()) == InvitationStatus::Open);
        let Some((invitation, workspace)) = open.zip(service.workspaces.find(scope).await?) else {
            return Ok(None);
        };
        let text = include_str!("../../data/mails/invitation.txt")
            .replace("{role}", invitation.role.name())
            .replace("{link}", &self.links.client_with_token(PAGE, &service.token(id)))
            .replace("{expires_at}", &invitation.expires_at.to_string())
            // The last one: a name that looks like a place to fill in stays as it is.
            .replace("{workspace}", &on_one_line(&workspace.name));
        Ok(Some(Mail {
            to: invitation.email.to_string(),
            subject: "You are invited to a workspace on RaptorFlow".to_owned(),
            text,
            key: id.to_string(),
        }))
    }
}

/// A name can't begin a line of its own in a mail that strangers get.
fn on_one_line(name: &str) -> String {
    name.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}

#[async_trait]
impl JobHandler for SendInvitation {
    fn kind(&self) -> &'static str {
        SEND_INVITATION
    }

    async fn handle(&self, job: &Job) -> Result<(), JobFailure> {
        let payload = Payload::deserialize(&job.payload).map_err(|e| JobFailure::Permanent(e.to_string()))?;
        let scope = WorkspaceScope::for_job(job)
            .ok_or_else(|| JobFailure::Permanent("the job belongs to no workspace".to_owned()))?;
        let mail = self.compose(&scope, payload.invitation_id).await;
        match mail.map_err(|error| JobFailure::of(&error))? {
            Some(mail) => Ok(self.mailer.send(&mail).await?),
            None => Ok(()),
        }
    }
}
