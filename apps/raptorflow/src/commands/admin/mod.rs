//! `raptorflow admin`: what only whoever runs the service may do.

mod make_platform_admin;
mod replay_dead_letters;
mod rotate_keys;

use crate::{application::Application, config::Config};
use clap::Subcommand;
use kernel::{Actor, CallContext, CorrelationId, Environment};

/// The administrative commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Seal everything anew that is sealed under an older key of ENCRYPTION_KEYS than the first
    RotateKeys,
    /// Give a person the administration of the platform
    MakePlatformAdmin {
        /// The verified address of an active account
        email: String,
    },
    /// Want every dead letter again, of all workspaces and of none, once what made them fail is mended
    ReplayDeadLetters {
        /// Only jobs of this kind
        #[arg(long)]
        kind: Option<String>,
    },
}

/// Runs one.
///
/// # Errors
/// When the database is not ready, or the command fails; one line for people.
pub async fn run(config: &Config, command: &Command) -> anyhow::Result<()> {
    let services = Application::open(config).await?.services;
    let operator = services.operator;
    let env = Environment::system();
    let ctx = CallContext::new(Actor::System, CorrelationId::mint(env.ids.uuid()));
    match command {
        Command::RotateKeys => rotate_keys::run(&operator, &ctx).await,
        Command::ReplayDeadLetters { kind } => {
            replay_dead_letters::run(&services.dead_letters, &ctx, kind.as_deref()).await
        }
        Command::MakePlatformAdmin { email } => make_platform_admin::run(&operator, &ctx, email).await,
    }
}
