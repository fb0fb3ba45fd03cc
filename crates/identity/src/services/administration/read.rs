//! Finding people.

use super::AdministrationService;
use crate::{IdentityError, PeopleFilter, Person, PersonView, UserStatus, error::IdentityResult};
use kernel::{CallContext, Page, PageRequest, SystemScope, UserId, UserScope};

impl AdministrationService {
    /// People, the newest account first, for an administrator.
    ///
    /// # Errors
    /// [`IdentityError::Denied`] for anybody else, or the store's.
    pub async fn list(
        &self,
        ctx: &CallContext,
        filter: &PeopleFilter,
        page: &PageRequest,
    ) -> IdentityResult<Page<Person>> {
        self.admit(ctx).await?;
        Ok(self.people.page(&SystemScope::for_administration(), filter, page).await?)
    }

    /// What the caller may see of a person: all of themselves, all of everybody for an administrator, the public part
    /// of those in a workspace with them.
    ///
    /// # Errors
    /// [`IdentityError::NotFound`] for everybody else, as for a person that does not exist; or the stores'.
    pub async fn view(&self, ctx: &CallContext, id: UserId) -> IdentityResult<PersonView> {
        let scope = UserScope::of(ctx).ok_or(IdentityError::Unauthenticated)?;
        let found = self.people.find(&SystemScope::for_administration(), id).await?;
        if scope.user() == id || self.is_administrator(ctx).await? {
            return Ok(PersonView::Whole(Box::new(found.ok_or(IdentityError::NotFound)?)));
        }
        let found = found.filter(|person| person.user.status != UserStatus::Deleted);
        let colleague = self.colleagues.share_a_workspace(&scope, id).await?;
        let person = found.filter(|_| colleague).ok_or(IdentityError::NotFound)?;
        Ok(PersonView::Public(person.profile))
    }
}
