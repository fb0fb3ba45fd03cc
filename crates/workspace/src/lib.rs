//! Tenants: workspaces, who is a member of them with which role, and who is invited.
//!
//! A [`Workspace`] is the tenant that every row of business data belongs to. Ids address it; its
//! [`Slug`] is a label for people, so two strangers may use the same one and neither learns of the other.
//! A [`Membership`] ties a person to it with a [`Role`](kernel::Role). The maker becomes the owner
//! in the transaction that makes the workspace, so no workspace is ever without one.
//!
//! # States of a workspace
//! ```text
//! active ──delete──▶ deleted ──30 days──▶ (forgotten)
//! ```
//! A deleted workspace answers like one that never was: [`Memberships`](kernel::Memberships) gives nobody a role in it.
//! After [`PURGED_AFTER`](services::PURGED_AFTER) a job deletes its rows of every domain
//! ([`WorkspacePurge`](ports::WorkspacePurge)).
//!
//! # Members
//! Every change of members holds the workspace's row first, so that such changes are serial: the last owner stays
//! whatever comes in parallel. Who may change whose role is one function, [`role_to_change`].
//!
//! # States of an invitation
//! ```text
//! open ──accept──▶ accepted
//!   ├────revoke──▶ revoked
//!   └────expire──▶ expired (seven days)
//! open, revoked, expired ──30 days after its expiry──▶ (forgotten)
//! ```
//! Accepted by the account that has the invited address then. Its token stands in the mail alone, and works while who
//! has invited could still do so.
//! # States of an API key
//! ```text
//! live ──expire──▶ expired
//!   │                │
//!   └────revoke──────┴────▶ revoked
//! ```
//! A live [`ApiKey`] lets a program into its workspace with the present role of its maker, as an admin at most, to do
//! what its scopes say. It lets nobody in while its maker is no member or has no active account. Its text is known to
//! its holder alone; a store has the hash.
//!
//! # AI budget
//! The owner may limit what a workspace spends on AI in a month ([`Budget`]). Of all limits the smallest holds
//! ([`effective`]); when nobody set one there is none.
//!
//! # Who asks whom
//! - Every authorisation of the product goes through [`kernel::Memberships`], which the stores implement over the
//!   memberships of this crate.
//! - Names and addresses of members belong to another domain; the port [`Directory`](ports::Directory) asks for them.
//! - [`events::WORKSPACE_CREATED`] is what the council of agents is seeded by. `onboarding.finalized` comes back from
//!   the business context and is consumed by [`OnboardingConsumer`](services::OnboardingConsumer).
//!
//! # How to add a setting
//! Open-ended preferences of clients go into [`Settings`], which this crate only bounds in size. A
//! setting that the backend itself obeys becomes a field of [`Workspace`] with a type of its own, a
//! column in both databases, and a line in [`UpdateWorkspace`](services::UpdateWorkspace).
//!
//! # How to add a use case
//! A method in `services/` that takes the call and a scope, decides the role first, and writes in one unit of work
//! with its event from `events.rs`. What it needs of a store becomes a method of a port, with a conformance case.

#![forbid(unsafe_code)]

mod error;
pub mod events;
pub mod model;
pub mod ports;
pub mod services;

pub use error::{CODES, Error, Result, code};
pub use model::*;
