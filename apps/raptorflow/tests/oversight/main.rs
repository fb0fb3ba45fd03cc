//! The audit trail, the administration of people, and what a person may ask for by the law, over HTTP.

#![expect(clippy::unwrap_used, reason = "the helpers of a test fail by panicking")]

mod administration;
mod audit;
mod audit_export;
#[path = "../fixture/databases.rs"]
mod databases;
mod erasure;
mod export;
#[path = "../fixture/mod.rs"]
mod fixture;
mod platform_audit;
mod scan;
mod scene;
