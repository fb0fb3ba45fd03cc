//! `raptorflow admin`: what only whoever runs the service may do.

mod make_platform_admin;
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
}

/// Runs one.
///
/// # Errors
/// When the database is not ready, or the command fails; one line for people.
pub async fn run(config: &Config, command: &Command) -> anyhow::Result<()> {
    let operator = Application::open(config).await?.services.operator;
    let env = Environment::system();
    let ctx = CallContext::new(Actor::System, CorrelationId::mint(env.ids.uuid()));
    match command {
        Command::RotateKeys => rotate_keys::run(&operator, &ctx).await,
        Command::MakePlatformAdmin { email } => make_platform_admin::run(&operator, &ctx, email).await,
    }
}
