//! Coming in by another service's word.

use super::{Authenticated, ExternalService, SessionService};
use crate::{
    Claim, ExternalClaims, ExternalIdentity, IdentityError, UserStatus,
    error::IdentityResult,
    events,
    ports::{ExternalStanding, IdentityTx},
};
use kernel::{CallContext, StoreError, SystemScope, Timestamp, UserId};

/// Another request may make the same account at the same time, and then this one finds it.
const ATTEMPTS: usize = 3;

impl SessionService {
    /// Finds the person behind a token: one of ours, as [`Self::authenticate`] does, or one of the other service whose
    /// tokens are accepted. The first call of somebody whom that service has sent makes them an account.
    ///
    /// # Errors
    /// [`IdentityError::Unauthenticated`] whatever is wrong, [`IdentityError::ProviderAway`], or the store's.
    pub async fn identify(&self, ctx: &CallContext, token: &str) -> IdentityResult<Authenticated> {
        match (self.authenticate(token).await, &self.external) {
            (Err(IdentityError::Unauthenticated), Some(external)) => self.admit(ctx, external, token).await,
            (answer, _) => answer,
        }
    }

    /// There is no session: the token works until it expires or its user is shut out.
    async fn admit(
        &self,
        ctx: &CallContext,
        external: &ExternalService,
        token: &str,
    ) -> IdentityResult<Authenticated> {
        let claims = external.tokens.verify(token).await?;
        let scope = SystemScope::for_authentication();
        let known = external.identities.find_standing(&scope, &claims.subject).await?;
        let user = match known {
            Some(ExternalStanding { user, status: UserStatus::Active }) => user,
            Some(_) => return Err(IdentityError::Unauthenticated),
            None => self.link(ctx, &claims).await?,
        };
        // Nobody who does not say when they proved who they are has done it lately.
        let since = claims.authenticated_at.unwrap_or(Timestamp::from_micros(0));
        Ok(Authenticated { user, session: None, since })
    }

    async fn link(&self, ctx: &CallContext, claims: &ExternalClaims) -> IdentityResult<UserId> {
        let scope = SystemScope::for_authentication();
        for _ in 1..ATTEMPTS {
            let work = self.uow.run(&scope, async |tx| self.link_once(tx, ctx, claims).await);
            match work.await {
                Err(IdentityError::Store(StoreError::Conflict(_) | StoreError::Stale)) => {}
                outcome => return outcome,
            }
        }
        self.uow.run(&scope, async |tx| self.link_once(tx, ctx, claims).await).await
    }

    async fn link_once(
        &self,
        tx: &mut dyn IdentityTx,
        ctx: &CallContext,
        claims: &ExternalClaims,
    ) -> IdentityResult<UserId> {
        if let Some(linked) = tx.external_identities().find(&claims.subject).await? {
            let user = tx.users().find(linked.user_id).await?;
            let active = user.filter(|user| user.status == UserStatus::Active);
            return active.map(|user| user.id).ok_or(IdentityError::Unauthenticated);
        }
        let user_id = match tx.users().find_by_email(&claims.email).await? {
            Some(owner) => self.claim(tx, ctx, owner.id).await?,
            None => self.provision(tx, ctx, claims).await?,
        };
        let (subject, linked_at) = (claims.subject.clone(), self.env.now());
        let identity = ExternalIdentity { subject, user_id, linked_at };
        tx.external_identities().insert(&identity).await?;
        tx.events().append(events::user_identity_linked(&self.env, ctx, &identity)).await?;
        Ok(user_id)
    }

    /// Takes the account with the same address, unless it is shut out.
    async fn claim(
        &self,
        tx: &mut dyn IdentityTx,
        ctx: &CallContext,
        owner: UserId,
    ) -> IdentityResult<UserId> {
        let owner = tx.users().find(owner).await?.ok_or(IdentityError::Unauthenticated)?;
        match owner.claimed(self.env.now()) {
            Claim::Refused => Err(IdentityError::Unauthenticated),
            Claim::Theirs => Ok(owner.id),
            Claim::Taken(taken) => {
                tx.users().save(&taken, owner.version).await?;
                tx.events().append(events::user_email_verified(&self.env, ctx, &taken)).await?;
                if owner.password_hash.is_some() {
                    tx.events().append(events::user_password_removed(&self.env, ctx, &taken)).await?;
                }
                Ok(owner.id)
            }
        }
    }

    async fn provision(
        &self,
        tx: &mut dyn IdentityTx,
        ctx: &CallContext,
        claims: &ExternalClaims,
    ) -> IdentityResult<UserId> {
        let (user, profile) = claims.newcomer(self.env.id(), self.env.now());
        tx.users().insert(&user, &profile).await?;
        tx.events().append(events::user_provisioned(&self.env, ctx, &user)).await?;
        Ok(user.id)
    }
}
