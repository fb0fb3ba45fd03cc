use crate::ports::FoundationReader;
use crate::{Error, Foundation, Result};
use kernel::{Area, WorkspaceScope};
use std::sync::Arc;

/// Reading the foundation.
#[derive(Clone)]
pub struct FoundationService {
    foundations: Arc<dyn FoundationReader>,
}

impl FoundationService {
    /// Connects the use case to a store.
    pub fn new(foundations: Arc<dyn FoundationReader>) -> Self {
        Self { foundations }
    }

    /// The workspace's foundation.
    ///
    /// # Errors
    /// [`Error::NotFound`] before onboarding is finalised.
    pub async fn get(&self, scope: &WorkspaceScope) -> Result<Foundation> {
        scope.require(Area::Bcm.read())?;
        self.foundations.find(scope).await?.ok_or(Error::NotFound)
    }
}
