//! `docs/operations.md` and `docs/deploy/`: metrics, settings, commands and runbooks that they name exist.

#![expect(clippy::unwrap_used, reason = "the helpers of a test fail by panicking")]

use raptorflow::config::settings::{LATER, SETTINGS};
use raptorflow::metrics::table::{Kind, METRICS};
use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

fn docs(name: &str) -> String {
    std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs").join(name)).unwrap()
}

/// The words that look like metrics, without what Prometheus adds to a histogram's name.
fn metrics_in(text: &str) -> BTreeSet<String> {
    let is_part = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
    let words = text.split(|c| !is_part(c));
    let named = words.filter(|word| word.starts_with("raptorflow_") || word.starts_with("process_"));
    let bare = named.map(|word| {
        let parts = ["_bucket", "_count", "_sum"].iter().find_map(|part| word.strip_suffix(part));
        let histogram =
            parts.filter(|name| METRICS.iter().any(|m| m.name == *name && m.kind == Kind::Histogram));
        histogram.unwrap_or(word).to_owned()
    });
    // A family, as `raptorflow_queue_*`.
    bare.filter(|word| !word.ends_with('_')).collect()
}

#[test]
fn every_metric_that_an_alarm_or_a_runbook_names_exists() {
    let known: BTreeSet<String> = METRICS.iter().map(|metric| metric.name.to_owned()).collect();
    for document in ["deploy/alerts.yml", "operations.md"] {
        let named = metrics_in(&docs(document));
        assert!(named.len() > 5, "{named:?}");
        let unknown: Vec<_> = named.difference(&known).collect();
        assert!(unknown.is_empty(), "{document} names {unknown:?}");
    }
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

#[test]
fn every_alarm_has_a_runbook_and_every_runbook_names_its_alarms() {
    let (alerts, operations) = (docs("deploy/alerts.yml"), docs("operations.md"));
    let after = |line: &str, key: &str| {
        line.trim().strip_prefix(key).map(|rest| rest.trim().trim_matches('"').to_owned())
    };
    let alarms: Vec<_> = alerts.lines().filter_map(|line| after(line, "- alert:")).collect();
    let runbooks: Vec<_> = alerts.lines().filter_map(|line| after(line, "runbook:")).collect();
    assert!(alarms.len() > 8 && alarms.len() == runbooks.len(), "{alarms:?} {runbooks:?}");
    for (alarm, runbook) in alarms.iter().zip(&runbooks) {
        assert!(operations.lines().any(|line| line == format!("### {runbook}")), "no runbook `{runbook}`");
        assert!(operations.contains(&format!("`{alarm}`")), "{alarm} is in no runbook");
    }
    let named = operations.split('`').filter(|word| word.starts_with("RaptorFlow") && !word.contains(' '));
    for name in named {
        assert!(alarms.iter().any(|alarm| alarm == name), "{name} is no alarm");
    }
}

/// Names in capitals that stand before this sign at the beginning of a line.
fn variables(text: &str, sign: char) -> Vec<String> {
    let is_name = |name: &str| {
        !name.is_empty() && name.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_')
    };
    let names = text.lines().filter_map(|line| line.trim().split_once(sign)).map(|(name, _)| name.to_owned());
    names.filter(|name| is_name(name)).collect()
}

#[test]
fn every_setting_that_the_files_name_exists_and_the_required_ones_are_there() {
    let is_setting = |name: &String| {
        let all = SETTINGS.iter().flat_map(|s| s.aliases.iter().copied().chain([s.name]));
        all.chain(LATER.iter().map(|later| later.name)).any(|known| known == name)
    };
    // Of the database's image and its script, not of RaptorFlow.
    let logins = ["POSTGRES_PASSWORD", "OWNER_PASSWORD", "APP_PASSWORD", "SYSTEM_PASSWORD"];
    let compose = variables(&docs("deploy/compose.yml"), ':');
    let example = variables(&docs("deploy/.env.example"), '=');
    assert!(compose.len() > 10 && example.len() > 8, "{compose:?} {example:?}");
    for name in compose.iter().chain(&example) {
        assert!(is_setting(name) || logins.contains(&name.as_str()), "{name} is no setting");
    }
    for setting in SETTINGS.iter().filter(|setting| setting.required_in_production) {
        assert!(compose.iter().any(|name| name == setting.name), "compose.yml lacks {}", setting.name);
    }
    let compose = docs("deploy/compose.yml");
    let taken = compose.split("${").skip(1).filter_map(|rest| rest.split([':', '}']).next());
    for name in taken {
        assert!(example.iter().any(|known| known == name), ".env.example lacks {name}");
    }
}

#[test]
fn every_command_that_the_files_call_exists() {
    let help = Command::new(env!("CARGO_BIN_EXE_raptorflow")).arg("--help").output().unwrap();
    let help = String::from_utf8(help.stdout).unwrap();
    let mut called = BTreeSet::new();
    for line in docs("deploy/compose.yml").lines().chain(docs("deploy/Dockerfile").lines()) {
        let list = line.trim().strip_prefix("command: [\"").or_else(|| line.strip_prefix("CMD [\""));
        called.extend(list.and_then(|list| list.split('"').next()).map(ToOwned::to_owned));
    }
    called.retain(|command| !command.starts_with("--") && command != "redis-server");
    assert_eq!(called.iter().map(String::as_str).collect::<Vec<_>>(), ["migrate", "serve", "worker"]);
    for command in called {
        assert!(
            help.lines().any(|line| line.trim().split(' ').next() == Some(command.as_str())),
            "{command}"
        );
    }
}
