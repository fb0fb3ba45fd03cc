//! Changing what others see of one.

use super::AccountService;
use crate::{IdentityError, Person, Profile, UserStatus, error::IdentityResult, events};
use kernel::{CallContext, FieldErrors, StoreError, SystemScope, UserScope, Violation, field::Checker};

/// New values: `None` leaves a field as it is, `Some(None)` clears it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct UpdateProfile {
    /// The name that colleagues see.
    pub display_name: Option<Option<String>>,
    /// An IANA name.
    pub time_zone: Option<Option<String>>,
    /// A BCP 47 tag.
    pub locale: Option<Option<String>>,
    /// What the person does in their company.
    pub job_title: Option<Option<String>>,
    /// Where their picture is; https.
    pub avatar_url: Option<Option<String>>,
}

type Parser = fn(Option<&str>) -> Result<Option<String>, Violation>;

impl UpdateProfile {
    /// Reads every field that is given.
    fn check(mut self) -> Result<Self, FieldErrors> {
        let mut check = Checker::default();
        let fields: [(&str, &mut Option<Option<String>>, Parser); 5] = [
            ("/display_name", &mut self.display_name, Profile::parse_name),
            ("/time_zone", &mut self.time_zone, Profile::parse_time_zone),
            ("/locale", &mut self.locale, Profile::parse_locale),
            ("/job_title", &mut self.job_title, Profile::parse_job_title),
            ("/avatar_url", &mut self.avatar_url, Profile::parse_avatar_url),
        ];
        for (pointer, field, parse) in fields {
            if let Some(given) = field {
                *given = check.field(pointer, parse(given.as_deref())).flatten();
            }
        }
        check.finish()?;
        Ok(self)
    }

    /// Puts the new values in and names the fields that differ.
    fn apply(self, profile: &mut Profile) -> Vec<&'static str> {
        let fields = [
            ("display_name", self.display_name, &mut profile.display_name),
            ("time_zone", self.time_zone, &mut profile.time_zone),
            ("locale", self.locale, &mut profile.locale),
            ("job_title", self.job_title, &mut profile.job_title),
            ("avatar_url", self.avatar_url, &mut profile.avatar_url),
        ];
        let mut changed = Vec::new();
        for (name, given, field) in fields {
            if let Some(value) = given.filter(|value| value != field) {
                *field = value;
                changed.push(name);
            }
        }
        changed
    }
}

impl AccountService {
    /// Changes the profile when the account has the version that the caller saw. A change to what is there already is
    /// none: version and trail stay.
    ///
    /// # Errors
    /// [`IdentityError::Invalid`] with every wrong field, a `Stale` store error for another version,
    /// [`IdentityError::Unauthenticated`] when the person is shut out meanwhile, or the store's.
    pub async fn update_profile(
        &self,
        ctx: &CallContext,
        mine: &UserScope,
        change: UpdateProfile,
        expected: Option<i32>,
    ) -> IdentityResult<Person> {
        let wanted = change.check()?;
        let scope = SystemScope::for_authentication();
        let work = self.uow.run(&scope, async |tx| {
            let found = tx.people().find_person(mine.user()).await?;
            let active = found.filter(|person| person.user.status == UserStatus::Active);
            let Person { user, mut profile } = active.ok_or(IdentityError::Unauthenticated)?;
            if expected.is_some_and(|expected| expected != user.version) {
                return Err(StoreError::Stale.into());
            }
            let changed = wanted.apply(&mut profile);
            if changed.is_empty() {
                return Ok(Person { user, profile });
            }
            let touched = user.with_new_profile();
            tx.users().save(&touched, user.version).await?;
            tx.people().save_profile(&profile).await?;
            tx.events().append(events::user_updated(&self.env, ctx, &touched, &changed)).await?;
            Ok(Person { user: touched, profile })
        });
        work.await
    }
}
