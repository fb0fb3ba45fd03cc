//! `raptorflow admin replay-dead-letters [--kind KIND]`.

use crate::commands::print;
use indicatif::ProgressBar;
use kernel::CallContext;
use std::fmt::Write;
use workspace::services::DeadLetterService;

/// Wants them again, from the oldest on. May run beside the service, be cut off and be repeated.
pub(super) async fn run(
    letters: &DeadLetterService,
    ctx: &CallContext,
    kind: Option<&str>,
) -> anyhow::Result<()> {
    let progress = ProgressBar::new_spinner().with_message("dead letters");
    let report = replay(letters, ctx, kind, &progress).await?;
    progress.finish_and_clear();
    print(&report)
}

/// Wants all of them again; answers what is to be said of it.
async fn replay(
    letters: &DeadLetterService,
    ctx: &CallContext,
    kind: Option<&str>,
    progress: &ProgressBar,
) -> anyhow::Result<String> {
    let (mut replayed, mut superseded, mut after) = (0, 0, None);
    loop {
        let some = letters.replay(ctx, kind, after).await?;
        replayed += some.replayed;
        superseded += some.superseded;
        progress.inc(some.replayed);
        if !some.has_more {
            break;
        }
        after = some.last;
    }
    let mut report = format!("{replayed} wait again");
    if superseded > 0 {
        write!(report, "; {superseded} stay, as a younger job does the same")?;
    }
    report.push('\n');
    Ok(report)
}

#[cfg(test)]
mod tests;
