//! What workspaces hold of a person beside their memberships, for the person's own export.

use crate::{
    Result,
    model::{ApiKey, Invitation},
    ports::{ApiKeyDirectory, Directory, InvitationReader},
};
use kernel::{SystemScope, UserScope};
use std::sync::Arc;

/// Finds what a person left in workspaces, wherever.
#[derive(Clone)]
pub struct HeldService {
    /// Who is invited, and by whom.
    pub invitations: Arc<dyn InvitationReader>,
    /// Who made which key.
    pub keys: Arc<dyn ApiKeyDirectory>,
    /// Knows the person's address.
    pub directory: Arc<dyn Directory>,
}

impl HeldService {
    /// Invitations that the person made, and those that were sent to them; each by id.
    ///
    /// # Errors
    /// The stores'.
    pub async fn invitations_of(&self, person: &UserScope) -> Result<(Vec<Invitation>, Vec<Invitation>)> {
        let system = SystemScope::for_personal_data();
        let made = self.invitations.list_by(&system, person.user()).await?;
        let received = match self.directory.find(person.user()).await? {
            Some(account) => self.invitations.list_to(&system, &account.email, person.user()).await?,
            None => Vec::new(),
        };
        Ok((made, received))
    }

    /// API keys that the person made, by id.
    ///
    /// # Errors
    /// The store's.
    pub async fn keys_of(&self, person: &UserScope) -> Result<Vec<ApiKey>> {
        Ok(self.keys.list_by(&SystemScope::for_personal_data(), person.user()).await?)
    }
}
