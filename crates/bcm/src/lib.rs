//! The business context: what a business says of itself, as a versioned document that every agent receives.
//!
//! People walk through the eight steps of **onboarding**; answers are checked per step against definitions that are
//! data (`data/steps.toml`), can be left incomplete, resumed and edited. Finalising builds, in one transaction, the
//! **foundation** (who the business is, its offer, positioning, channels, goals, voice, constraints), the **ICPs**
//! (ideal customer profiles) and a **context version**: the document compiled of both, as canonical JSON, bound to the
//! version before by its hash. What nobody has told is listed in the document's `gaps`, and lowers its completeness.
//!
//! ```text
//! onboarding session                               context versions (append-only)
//!
//!   save, complete                                 1 ◀───── 2 ◀───── 3   each hash covers the document,
//!      ┌──┐                                        hash     hash     hash   the number and the hash before
//!      ▼  │   finalise (company, offer and
//!     open ──────────────────────────▶ finalised ──┐
//!             audience are completed)      ▲       │ finalise again answers the same
//!                                          └───────┘
//! ```
//!
//! A completed step that is edited stays completed while nothing required is missing in it. Answers of steps that were
//! never completed are used when they would pass; else the step is a gap.
//!
//! Who names the workspace after the company, or fills its calendar, listens to `onboarding.finalized`.
//!
//! # How to add a question to a step
//! 1. A line in `data/steps.toml`; the check, the API's definition and the form follow from it.
//! 2. The field of the struct in `model/foundation.rs` or `model/icp.rs` that keeps the answer.
//! 3. If agents use it: a row in the table of `model/completeness.rs` (the weights sum to 100).
//! 4. The whole answer in `tests/bcm/tea_shop.json`; a test fails when an answer does not reach the document.

mod error;
pub mod events;
pub mod model;
pub mod ports;
pub mod services;

pub use error::{CODES, Error, Result, code};
pub use model::*;
