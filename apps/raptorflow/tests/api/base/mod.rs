//! The HTTP base, over real sockets and a few probe routes: each kind of bad input has its exact status and code.

mod bodies;
mod callers;
mod connections;
mod edges;
mod features;
mod keys;
mod limits;
mod lists;
mod logs;
mod metrics;
mod operations;
mod overload;
mod probe;
