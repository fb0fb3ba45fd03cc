//! The council of lords: seven agents per workspace, what they are asked to do, and the journal of how they did it.
//!
//! A **lord** is a seat in the council; `data/council.toml` describes the seven. Every workspace gets its own copy of
//! them, an **agent** each, when it is created. A **run** is one tracked execution of an agent. It is work of several
//! **steps**; each finished step is written into the run's journal with its result, in one unit of work, before the
//! next begins. A run whose worker dies is taken over by another one, which reads the journal and goes on after the
//! last finished step: no step runs twice to its end, and what a step changes elsewhere it changes under the run's id,
//! so that a repetition finds it done.
//!
//! ```text
//! run                          wait ┌──────────────────┐
//!              start          ┌────▶│ waiting_approval │
//!   queued ───────────▶ running ◀───┴──────────────────┘ resume
//!                       │ ▲│ │
//!                       │ └┘ └──complete──▶ completed
//!                       │ start (taken over)
//!   queued, running, waiting_approval ──fail──▶ failed
//!   queued, running, waiting_approval ──cancel──▶ cancelled
//! ```
//!
//! While a run is live it holds the key `strategy:<campaign>`, which a workspace has once: a campaign is not planned
//! twice at the same time. A job that becomes a dead letter ends its run as failed; a run that stands still for
//! [three hours](services::ABANDONED_AFTER) because even that could not be written makes way for the next request.
//!
//! Every result says who thought of it: a model, or the rule-based **baseline** of its [task](tasks), and why.
//!
//! # Calls of language models
//! [`dispatch`] says what is asked and answered whoever serves it, which models there are and what they cost, down to the
//! pico-dollar; [`ports::models`] what providers and the ledger of costs must do. Models, aliases and prices are dated rows of
//! `data/models.toml` and `data/prices.toml`. [`services::Dispatcher`] is the one way to ask them: it holds money, asks, falls back
//! and settles. A workspace asks providers with the installation's keys, or with one that its owner has lent it, a
//! [`dispatch::ProviderKey`].
//!
//! # How to add a model, or change a price
//! A row in each file. A row that was charged is never edited: a change is a new one with a `valid_from`.
//!
//! # How to add a kind of run
//! 1. A module in [`tasks`] with its typed input, output and baseline.
//! 2. A variant of [`RunKind`] with its lord and subject; its steps as a constant of [`StepName`].
//! 3. A module in `services/` that performs one step from the journal so far, as `strategy.rs` does; the executor
//!    keeps the journal. What a step changes in another domain goes through a port that is idempotent by run.
//!
//! # How to add a lord, or change one
//! The data file describes what new workspaces get. Keys are stored and never renamed.

#![forbid(unsafe_code)]

mod error;
pub mod events;
pub mod model;
pub mod ports;
pub mod services;
pub mod tasks;

pub use error::{CODES, Error, Result, code};
pub use model::*;
