//! Who am I?

use super::AccountService;
use crate::{IdentityError, Person, error::IdentityResult};
use kernel::{CallContext, UserScope};

impl AccountService {
    /// The person who calls.
    ///
    /// # Errors
    /// [`IdentityError::Unauthenticated`] when nobody has logged in, or the store's.
    pub async fn me(&self, ctx: &CallContext) -> IdentityResult<Person> {
        let scope = UserScope::of(ctx).ok_or(IdentityError::Unauthenticated)?;
        self.users.find(&scope).await?.ok_or(IdentityError::Unauthenticated)
    }
}
