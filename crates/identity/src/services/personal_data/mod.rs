//! All that is held of a person: taking it away.

mod document;
mod export;
mod exporting;
mod own;

pub use export::Export;
pub use exporting::{ExportPerson, PurgeExports};

use crate::ports::{IdentityUow, PersonalDataReader, PersonalRecords, UserReader};
use kernel::Environment;
use std::sync::Arc;

/// What a person may ask for by the law: all that is held of them.
#[derive(Clone)]
pub struct PersonalDataService {
    /// Where changes are written.
    pub uow: Arc<IdentityUow>,
    /// The person's own row.
    pub users: Arc<dyn UserReader>,
    /// Their sessions and trail.
    pub data: Arc<dyn PersonalDataReader>,
    /// What other parts of the product hold of them, a section of the export each.
    pub records: Vec<Arc<dyn PersonalRecords>>,
    /// Clock and ids.
    pub env: Environment,
}
