//! Following facts as they are told, over server-sent events and over WebSockets.

mod facts;
mod places;
mod runs;
mod slow;
mod sockets;
mod streams;
