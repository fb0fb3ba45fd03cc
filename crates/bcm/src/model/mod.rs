//! The things of this domain and their rules, without any store.

mod answers;
mod brief;
mod canonical;
mod chain;
mod completeness;
mod document;
mod foundation;
mod icp;
mod onboarding;
mod steps;
mod version;

pub use answers::{Demand, MAX_BYTES, check_answers};
pub use brief::{Brief, split_brief};
pub use canonical::{NotCanonical, canonical_json, sha256_hex};
pub use chain::{ChainCheck, Integrity};
pub use document::{ContextDocument, ContextIcp};
pub use foundation::{
    ChannelUse, Company, Competitors, Constraints, Foundation, FoundationContent, Goals, Offer, Pillar,
    Positioning, Statement, Voice,
};
pub use icp::{Icp, IcpProfile};
pub use onboarding::{OnboardingSession, SessionInput, SessionState, StepView, transition};
pub use steps::{Field, Format, Kind, Shape, StepDefinition, StepKey};
pub use version::{ContextSource, ContextSummary, ContextVersion, VersionNote};
