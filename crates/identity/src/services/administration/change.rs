//! Deciding about a person.

use super::{AdministrationService, Administrator};
use crate::{
    BanReason, Decided, Decision, EndReason, IdentityError, Person, PlatformRole, Profile, Standing,
    UserStatus, error::IdentityResult, events, ports::IdentityTx,
};
use kernel::{CallContext, Denied, FieldErrors, StoreError, SystemScope, UserId, Violation, field::Checker};

/// New values; what is absent stays.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ChangePerson {
    /// `active` or `banned`.
    pub status: Option<UserStatus>,
    /// Why, when they are banned.
    pub reason: Option<BanReason>,
    /// What they may do on the platform.
    pub platform_role: Option<PlatformRole>,
    /// Their name; `Some(None)` takes it away.
    pub display_name: Option<Option<String>>,
}

impl ChangePerson {
    fn check(self) -> Result<Decision, FieldErrors> {
        let mut check = Checker::default();
        let standing = check.field("/reason", self.standing()).flatten();
        let deleted = self.status == Some(UserStatus::Deleted);
        let message = "must be active or banned; a person is erased by DELETE";
        check.rule("/status", !deleted, "unknown_value", message);
        let name = self.display_name.map(|name| Profile::parse_name(name.as_deref())).transpose();
        let display_name = check.field("/display_name", name).flatten();
        check.finish()?;
        Ok(Decision { standing, platform_role: self.platform_role, display_name })
    }

    fn standing(&self) -> Result<Option<Standing>, Violation> {
        match (self.status, self.reason) {
            (Some(UserStatus::Banned), Some(reason)) => Ok(Some(Standing::Banned(reason))),
            (Some(UserStatus::Banned), None) => Err(Violation::new("required", "a ban needs its reason")),
            (_, Some(_)) => Err(Violation::new("not_allowed", "is given with the status banned only")),
            (Some(UserStatus::Active), None) => Ok(Some(Standing::Active)),
            (Some(UserStatus::Deleted) | None, None) => Ok(None),
        }
    }
}

impl AdministrationService {
    /// Changes a person when they have the version that the administrator saw. A ban ends every session of theirs at
    /// once. A change to what is there already is none.
    ///
    /// # Errors
    /// [`IdentityError::Denied`] for whoever does not administer the platform; [`IdentityError::NotFound`] also for an
    /// erased person; [`IdentityError::Invalid`]; [`IdentityError::OwnAccount`] for shutting out or demoting oneself;
    /// a `Stale` store error for another version.
    pub async fn change(
        &self,
        ctx: &CallContext,
        id: UserId,
        change: ChangePerson,
        expected: Option<i32>,
    ) -> IdentityResult<Person> {
        let administrator = self.admit(ctx).await?;
        let decision = change.check()?;
        let scope = SystemScope::for_administration();
        let work = self.uow.run(&scope, async |tx| {
            still_administrator(tx, administrator).await?;
            let before = tx.people().find_person(id).await?;
            let before = before.filter(|person| person.user.status != UserStatus::Deleted);
            let before = before.ok_or(IdentityError::NotFound)?;
            if expected.is_some_and(|expected| expected != before.user.version) {
                return Err(StoreError::Stale.into());
            }
            let (after, decided) = before.after(&decision);
            if decided.is_empty() {
                return Ok(after);
            }
            if id == administrator.user() && !after.user.is_administrator() {
                return Err(IdentityError::OwnAccount);
            }
            tx.users().save(&after.user, before.user.version).await?;
            if after.profile != before.profile {
                tx.people().save_profile(&after.profile).await?;
            }
            self.tell(tx, ctx, id, &decided).await?;
            Ok(after)
        });
        work.await
    }

    async fn tell(
        &self,
        tx: &mut (dyn IdentityTx + 'static),
        ctx: &CallContext,
        id: UserId,
        decided: &[Decided],
    ) -> IdentityResult<()> {
        for decided in decided {
            tx.events().append(events::decided(&self.env, ctx, id, *decided)).await?;
            if let Decided::Banned(_) = decided {
                let ended = tx.sessions().end_all(id, None, EndReason::Banned, self.env.now()).await?;
                for session in ended {
                    let ended = events::session_ended(&self.env, ctx, (session, id), EndReason::Banned);
                    tx.events().append(ended).await?;
                }
            }
        }
        Ok(())
    }
}

/// The proof, again, where it can't change any more: of two administrators that demote each other the second finds that
/// they are none. So there is always one left.
pub(in crate::services) async fn still_administrator(
    tx: &mut (dyn IdentityTx + 'static),
    administrator: Administrator,
) -> IdentityResult<()> {
    let administrators = tx.people().administrators().await?;
    Ok(administrators.contains(&administrator.user()).then_some(()).ok_or(Denied::Administrator)?)
}
