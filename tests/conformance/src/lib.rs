//! What every store must do, as generic functions: each adapter runs them on its own store.
//!
//! A case takes [`Stores`], mints its own workspaces and leaves them behind; all cases share one database, so every
//! case is also a test that nothing leaks between tenants. Cases about the whole database (queue, relay) take a fresh
//! one.
//!
//! # How to add a case
//! An `async fn` in the domain's module and its name in that module's `*_cases!` list. It runs on three stores.

pub mod agents;
pub mod agents_runs;
pub mod api_key_stories;
pub mod api_keys;
pub mod audit;
pub mod bcm;
pub mod bcm_contexts;
pub mod bcm_model;
pub mod budgets;
pub mod bus;
pub mod campaigns;
pub mod core;
pub mod gauges;
pub mod identity;
pub mod identity_credentials;
pub mod identity_external;
pub mod identity_mfa;
pub mod identity_secrets;
pub mod identity_sessions;
pub mod identity_stories;
pub mod identity_tokens;
pub mod jobs;
pub mod jobs_records;
pub mod ledger;
pub mod model;
pub mod people;
pub mod personal_data;
pub mod provider_keys;
pub mod purge;
pub mod retention;
pub mod revocations;
mod runtime;
pub mod schedules;
mod stores;
pub mod workspaces;
pub mod workspaces_invitations;
pub mod workspaces_members;
pub mod workspaces_owners;

pub use runtime::{block_on, cut, home};
pub use stores::{Stores, Tenant};

/// Every case as a `#[test]`, on the store that `$shared` gives, or on the empty one that `$fresh` gives.
#[macro_export]
macro_rules! suite {
    ($shared:path, $fresh:path) => {
        $crate::bcm_cases!($shared);
        $crate::agent_cases!($shared);
        $crate::run_cases!($shared);
        $crate::workspace_cases!($shared);
        $crate::member_cases!($shared);
        $crate::owner_cases!($shared);
        $crate::invitation_cases!($shared);
        $crate::api_key_cases!($shared);
        $crate::budget_cases!($shared);
        $crate::ledger_cases!($shared, $fresh);
        $crate::provider_key_cases!($shared);
        $crate::purge_cases!($fresh);
        $crate::api_key_story_cases!($shared);
        $crate::audit_cases!($shared);
        $crate::campaign_cases!($shared);
        $crate::core_cases!($shared);
        $crate::bus_cases!($fresh);
        $crate::job_cases!($fresh);
        $crate::job_record_cases!($fresh);
        $crate::schedule_cases!($fresh);
        $crate::retention_cases!($fresh);
        $crate::gauge_cases!($fresh);
        $crate::identity_cases!($shared);
        $crate::external_cases!($shared);
        $crate::token_cases!($shared);
        $crate::mfa_cases!($shared);
        $crate::secret_cases!($shared, $fresh);
        $crate::people_cases!($shared);
        $crate::personal_data_cases!($shared);
        $crate::session_cases!($shared);
        $crate::identity_story_cases!($shared, $fresh);
        $crate::credential_cases!($shared, $fresh);
        $crate::model_cases!($shared);
    };
}

/// Declares one test per case.
#[macro_export]
macro_rules! cases {
    ($module:ident, $open:path; $($case:ident),* $(,)?) => { $(
        #[test]
        fn $case() {
            $crate::block_on(async { $crate::$module::$case($open().await).await });
        }
    )* };
}
