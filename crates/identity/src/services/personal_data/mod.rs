//! All that is held of a person: taking it away, and erasing it.

mod document;
mod erase;
mod erasure;
mod export;
mod exporting;
mod own;

pub use erasure::ErasePerson;
pub use export::Export;
pub use exporting::{ExportPerson, PurgeExports};

use super::AdministrationService;
use crate::ports::{IdentityUow, PersonalDataReader, PersonalRecords, PersonalTraces, Tenancies, UserReader};
use kernel::Environment;
use std::sync::Arc;

/// What a person may ask for by the law: all that is held of them, and that it be erased.
#[derive(Clone)]
pub struct PersonalDataService {
    /// Where changes are written.
    pub uow: Arc<IdentityUow>,
    /// The person's own row.
    pub users: Arc<dyn UserReader>,
    /// Their sessions and trail.
    pub data: Arc<dyn PersonalDataReader>,
    /// What names them in jobs and remembered answers.
    pub traces: Arc<dyn PersonalTraces>,
    /// What other parts of the product hold of them, a section of the export each.
    pub records: Vec<Arc<dyn PersonalRecords>>,
    /// Where they are a member.
    pub tenancies: Arc<dyn Tenancies>,
    /// Who may erase others.
    pub administration: AdministrationService,
    /// Clock and ids.
    pub env: Environment,
}
