//! The commands and their options.

use crate::{commands, config::Config, telemetry::Collector};
use clap::{Parser, Subcommand};
use std::time::Duration;

/// RaptorFlow, the marketing operating system: its server and its tools in one binary.
#[derive(Debug, Parser)]
#[command(name = "raptorflow", version, about, disable_help_subcommand = true)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Serve the API; on the embedded database also do the background work
    Serve {
        /// Make an account to log in with, and print it (development only)
        #[arg(long)]
        demo_account: bool,
    },
    /// Do the background work, beside any number of other workers
    Worker,
    /// Bring the database's schema up to date
    Migrate {
        /// Change nothing; fail when something is missing
        #[arg(long)]
        check: bool,
    },
    /// What only whoever runs the service may do
    Admin {
        #[command(subcommand)]
        command: commands::admin::Command,
    },
    /// Check everything the service depends on, and explain what is wrong
    Doctor,
    /// Drive the main job over HTTP against a temporary embedded server, and print what came of it
    Demo {
        /// A business as a JSON object keyed by onboarding step; without it, a made-up one
        #[arg(long, value_name = "FILE")]
        brief: Option<std::path::PathBuf>,
        /// Print one JSON document instead of text
        #[arg(long)]
        json: bool,
    },
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
    /// Print who may call which route, as Markdown
    Authorization,
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
        Command::Serve { demo_account } => {
            started(async |config| commands::serve::run(config, demo_account).await)
        }
        Command::Worker => started(async |config| commands::worker::run(config).await),
        Command::Migrate { check } => on_runtime(async { commands::migrate::run(&config()?, check).await }),
        Command::Admin { command } => started(async |config| commands::admin::run(config, &command).await),
        Command::Doctor => on_runtime(commands::doctor::run(&crate::config::environment())),
        Command::Demo { brief, json } => on_runtime(commands::demo::run(brief.as_deref(), json)),
        Command::Config { markdown: true } => commands::config::document(),
        Command::Config { markdown: false } => commands::config::show(&crate::config::environment()),
        Command::Openapi => commands::openapi::run(),
        Command::Routes => commands::routes::run(),
        Command::Authorization => commands::authorization::run(),
        Command::Errors { markdown } => commands::errors::run(markdown),
    }
}

fn config() -> anyhow::Result<Config> {
    Ok(Config::parse(&crate::config::environment())?)
}

/// Runs a command that logs.
fn started(command: impl AsyncFnOnce(&Config) -> anyhow::Result<()>) -> anyhow::Result<()> {
    let config = config()?;
    on_runtime(async {
        let collector = config.collector.as_deref().map(Collector::at).transpose()?;
        let traces = crate::telemetry::start(&config.log, collector.as_ref())?;
        let outcome = command(&config).await;
        traces.end().await;
        outcome
    })
}

/// Connections and background work live on this runtime; the server's threads have their own.
fn on_runtime(command: impl Future<Output = anyhow::Result<()>>) -> anyhow::Result<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let outcome = runtime.block_on(command);
    // What blocks a thread, as a name that nobody resolves, holds up nothing.
    runtime.shutdown_timeout(Duration::from_secs(1));
    outcome
}
