use super::race::Race;
use crate::ports::{BcmTx, BcmUow};
use crate::{
    ContextDocument, ContextSource, ContextVersion, Error, Foundation, FoundationContent, Icp, IcpProfile,
    OnboardingSession, Result, VersionNote, events,
};
use kernel::{Area, CallContext, Environment, OnboardingId, StoreError, WorkspaceId, WorkspaceScope};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// Building foundation, ICPs and a context version of an onboarding session.
#[derive(Clone)]
pub struct FinaliseService {
    uow: Arc<BcmUow>,
    env: Environment,
}

/// What finalising gave.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Finalised {
    /// The workspace's foundation.
    pub foundation: Foundation,
    /// Its ideal customer profiles, the most important first.
    pub icps: Vec<Icp>,
    /// The version that finalising made.
    pub version: ContextVersion,
}

impl FinaliseService {
    /// Connects the use case to a store.
    pub fn new(uow: Arc<BcmUow>, env: Environment) -> Self {
        Self { uow, env }
    }

    /// Builds foundation, ICPs and a context version in one transaction. Finalised a second time, a session answers
    /// the version of the first time, and changes nothing.
    ///
    /// A later session of a workspace replaces what the earlier one built: a profile of the same name keeps its id,
    /// the others go.
    ///
    /// # Errors
    /// [`Error::NotFound`]; [`Error::Incomplete`] when company, offer or audience are not completed.
    pub async fn finalise(
        &self,
        ctx: &CallContext,
        scope: &WorkspaceScope,
        session: OnboardingId,
    ) -> Result<Finalised> {
        scope.require(Area::Onboarding.write())?;
        let mut race = Race::default();
        loop {
            let work = self.uow.run_once(scope, ctx, self.env.now(), async |tx| {
                let session = tx.onboarding().find(session).await?.ok_or(Error::NotFound)?;
                match session.context_number {
                    Some(number) => earlier(tx, number).await,
                    None => self.build(ctx, scope, tx, session).await,
                }
            });
            let outcome = work.await;
            if !race.lost(&outcome) {
                return outcome;
            }
        }
    }

    async fn build(
        &self,
        ctx: &CallContext,
        scope: &WorkspaceScope,
        tx: &mut dyn BcmTx,
        mut session: OnboardingSession,
    ) -> Result<Finalised> {
        session.require_needed_steps()?;
        let (workspace, before) = (scope.workspace(), session.version);
        let foundation = self.settle_foundation(tx, workspace, session.foundation()?).await?;
        let icps = self.settle_icps(tx, workspace, session.profiles()?).await?;
        let document = ContextDocument::compile(&foundation.content, &icps);
        let version = self.next_version(tx, scope, &document).await?;
        session.finalise(version.number, self.env.now())?;
        tx.contexts().append(&version).await?;
        tx.onboarding().save(&session, before).await?;
        tx.events().append(events::version_created(&self.env, ctx, &version)).await?;
        let finalized = events::finalized(&self.env, ctx, &session, &foundation.content, &version);
        tx.events().append(finalized).await?;
        Ok(Finalised { foundation, icps, version })
    }

    async fn settle_foundation(
        &self,
        tx: &mut dyn BcmTx,
        workspace: WorkspaceId,
        content: FoundationContent,
    ) -> Result<Foundation> {
        let now = self.env.now();
        let Some(mut foundation) = tx.foundations().find().await? else {
            let foundation = Foundation::new(self.env.id(), workspace, content, now);
            tx.foundations().insert(&foundation).await?;
            return Ok(foundation);
        };
        let before = foundation.version;
        foundation.replace(content, now);
        tx.foundations().save(&foundation, before).await?;
        Ok(foundation)
    }

    async fn settle_icps(
        &self,
        tx: &mut dyn BcmTx,
        workspace: WorkspaceId,
        profiles: Vec<IcpProfile>,
    ) -> Result<Vec<Icp>> {
        let now = self.env.now();
        let mut known = tx.icps().list().await?;
        let mut icps = Vec::with_capacity(profiles.len());
        for profile in profiles {
            let namesake = known.iter().position(|icp| icp.profile.name == profile.name);
            let icp = if let Some(place) = namesake {
                let mut icp = known.remove(place);
                let before = icp.version;
                icp.replace(profile, now);
                tx.icps().save(&icp, before).await?;
                icp
            } else {
                let icp = Icp::new(self.env.id(), workspace, profile, now);
                tx.icps().insert(&icp).await?;
                icp
            };
            icps.push(icp);
        }
        for gone in known {
            tx.icps().delete(gone.id, gone.version).await?;
        }
        icps.sort_by_key(|icp| (icp.profile.priority, icp.id));
        Ok(icps)
    }

    async fn next_version(
        &self,
        tx: &mut dyn BcmTx,
        scope: &WorkspaceScope,
        document: &ContextDocument,
    ) -> Result<ContextVersion> {
        let previous = tx.contexts().current().await?;
        let note = VersionNote {
            source: ContextSource::Onboarding,
            reason: "Onboarding was finalised".to_owned(),
            author: scope.actor(),
            at: self.env.now(),
        };
        ContextVersion::following(previous.as_ref(), self.env.id(), scope.workspace(), document, note)
            .map_err(|error| StoreError::Internal(error.to_string()).into())
    }
}

/// What the session had made, with foundation and profiles as they are now.
async fn earlier(tx: &mut dyn BcmTx, number: i32) -> Result<Finalised> {
    let foundation = tx.foundations().find().await?.ok_or(Error::NotFound)?;
    let icps = tx.icps().list().await?;
    let version = tx.contexts().find(number).await?.ok_or(Error::NotFound)?;
    Ok(Finalised { foundation, icps, version })
}
