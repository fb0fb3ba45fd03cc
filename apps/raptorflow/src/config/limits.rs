//! Settings of rate limits, and of how much is done at once.

use super::reader::Reader;
use crate::http::{live::StreamLimits, throttle::Limits};
use kernel::WorkspaceId;
use std::{collections::BTreeMap, num::NonZeroU32};

pub(super) fn read(reader: &mut Reader<'_>) -> Option<Limits> {
    let mut limit = |name| reader.number(name, 1..=1_000_000_u32).and_then(NonZeroU32::new);
    let api = limit("RATE_LIMIT_PER_MINUTE");
    let auth = limit("RATE_LIMIT_AUTH_PER_MINUTE");
    let ai = limit("RATE_LIMIT_AI_PER_MINUTE");
    let workspaces = reader.parse("RATE_LIMIT_WORKSPACES", |text| {
        let entries = text.split(',').map(str::trim).filter(|entry| !entry.is_empty());
        let read: Option<BTreeMap<_, _>> = entries.map(of_workspace).collect();
        read.ok_or_else(|| "must list workspace ids with a number, as id=600, separated by commas".to_owned())
    });
    Some(Limits { auth: auth?, api: api?, ai: ai?, workspaces: workspaces.unwrap_or_default() })
}

pub(super) fn streams(reader: &mut Reader<'_>) -> Option<StreamLimits> {
    let mut most = |name| reader.number(name, 1..=100_000_usize);
    let (process, workspace, caller) =
        (most("STREAMS_OPEN"), most("STREAMS_PER_WORKSPACE"), most("STREAMS_PER_CALLER"));
    Some(StreamLimits {
        process: process?,
        workspace: workspace?,
        caller: caller?,
        ..StreamLimits::default()
    })
}

fn of_workspace(entry: &str) -> Option<(WorkspaceId, NonZeroU32)> {
    let (workspace, limit) = entry.split_once('=')?;
    Some((workspace.trim().parse().ok()?, limit.trim().parse().ok()?))
}
