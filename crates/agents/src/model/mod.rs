//! The council, its runs and their journal.

mod agent;
pub mod dispatch;
mod lord;
mod run;
mod status;
mod step;

pub use agent::Agent;
pub use lord::{Charter, Lord, ModelAlias, TOOLS};
pub use run::{AgentRun, Origin, RunError, RunKind};
pub use status::{RunInput, RunStatus};
pub use step::{AgentStep, StepName, StepStatus};
