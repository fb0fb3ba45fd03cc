//! `alerts.yml`: what Prometheus is told to call people for, and what they read then.

use crate::{bare, docs, members, metrics_in, texts, yaml};
use raptorflow::metrics::table::METRICS;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

fn rules() -> Vec<Value> {
    let file = yaml("deploy/alerts.yml");
    assert_eq!(members(&file).map(|(name, _)| name).collect::<Vec<_>>(), ["groups"]);
    let groups = file["groups"].as_array().unwrap();
    let rules: Vec<Value> =
        groups.iter().flat_map(|group| group["rules"].as_array().unwrap().clone()).collect();
    assert!(rules.len() > 8, "{rules:?}");
    rules
}

/// A text of a rule, which must be there.
fn said<'r>(rule: &'r Value, pointer: &str) -> &'r str {
    rule.pointer(pointer)
        .and_then(Value::as_str)
        .filter(|text| !text.is_empty())
        .unwrap_or_else(|| panic!("{rule} has no {pointer}"))
}

/// Runbooks by their headings.
fn runbooks(operations: &str) -> BTreeMap<&str, &str> {
    let sections = operations.split("\n### ").skip(1);
    // The last one ends where the next chapter begins.
    let bodies = sections.map(|section| section.split("\n## ").next().unwrap_or(section));
    bodies.filter_map(|body| body.split_once('\n')).collect()
}

#[test]
fn every_alarm_says_when_how_urgent_it_is_and_what_to_do() {
    for rule in rules() {
        let names: Vec<&str> = members(&rule).map(|(name, _)| name).collect();
        assert_eq!(names, ["alert", "annotations", "expr", "for", "labels"], "{rule}");
        let (digits, unit) = said(&rule, "/for").split_at(said(&rule, "/for").len() - 1);
        assert!(digits.parse::<u32>().is_ok_and(|number| number > 0) && "smh".contains(unit), "{rule}");
        assert!(["page", "ticket"].contains(&said(&rule, "/labels/severity")), "{rule}");
        said(&rule, "/annotations/summary");
        let expr = said(&rule, "/expr");
        for (open, close) in [('(', ')'), ('{', '}'), ('[', ']')] {
            assert_eq!(expr.matches(open).count(), expr.matches(close).count(), "{expr}");
        }
    }
}

#[test]
fn every_alarm_stands_in_its_runbook_and_every_alarm_of_a_runbook_exists() {
    let (rules, operations) = (rules(), docs("operations.md"));
    let runbooks = runbooks(&operations);
    let names: BTreeSet<&str> = rules.iter().map(|rule| said(rule, "/alert")).collect();
    assert_eq!(names.len(), rules.len(), "two alarms have one name");
    for rule in &rules {
        let heading = said(rule, "/annotations/runbook");
        let runbook = runbooks.get(heading).unwrap_or_else(|| panic!("no runbook `{heading}`"));
        let alarm = format!("`{}`", said(rule, "/alert"));
        assert!(runbook.contains(&alarm), "{alarm} is not in the runbook `{heading}`");
    }
    let named = operations.split('`').filter(|word| word.starts_with("RaptorFlow") && !word.contains(' '));
    for name in named {
        assert!(names.contains(name), "{name} is no alarm");
    }
}

#[test]
fn every_alarm_asks_for_metrics_that_are_documented_by_labels_that_they_have() {
    let documented = metrics_in(&docs("operations.md"));
    for rule in rules() {
        let expr = said(&rule, "/expr");
        let asked = metrics_in(expr);
        let unknown: Vec<_> = asked.difference(&documented).collect();
        assert!(
            unknown.is_empty() && (!asked.is_empty() || expr.starts_with("up{")),
            "{unknown:?} in {expr}"
        );
        for (series, selector) in selectors(expr) {
            // What Prometheus itself adds to each series.
            let mut labels = vec!["job", "instance"];
            labels.extend(METRICS.iter().filter(|m| m.name == bare(series)).flat_map(|m| m.labels));
            for label in selector {
                assert!(labels.contains(&label), "{series} has no label {label}: {expr}");
            }
        }
    }
}

#[test]
fn series_with_other_labels_are_matched_by_those_that_both_have() {
    for rule in rules() {
        let expr = said(&rule, "/expr");
        for operator in [" and ", " or ", " unless "] {
            // Without it, Prometheus looks for a series with the very same labels, and finds none.
            let named =
                expr.match_indices(operator).all(|(at, _)| expr[at + operator.len()..].starts_with("on ("));
            assert!(named, "{expr}");
        }
    }
}

#[test]
fn whoever_waits_for_a_model_is_not_called_slow() {
    let rules = rules();
    let slow = rules.iter().find(|rule| said(rule, "/alert") == "RaptorFlowSlow").unwrap();
    let (_, left_out) = said(slow, "/expr").split_once("route!~\"").unwrap();
    let prefixes: Vec<&str> = left_out
        .split('"')
        .next()
        .unwrap()
        .split('|')
        .map(|route| route.strip_suffix(".+").unwrap())
        .collect();
    let document: Value = serde_json::from_str(&docs("openapi.json")).unwrap();
    let operations = members(&document["paths"])
        .flat_map(|(path, of)| members(of).map(move |(_, operation)| (path, operation)));
    let waiting = operations.filter(|(_, operation)| texts(&operation["x-calls"]).contains(&"models"));
    let routes: BTreeSet<&str> = waiting.map(|(path, _)| path).collect();
    assert!(routes.len() > 3, "{routes:?}");
    for route in routes {
        assert!(prefixes.iter().any(|prefix| route.starts_with(prefix)), "{route}");
    }
}

/// Each series of an expression that is chosen by labels, with their names.
fn selectors(expr: &str) -> Vec<(&str, Vec<&str>)> {
    let is_name = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let chosen = expr.split('}').filter_map(|part| part.split_once('{'));
    chosen
        .map(|(before, labels)| {
            let series = before.rsplit(|c| !is_name(c)).next().unwrap_or_default();
            let names = labels.split(',').map(|label| label.split(['=', '!']).next().unwrap_or_default());
            (series, names.map(str::trim).collect())
        })
        .collect()
}

#[test]
fn labels_are_found_in_an_expression() {
    let expr = r#"sum(rate(a_total{status="5xx"}[5m])) / sum(b{x=~"1|2", y!="3"}) > 0.02"#;
    assert_eq!(selectors(expr), [("a_total", vec!["status"]), ("b", vec!["x", "y"])]);
}
