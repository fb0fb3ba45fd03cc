//! Plans, subscriptions and payments.
//!
//! A [`Plan`] is a line of the price list, which is data (`data/plans.toml`). A workspace has at most one
//! live [`Subscription`] to a plan, and pays for it by [`Payment`]s through a
//! gateway. This crate holds the model, its state machines and the ports; the one use case is to
//! [list the plans](services::PlanService).
//!
//! # Two kinds of end
//! A state that the *gateway proved* (by a status read, or a callback that a status read confirms) is final. A state
//! that our own *timers* made yields to such proof: an expired payment that turns out to be paid is paid. Each change
//! is one conditional update (`where status = …`); when it changes no row, nothing else happens either.
//!
//! # States of a payment
//! ```text
//! created ──accepted, duplicate order──▶ pending ──expiry passed──▶ expired
//! created ──call ambiguous, left behind──▶ unknown
//! unknown ──found open, duplicate order──▶ pending
//! created ──refused──▶ failed            unknown ──not at the gateway──▶ failed
//! unknown ──expiry passed──▶ expired
//! created, pending, unknown, expired ──success proved──▶ succeeded
//! created, pending, unknown, expired ──mismatch proved──▶ review
//! created, pending, unknown, expired ──failure proved──▶ failed
//! failed ──success or mismatch proved──▶ review ──operator accepts──▶ succeeded
//! pending ──attempt failed──▶ pending
//! succeeded ──failure proved, found open, attempt failed──▶ succeeded (recorded and ignored)
//! ```
//!
//! # States of a subscription
//! ```text
//!            ┌─lapse──▶ incomplete_expired
//! incomplete ┼─pay────▶ active ◀─pay── trialing ──payment failed──▶ past_due
//!            └─cancel─▶ canceled
//! active ──pay──▶ active (next period)      active ──payment failed──▶ past_due
//! past_due ──pay──▶ active                  past_due ──grace over──▶ unpaid
//! unpaid ──pay──▶ active                    unpaid ──close, cancel──▶ canceled
//! active, trialing, past_due ──cancel──▶ canceling ──period ended──▶ canceled
//! canceling ──undo──▶ active
//! ```
//! A payment that arrives for a `canceled` or `incomplete_expired` subscription changes nothing and is given back.
//!
//! # How to add a plan, or change a price
//! Add an entry to the data file; the comment at its top has the rules, and the tests of the catalogue hold them.

#![forbid(unsafe_code)]

mod error;
pub mod events;
pub mod model;
pub mod ports;
pub mod services;

pub use error::{CODES, Error, Result, code};
pub use model::*;
