use crate::ports::IcpReader;
use crate::{Error, Icp, Result};
use kernel::{Area, IcpId, Page, PageRequest, WorkspaceScope};
use std::{collections::BTreeSet, sync::Arc};

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
        scope.require(Area::Bcm.read())?;
        Ok(self.icps.page(scope, page).await?)
    }

    /// One profile.
    ///
    /// # Errors
    /// [`Error::NotFound`].
    pub async fn get(&self, scope: &WorkspaceScope, id: IcpId) -> Result<Icp> {
        scope.require(Area::Bcm.read())?;
        self.icps.find(scope, id).await?.ok_or(Error::NotFound)
    }

    /// Whether every one of these is a profile of the workspace.
    ///
    /// # Errors
    /// The store's.
    pub async fn all_exist(&self, scope: &WorkspaceScope, ids: &[IcpId]) -> Result<bool> {
        let wanted: BTreeSet<&IcpId> = ids.iter().collect();
        Ok(self.icps.existing(scope, ids).await?.len() == wanted.len())
    }
}
