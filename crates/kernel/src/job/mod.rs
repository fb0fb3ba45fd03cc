//! Durable units of background work.
//!
//! ```text
//! queued ──claim──▶ running ──succeed──▶ succeeded
//!   ▲ ▲               │ ├──────fail────▶ queued (attempts left: later, with backoff)
//!   │ │               │ └──────fail────▶ failed (no attempts left: a dead letter)
//!   │ ├─lease expired─┤
//!   │ └──handed back──┘
//!   └──retry── failed, cancelled
//! queued, running ──cancel──▶ cancelled
//! ```
//!
//! A job is enqueued in the unit of work of the change that wants it. A worker claims it under a lease and renews
//! the lease while it works; when the worker dies the lease runs out and another one takes the job over. One that is
//! told to end hands back what it can't end. So a handler may run twice for one job, and must be idempotent. Which job is next is said by its [turn](next_turn): the
//! more important ones have a head start, and a workspace that wants much does not keep the others waiting.
//!
//! # How to add a kind of job
//! A constant with its name (`campaign.activate_move`), a function that makes the [`NewJob`], and a [`JobHandler`] that
//! the wiring hands to the worker.

mod order;
mod ports;
mod record;
mod skew;
mod state;
mod workers;

pub use order::{Priority, next_turn};
pub use ports::{
    JobAttempts, JobFilter, JobHandler, JobOutbox, JobQueue, JobReader, JobRepository, JobTx, Kinds, Wake,
};
pub use record::{Job, JobFailure, NewJob, Settlement, backoff};
pub use skew::ClockSkew;
pub use state::{JobInput, JobState};
pub use workers::{WorkerNote, WorkerRegistry};
