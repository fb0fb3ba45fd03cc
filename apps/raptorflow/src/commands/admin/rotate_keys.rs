//! `raptorflow admin rotate-keys`.

use crate::commands::print;
use anyhow::ensure;
use identity::services::{OperatorService, Unreadable};
use indicatif::{ProgressBar, ProgressStyle};
use kernel::{CallContext, CipherError};
use std::collections::BTreeMap;

/// Rows in one transaction.
const BATCH: u32 = 100;

/// Seals anew until nothing is left behind. May run beside the service, be cut off and be repeated.
pub(super) async fn run(operator: &OperatorService, ctx: &CallContext) -> anyhow::Result<()> {
    let style = ProgressStyle::with_template("{bar:40} {pos}/{len} sealed anew");
    let progress = ProgressBar::new(operator.count_stale().await?)
        .with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
    let (mut resealed, mut overtaken, mut unreadable) = (0, 0, Vec::new());
    let mut after = None;
    while let Some(batch) = operator.reseal(ctx, after.as_ref(), BATCH).await? {
        progress.inc(batch.resealed);
        resealed += batch.resealed;
        overtaken += batch.overtaken;
        unreadable.extend(batch.unreadable);
        after = Some(batch.last);
    }
    progress.finish_and_clear();
    print(&report(resealed, overtaken))?;
    ensure!(unreadable.is_empty(), "{}", complaint(&unreadable));
    Ok(())
}

fn report(resealed: u64, overtaken: u64) -> String {
    let also = if overtaken > 0 { format!(", {overtaken} changed meanwhile") } else { String::new() };
    format!("{resealed} sealed anew{also}\n")
}

/// What is wrong with those that did not open, by cause.
fn complaint(unreadable: &[Unreadable]) -> String {
    let mut causes: BTreeMap<String, u64> = BTreeMap::new();
    for Unreadable { why, .. } in unreadable {
        let cause = match why {
            CipherError::UnknownKey(id) => format!("sealed under `{id}`, which ENCRYPTION_KEYS lacks"),
            other => other.to_string(),
        };
        *causes.entry(cause).or_default() += 1;
    }
    let causes: Vec<String> = causes.iter().map(|(cause, count)| format!("{count} {cause}")).collect();
    format!("{} could not be opened and stay as they are: {}", unreadable.len(), causes.join("; "))
}
