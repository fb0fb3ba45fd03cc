use crate::ports::IcpReader;
use crate::{Error, Icp, Result};
use kernel::{IcpId, Page, PageRequest, WorkspaceScope};
use std::sync::Arc;

/// Reading ideal customer profiles.
#[derive(Clone)]
pub struct IcpService {
    icps: Arc<dyn IcpReader>,
}

impl IcpService {
    /// Connects the use cases to a store.
    pub fn new(icps: Arc<dyn IcpReader>) -> Self {
        Self { icps }
    }

    /// The profiles, oldest first.
    ///
    /// # Errors
    /// The store's.
    pub async fn list(&self, scope: &WorkspaceScope, page: &PageRequest) -> Result<Page<Icp>> {
        Ok(self.icps.page(scope, page).await?)
    }

    /// One profile.
    ///
    /// # Errors
    /// [`Error::NotFound`].
    pub async fn get(&self, scope: &WorkspaceScope, id: IcpId) -> Result<Icp> {
        self.icps.find(scope, id).await?.ok_or(Error::NotFound)
    }
}
