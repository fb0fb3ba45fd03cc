//! Every domain crate has the same shape, so that who knows one knows all.

use crate::{DOMAIN, none, one, tree};

const SHAPE: [&str; 6] = ["lib.rs", "model/", "ports.rs", "services/", "events.rs", "error.rs"];

/// The in-memory doubles of a crate's own tests are not part of what it is; and ports that would make `ports.rs` too long
/// have files of their own.
const BESIDE: [&str; 3] = ["ports/", "testing.rs", "testing/"];

/// What one crate has more, as it owns more: the agents' typed tasks with their baselines, one folder each.
const MORE: [(&str, &str); 1] = [("agents", "tasks/")];

fn misshapen(paths: &[String], domain: &str) -> Vec<String> {
    let source = format!("crates/{domain}/src/");
    let entries: Vec<&str> = paths.iter().filter_map(|path| path.strip_prefix(source.as_str())).collect();
    let missing = SHAPE
        .iter()
        .filter(|part| !entries.iter().any(|entry| matches(entry, part)))
        .map(|part| format!("{source}{part} is missing"));
    let strange = entries
        .iter()
        .filter(|entry| !SHAPE.iter().chain(&BESIDE).any(|part| matches(entry, part)))
        .filter(|entry| !MORE.iter().any(|(owner, part)| *owner == domain && matches(entry, part)))
        .map(|entry| format!("{source}{entry} is no part of a domain crate's shape: {SHAPE:?}"));
    missing.chain(strange).collect()
}

fn matches(entry: &str, part: &str) -> bool {
    if part.ends_with('/') { entry.starts_with(part) } else { entry == part }
}

#[test]
fn every_domain_crate_has_the_same_shape() {
    let paths = tree::paths();
    none(&DOMAIN.iter().flat_map(|domain| misshapen(&paths, domain)).collect::<Vec<_>>());
}

#[test]
fn a_missing_part_and_a_strange_one_are_caught() {
    let whole = ["lib.rs", "model/mod.rs", "ports.rs", "services/mod.rs", "events.rs", "error.rs"];
    let paths = |entries: &[&str]| -> Vec<String> {
        entries.iter().map(|entry| format!("crates/bcm/src/{entry}")).collect()
    };
    none(&misshapen(&paths(&whole), "bcm"));
    one(&misshapen(&paths(&whole[1..]), "bcm"), "lib.rs is missing");
    one(&misshapen(&paths(&[&whole[..], &["util.rs"]].concat()), "bcm"), "util.rs is no part");
    assert_eq!(misshapen(&paths(&whole), "billing").len(), SHAPE.len(), "a crate that is not there");
}
