//! `docs/operations.md` and `docs/deploy/`: the files hold together, and metrics, settings, commands and runbooks that they
//! name exist.

#![expect(clippy::unwrap_used, clippy::panic, reason = "the helpers of a test fail by panicking")]

mod alerts;
mod compose;
mod image;
mod services;

use raptorflow::metrics::table::{Kind, METRICS};
use serde_json::Value;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

fn path(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs").join(name)
}

fn docs(name: &str) -> String {
    std::fs::read_to_string(path(name)).unwrap()
}

/// A file of YAML, with its anchors and merges put in place.
fn yaml(name: &str) -> Value {
    serde_saphyr::from_str(&docs(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

/// The members of an object; none of anything else.
fn members(value: &Value) -> impl Iterator<Item = (&str, &Value)> {
    value.as_object().into_iter().flatten().map(|(name, value)| (name.as_str(), value))
}

/// The texts of a list; none of anything else.
fn texts(value: &Value) -> Vec<&str> {
    value.as_array().into_iter().flatten().map(|item| item.as_str().unwrap()).collect()
}

/// The words that look like metrics, without what Prometheus adds to a histogram's name.
fn metrics_in(text: &str) -> BTreeSet<String> {
    let is_part = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
    let words = text.split(|c| !is_part(c));
    let named = words.filter(|word| word.starts_with("raptorflow_") || word.starts_with("process_"));
    // A family, as `raptorflow_queue_*`.
    named.map(bare).filter(|word| !word.ends_with('_')).map(ToOwned::to_owned).collect()
}

/// The name of the metric that a series is of.
fn bare(series: &str) -> &str {
    let parts = ["_bucket", "_count", "_sum"].iter().find_map(|part| series.strip_suffix(part));
    let histogram = parts.filter(|name| METRICS.iter().any(|m| m.name == *name && m.kind == Kind::Histogram));
    histogram.unwrap_or(series)
}

#[test]
fn every_metric_that_a_runbook_names_exists() {
    let known: BTreeSet<String> = METRICS.iter().map(|metric| metric.name.to_owned()).collect();
    let named = metrics_in(&docs("operations.md"));
    let unknown: Vec<_> = named.difference(&known).collect();
    assert!(unknown.is_empty(), "{unknown:?}");
}

#[test]
fn the_table_of_metrics_is_what_is_documented() {
    let documented = docs("operations.md");
    let rows: Vec<_> = documented
        .lines()
        .filter(|line| {
            ["| `raptorflow_", "| `process_", "| `gen_ai_"].iter().any(|name| line.starts_with(name))
        })
        .collect();
    let wanted: Vec<_> = METRICS
        .iter()
        .map(|metric| {
            let labels: Vec<_> = metric.labels.iter().map(|label| format!("`{label}`")).collect();
            let (name, kind, help) = (metric.name, metric.kind.name(), metric.help);
            format!("| `{name}` | {kind} | {} | {help} |", labels.join(", "))
        })
        .collect();
    assert_eq!(rows, wanted, "docs/operations.md and metrics/table.rs say different things");
}
