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
    progress.finish_and_clear();
    let mut report = format!("{replayed} wait again");
    if superseded > 0 {
        write!(report, "; {superseded} stay, as a younger job does the same")?;
    }
    print(&format!("{report}\n"))
}
