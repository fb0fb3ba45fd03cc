//! Making somebody an administrator of the platform.

use super::{OperatorService, SCOPE};
use crate::{Decided, EmailAddress, PlatformRole, UserStatus, error::IdentityResult, events};
use kernel::{CallContext, FieldErrors};

/// What came of making somebody an administrator.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Appointment {
    /// They are one now.
    Made,
    /// They were one before; nothing changed.
    Already,
    /// Nobody has the address.
    Unknown,
    /// The address is not proven, so it may be somebody else's.
    NotVerified,
    /// The account is banned or deleted.
    NotActive,
}

impl OperatorService {
    /// Gives the person with this address the platform's administration.
    ///
    /// # Errors
    /// [`IdentityError::Invalid`](crate::IdentityError::Invalid) when it is no address, or the store's.
    pub async fn make_platform_admin(&self, ctx: &CallContext, email: &str) -> IdentityResult<Appointment> {
        let email = EmailAddress::parse(email).map_err(|violation| FieldErrors::one("/email", violation))?;
        let work = self.uow.run(&SCOPE, async |tx| {
            let Some(found) = tx.users().find_by_email(&email).await? else {
                return Ok(Appointment::Unknown);
            };
            // Found by address nothing is held; the second look holds what is about to change.
            let Some(user) = tx.users().find(found.id).await? else { return Ok(Appointment::Unknown) };
            match user.status {
                UserStatus::Deleted | UserStatus::Banned => return Ok(Appointment::NotActive),
                UserStatus::Active if user.email_verified_at.is_none() => {
                    return Ok(Appointment::NotVerified);
                }
                UserStatus::Active => {}
            }
            let Some(admin) = user.with_platform_role(PlatformRole::Admin) else {
                return Ok(Appointment::Already);
            };
            tx.users().save(&admin, user.version).await?;
            let decided = Decided::Role { from: user.platform_role, to: admin.platform_role };
            tx.events().append(events::decided(&self.env, ctx, user.id, decided)).await?;
            Ok(Appointment::Made)
        });
        work.await
    }
}
