//! Administering the people of the platform.

mod change;
mod read;

pub use change::ChangePerson;
pub(super) use change::still_administrator;

use crate::{
    error::IdentityResult,
    ports::{Colleagues, IdentityUow, PeopleReader, UserReader},
};
use kernel::{CallContext, Denied, Environment, UserId, UserScope};
use std::sync::Arc;

/// What administrators of the platform do with people, and what anybody may see of another person.
#[derive(Clone)]
pub struct AdministrationService {
    /// Where changes are written.
    pub uow: Arc<IdentityUow>,
    /// The caller's own row.
    pub users: Arc<dyn UserReader>,
    /// Everybody's.
    pub people: Arc<dyn PeopleReader>,
    /// Who works with whom.
    pub colleagues: Arc<dyn Colleagues>,
    /// Clock and ids.
    pub env: Environment,
}

/// Proof that the caller administers the platform now. Only [`AdministrationService::admit`] makes one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Administrator(UserId);

impl Administrator {
    /// Who it is.
    pub(super) const fn user(self) -> UserId {
        self.0
    }
}

impl AdministrationService {
    /// The authorisation of everything here, once per use case: by the caller's own row as it is now, not by what a
    /// token says.
    pub(super) async fn admit(&self, ctx: &CallContext) -> IdentityResult<Administrator> {
        let scope = UserScope::of(ctx).ok_or(Denied::Administrator)?;
        let person = self.users.find(&scope).await?;
        let admitted = person.filter(|person| person.user.is_administrator());
        Ok(admitted.map(|person| Administrator(person.user.id)).ok_or(Denied::Administrator)?)
    }

    /// Whether whoever calls administers the platform now: for other domains that ask the same of their callers.
    ///
    /// # Errors
    /// The store's.
    pub async fn is_administrator(&self, ctx: &CallContext) -> IdentityResult<bool> {
        match self.admit(ctx).await {
            Ok(_) => Ok(true),
            Err(crate::IdentityError::Denied(_)) => Ok(false),
            Err(error) => Err(error),
        }
    }
}
