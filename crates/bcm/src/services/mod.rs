//! The use cases.

mod context;
mod finalise;
mod foundation;
mod icps;
mod onboarding;
mod race;

pub use context::{ContextInfo, ContextService};
pub use finalise::{FinaliseService, Finalised};
pub use foundation::FoundationService;
pub use icps::IcpService;
pub use onboarding::{OnboardingService, Progress, Started};
