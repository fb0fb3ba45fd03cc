//! What every domain of RaptorFlow shares, and nothing that only one of them needs.
//!
//! - **Meaning in types**: [ids](WorkspaceId), [`Timestamp`], [`TimeZone`], [`EmailAddress`], [`Money`], [`PicoUsd`],
//!   [channels].
//! - **Who may touch what**: a [`CallContext`] says who calls; a [`WorkspaceScope`], [`UserScope`] or [`SystemScope`]
//!   proves what the call may touch. No repository can be called without one.
//! - **Nothing lost**: a [`UnitOfWork`] writes a change, its [events](NewEvent), its [jobs](NewJob) and its
//!   [idempotency record](IdempotencyRecords) whole or not at all.
//! - **Failure with a name**: each domain's error enum is a [`Failure`] with a stable [`Code`]; [`field`] collects
//!   every wrong field of a request.
//! - **The world behind ports**: [`Clock`], [`IdGenerator`], [`Randomness`], [`Mailer`],
//!   [`Cipher`], [`RateLimiter`], [`Cache`], [`Locks`], [`BreakerBoard`], [`Revocations`]. [`TokenMint`] makes the opaque texts that let their holder in.
//!
//! The states of a job are drawn in [`job`].
//!
//! # How to add a thing here
//! Only when a second domain needs it. A new id: one line in `ids.rs`. A new port: a trait of three to eight methods
//! that says what an adapter MUST do, and a case for it in the conformance suite. A new code: a line in the `codes!`
//! list of the module that answers it; `docs/errors.md` is generated from those lists.

#![forbid(unsafe_code)]

mod breaker;
mod bus;
mod cache;
pub mod channels;
mod cipher;
mod context;
mod email;
mod error;
mod event;
pub mod field;
mod gauge;
pub mod idempotency;
mod ids;
pub mod job;
mod limiter;
mod lock;
mod mailer;
mod mint;
mod money;
mod paging;
mod permission;
mod random;
mod retention;
mod retry;
mod revocation;
mod schedule;
mod scope;
#[cfg(any(test, feature = "testing"))]
pub mod testing;
mod time;
mod token;
mod uow;

pub use breaker::{BoardAway, BreakerBoard, BreakerNote};
pub use bus::{Bus, BusAway, ConsumerPositions, Delivery, EventConsumer, Followers, Place, StreamId};
pub use cache::{Cache, CacheAway, CacheEdition, CacheKey, CacheShelf, Cached, LARGEST_CACHED};
pub use cipher::{Cipher, CipherError, Sealed, place};
pub use context::{Actor, CallContext, CorrelationId, Denied, IdempotencyKey, ScopeError};
pub use email::EmailAddress;
pub use error::{Code, ErrorKind, Failure, ForeignFailure, StoreError, StoreResult, code};
pub use event::{AuditEntry, Event, EventOutbox, EventReader, EventRelay, NewEvent, RelayTx, RelayUow};
pub use field::{FieldError, FieldErrors, Violation};
pub use gauge::{FailureCounts, PoolGauge, QueueDepth, StoreGauges};
pub use idempotency::IdempotencyRecords;
pub use ids::*;
pub use job::{
    ClockSkew, Job, JobAttempts, JobFailure, JobFilter, JobHandler, JobInput, JobOutbox, JobQueue, JobReader,
    JobRepository, JobState, JobTx, Kinds, NewJob, Priority, Settlement, Wake, WorkerNote, WorkerRegistry,
    backoff, next_turn,
};
pub use limiter::{Allowance, LimiterAway, Quota, RateLimiter, Shape};
pub use lock::{HeldLock, Locks, LocksAway};
pub use mailer::{LinkBase, Mail, MailError, Mailer};
pub use mint::{SecretTooShort, TokenMint};
pub use money::{Currency, Money, NotUsd, PicoUsd};
pub use paging::{CursorInvalid, CursorSeal, Limit, Page, PageRequest};
pub use permission::{Area, KeyScope, KeyScopes, NoKeyScopes, Permission, Verb};
pub use random::{Environment, IdGenerator, NoRandomness, Randomness, SystemRandomness, TimeOrderedIds};
pub use retention::{Ended, Retention};
pub use retry::{Backoff, Pause, RetryPolicy, rest_after};
pub use revocation::Revocations;
pub use schedule::{Due, Misfire, Schedule, ScheduleQueue, Schedules, Timing, UnusableTiming};
pub use scope::{Memberships, Role, SystemScope, UserScope, WorkspaceScope};
pub use time::{Clock, Date, SystemClock, TimeZone, Timestamp, UnknownTimeZone};
pub use token::{RawToken, TokenHash, TokenInput, TokenKind, TokenState};
pub use uow::{AsyncFunc, Tx, UnitOfWork, Verdict, Work};
