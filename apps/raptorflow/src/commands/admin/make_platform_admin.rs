//! `raptorflow admin make-platform-admin EMAIL`.

use crate::commands::print;
use anyhow::bail;
use identity::services::{Appointment, OperatorService};
use kernel::CallContext;

/// Makes the person an administrator; one who is an administrator already stays so.
pub(super) async fn run(operator: &OperatorService, ctx: &CallContext, email: &str) -> anyhow::Result<()> {
    match operator.make_platform_admin(ctx, email).await? {
        Appointment::Made => print("is a platform administrator now\n"),
        Appointment::Already => print("is a platform administrator already\n"),
        Appointment::Unknown => bail!("nobody has this address"),
        Appointment::NotVerified => {
            bail!("the address is not verified; its owner must open the link in the mail")
        }
        Appointment::NotActive => bail!("the account is banned or deleted"),
    }
}
