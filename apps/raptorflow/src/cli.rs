//! The commands and their options.

use crate::commands;
use clap::{Parser, Subcommand};

/// RaptorFlow, the marketing operating system: its server and its tools in one binary.
#[derive(Debug, Parser)]
#[command(name = "raptorflow", version, about, disable_help_subcommand = true)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Print every setting with its value (secrets masked), or its documentation; fails when a setting is wrong
    Config {
        /// Print the documentation of all settings instead
        #[arg(long)]
        markdown: bool,
    },
    /// Print the OpenAPI document
    Openapi,
    /// Print every route with who may call it and what it touches, as Markdown
    Routes,
    /// Print every error code
    Errors {
        /// As the Markdown document that `docs/errors.md` is
        #[arg(long)]
        markdown: bool,
    },
}

/// Runs the command that the process was started with.
///
/// # Errors
/// What the command failed with; one line for people.
pub fn run() -> anyhow::Result<()> {
    match Cli::parse().command {
        Command::Config { markdown: true } => commands::config::document(),
        Command::Config { markdown: false } => commands::config::show(&crate::config::environment()),
        Command::Openapi => commands::openapi::run(),
        Command::Routes => commands::routes::run(),
        Command::Errors { markdown } => commands::errors::run(markdown),
    }
}
