use crate::ports::ContextReader;
use crate::{ChainCheck, ContextSummary, ContextVersion, Error, Integrity, Result};
use kernel::{Area, Page, PageRequest, WorkspaceScope};
use serde::Serialize;
use std::sync::Arc;

/// Reading the business context.
#[derive(Clone)]
pub struct ContextService {
    contexts: Arc<dyn ContextReader>,
}

/// The current version in figures.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ContextInfo {
    /// The current version without its document.
    #[serde(flatten)]
    pub current: ContextSummary,
    /// How many ideal customers the document names.
    pub icps: usize,
    /// What nobody has told yet.
    pub gaps: Vec<String>,
    /// How long the document is as canonical JSON.
    pub document_bytes: usize,
}

/// How many versions one round trip fetches while the chain is checked.
const BATCH: u32 = 50;

impl ContextService {
    /// Connects the use cases to a store.
    pub fn new(contexts: Arc<dyn ContextReader>) -> Self {
        Self { contexts }
    }

    /// The current version.
    ///
    /// # Errors
    /// [`Error::NotFound`] before the first.
    pub async fn current(&self, scope: &WorkspaceScope) -> Result<ContextVersion> {
        scope.require(Area::Bcm.read())?;
        self.contexts.current(scope).await?.ok_or(Error::NotFound)
    }

    /// The version of a number.
    ///
    /// # Errors
    /// [`Error::NotFound`].
    pub async fn get_version(&self, scope: &WorkspaceScope, number: i32) -> Result<ContextVersion> {
        scope.require(Area::Bcm.read())?;
        self.contexts.find(scope, number).await?.ok_or(Error::NotFound)
    }

    /// The current version in figures.
    ///
    /// # Errors
    /// [`Error::NotFound`] before the first.
    pub async fn info(&self, scope: &WorkspaceScope) -> Result<ContextInfo> {
        scope.require(Area::Bcm.read())?;
        let version = self.current(scope).await?;
        let document = version.read_document()?;
        let document_bytes = version.document.len();
        Ok(ContextInfo {
            current: version.into(),
            icps: document.icps.len(),
            gaps: document.gaps,
            document_bytes,
        })
    }

    /// The versions without their documents, newest first.
    ///
    /// # Errors
    /// The store's.
    pub async fn list_versions(
        &self,
        scope: &WorkspaceScope,
        page: &PageRequest<i32>,
    ) -> Result<Page<ContextSummary, i32>> {
        scope.require(Area::Bcm.read())?;
        Ok(self.contexts.page(scope, page).await?)
    }

    /// Recomputes the hashes of the whole chain. A workspace without a context has nothing broken.
    ///
    /// # Errors
    /// The store's.
    pub async fn integrity(&self, scope: &WorkspaceScope) -> Result<Integrity> {
        scope.require(Area::Bcm.read())?;
        // Read first: versions that are added meanwhile are then no gap at the end.
        let current = self.contexts.current(scope).await?.map(|version| version.number);
        let mut check = ChainCheck::default();
        loop {
            let batch = self.contexts.chain(scope, check.last_number(), BATCH).await?;
            batch.iter().for_each(|version| check.look_at(version));
            if batch.len() < BATCH as usize {
                return Ok(check.finish(current));
            }
        }
    }
}
