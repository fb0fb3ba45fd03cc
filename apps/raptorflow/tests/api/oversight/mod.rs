//! The audit trail, the administration of people, and what a person may ask for by the law, over HTTP.

mod administration;
mod audit;
mod audit_export;
mod erasure;
mod export;
mod platform_audit;
mod scan;
mod scene;
