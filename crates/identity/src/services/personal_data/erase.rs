//! Asking for a person's erasure.

use super::{PersonalDataService, erasure};
use crate::{
    EndReason, IdentityError, PlatformRole, User, UserInput,
    error::IdentityResult,
    events,
    ports::IdentityTx,
    services::{Authenticated, administration},
};
use kernel::{CallContext, SystemScope, UserId};

impl PersonalDataService {
    /// Erases the caller: at once nobody can be them any more, and a job takes away what is held of them.
    ///
    /// # Errors
    /// [`IdentityError::FreshAuthenticationRequired`]; [`IdentityError::SoleOwner`] while workspaces with other members
    /// would be left without an owner; [`IdentityError::LastAdministrator`]; or the stores'.
    pub async fn erase_own(&self, ctx: &CallContext, login: &Authenticated) -> IdentityResult<()> {
        login.require_fresh(self.env.now())?;
        self.refuse_sole_owner(login.user).await?;
        let scope = SystemScope::for_personal_data();
        let work = self.uow.run(&scope, async |tx| {
            let administrators = tx.people().administrators().await?;
            if administrators == [login.user] {
                return Err(IdentityError::LastAdministrator);
            }
            self.begin(tx, ctx, login.user).await
        });
        work.await
    }

    /// Erases another person, for an administrator of the platform.
    ///
    /// # Errors
    /// [`IdentityError::Denied`] for anybody else; [`IdentityError::OwnAccount`]; [`IdentityError::NotFound`];
    /// [`IdentityError::SoleOwner`] as for the person themselves; or the stores'.
    pub async fn erase_other(&self, ctx: &CallContext, id: UserId) -> IdentityResult<()> {
        let administrator = self.administration.admit(ctx).await?;
        if administrator.user() == id {
            return Err(IdentityError::OwnAccount);
        }
        self.refuse_sole_owner(id).await?;
        let scope = SystemScope::for_personal_data();
        let work = self.uow.run(&scope, async |tx| {
            administration::still_administrator(tx, administrator).await?;
            self.begin(tx, ctx, id).await
        });
        work.await
    }

    async fn refuse_sole_owner(&self, person: UserId) -> IdentityResult<()> {
        let mut owned = self.tenancies.sole_ownerships(person).await?;
        owned.retain(|owned| owned.has_other_members);
        if owned.is_empty() { Ok(()) } else { Err(IdentityError::SoleOwner(owned)) }
    }

    /// What happens at once.
    async fn begin(
        &self,
        tx: &mut (dyn IdentityTx + 'static),
        ctx: &CallContext,
        id: UserId,
    ) -> IdentityResult<()> {
        let user = tx.users().find(id).await?.ok_or(IdentityError::NotFound)?;
        let status = user.status.transition(UserInput::Delete).ok_or(IdentityError::NotFound)?;
        let version = user.version;
        let gone = User { status, platform_role: PlatformRole::User, version: version + 1, ..user };
        tx.users().save(&gone, version).await?;
        for session in tx.sessions().end_all(id, None, EndReason::Erased, self.env.now()).await? {
            let ended = events::session_ended(&self.env, ctx, (session, id), EndReason::Erased);
            tx.events().append(ended).await?;
        }
        tx.events().append(events::user_deleted(&self.env, ctx, id)).await?;
        tx.jobs().enqueue(erasure::job(&self.env, ctx, id)).await?;
        Ok(())
    }
}
