//! Following facts as they are told, over server-sent events or a WebSocket; `docs/real-time.md` describes both for clients.
//!
//! ```text
//!   handler > Following::begin: a place, the first look  >  sse::answer  or  socket::upgrade
//!                 ▲
//!   LiveStreams ──┘ says when to look; the facts come from the store, in order of their numbers
//! ```
//!
//! # How to add a stream
//! A variant of `Topic` that reads its facts, and two handlers as in `http/events`. Facts of one workspace only: their
//! numbers are the ids by which clients resume.

mod following;
pub(super) mod handshake;
mod places;
pub(super) mod socket;
mod sse;
mod topic;

pub(super) use following::{Following, Start};
pub(super) use handshake::Handshake;
pub(super) use places::Place;
pub use places::{Places, StreamLimits};
pub(super) use sse::{answer, last_event_id, streaming};
pub(super) use topic::Topic;

/// How a client follows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Protocol {
    /// Server-sent events.
    Sse,
    /// A WebSocket.
    WebSocket,
}

impl Protocol {
    /// Its name in metrics.
    const fn name(self) -> &'static str {
        match self {
            Self::Sse => "sse",
            Self::WebSocket => "websocket",
        }
    }
}
