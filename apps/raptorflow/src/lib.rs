//! RaptorFlow's one binary, as a library: it wires the domains to the stores and to HTTP, and decides nothing itself.
//!
//! - [`config`] is the one place that reads the environment: a table of settings, a typed [`config::Config`], and
//!   every problem reported at once.
//! - [`http`] turns requests into calls of use cases. A handler file holds the types on the wire, the OpenAPI text,
//!   the handler, and calls one use case; everything that handlers share (who calls, which workspace, bodies,
//!   queries, pages, problems) is an extractor or an answer of that module.
//! - [`application`] puts a process together; [`wiring`] connects the domains, [`worker`] does the background work.
//! - [`telemetry`] sets up the logs, [`metrics`] counts.
//! - [`cli`] lists the commands; each is a file of [`commands`].
//!
//! # How to add a thing here
//! An endpoint: a handler file in its area's folder under `http/`, a line in the area's `configure`. A setting: a row
//! in `config/settings.rs`, a field in `config/mod.rs` that reads it. A command: a file in `commands/`, a variant in
//! `cli.rs`. Then `make generated` writes the documents that follow from the code.

#![forbid(unsafe_code)]

pub mod application;
pub mod cli;
pub mod commands;
pub mod config;
pub mod http;
pub mod metrics;
pub mod server;
pub mod telemetry;
pub mod wiring;
pub mod worker;
