//! Campaigns, the dated moves that carry them out, and the few small wins of each day.
//!
//! A **campaign** is a goal over a period, for chosen customers (ICPs) and channels, with a budget. Executing it asks
//! an agent run for a plan; when the plan comes back it becomes **moves**: dated, on a channel, each with objective,
//! brief, tasks, a draft and a measure. People start, complete or skip them. Every day, the **daily wins** are the few
//! small actions most worth doing, chosen from the moves.
//!
//! ```text
//! campaign                                        move
//!            plan            activate                          start             complete
//!   draft ─────────▶ planned ─────────▶ active       planned ─────────▶ in_progress ─────────▶ done
//!     │               │  ▲▲ plan again   │ ▲│          │  │ complete                             ▲
//!     │               │  └┘         pause│ │resume     │  └──────────────────────────────────────┘
//!     │ cancel        │ cancel           ▼ ││          │ skip              │ skip
//!     ▼               ▼   cancel      paused │complete └──────▶ skipped ◀──┘
//!   cancelled ◀────────────────────────┘  │  ▼
//!     │ archive                  complete └▶ completed          daily win:  open ──▶ done | dismissed
//!     └──────────────▶ archived ◀── archive ───┘
//! ```
//!
//! A planned campaign becomes active on its first day in the workspace's time zone (a job waits for that day), or
//! with its first started move. Once it is completed, cancelled or archived, its moves can be skipped only.
//! A move that is completed takes its open win of the day along.
//!
//! What this crate needs of others is small ports in [`ports`]: the workspace's time zone, which ICPs exist, and
//! somebody who runs strategies. The application connects them.
//!
//! # How to add a use case
//! 1. The rule goes to `model/`: a method of the aggregate that answers the new state or an [`Error`], with its test.
//! 2. A method of a service in `services/` takes `&CallContext` and `&WorkspaceScope`, checks the role, loads, asks the
//!    model, and saves with its event (a builder in [`events`]) in one unit of work.
//! 3. A new question to the store is a method of a port, a case in the conformance suite, and one function in each
//!    adapter.

mod error;
pub mod events;
pub mod model;
pub mod ports;
pub mod services;

pub use error::{CODES, Error, Result, code};
pub use model::*;
