//! Setting another password by somebody who knows the present one.

use super::{Authenticated, CredentialService};
use crate::{IdentityError, Password, PasswordAttempt, PasswordHash, User, error::IdentityResult, events};
use kernel::{CallContext, FieldErrors, SystemScope, field::Checker};
use secrecy::SecretString;

/// What somebody gives to change their password.
#[derive(Debug, Clone)]
pub struct ChangePassword {
    /// The one they have.
    pub current_password: SecretString,
    /// The one they want.
    pub new_password: SecretString,
}

impl ChangePassword {
    fn check(&self) -> Result<(PasswordAttempt, Password), FieldErrors> {
        let mut check = Checker::default();
        let current = check.field("/current_password", PasswordAttempt::parse(&self.current_password));
        let new = check.field("/new_password", Password::parse(&self.new_password));
        check.finish_with(current.zip(new))
    }
}

impl CredentialService {
    /// Sets another password, ends every other session of the person and leaves the caller's.
    ///
    /// # Errors
    /// [`IdentityError::Invalid`] with every wrong field, [`IdentityError::CurrentPasswordWrong`],
    /// [`IdentityError::Unauthenticated`] when the person is shut out meanwhile, [`IdentityError::Overloaded`], or the
    /// store's.
    pub async fn change_password(
        &self,
        ctx: &CallContext,
        caller: &Authenticated,
        request: &ChangePassword,
    ) -> IdentityResult<()> {
        let (current, new) = request.check()?;
        let proven = self.prove(ctx, caller, &current).await?;
        let hash = self.hasher.hash(new.as_attempt()).await?;
        self.change(ctx, caller, &proven, hash).await
    }

    async fn change(
        &self,
        ctx: &CallContext,
        caller: &Authenticated,
        proven: &PasswordHash,
        hash: PasswordHash,
    ) -> IdentityResult<()> {
        let scope = SystemScope::for_authentication();
        let work = self.uow.run(&scope, async |tx| {
            let user = tx.users().find(caller.user).await?.and_then(User::if_active);
            let user = user.ok_or(IdentityError::Unauthenticated)?;
            // Another password may have been set while this one was being checked.
            if user.password_hash.as_ref() != Some(proven) {
                return Err(IdentityError::CurrentPasswordWrong);
            }
            let changed = user.with_password(hash);
            let told = events::user_password_changed(&self.env, ctx, &changed);
            self.replace_password(tx, ctx, (&user, &changed), caller.session, told).await
        });
        work.await
    }
}
