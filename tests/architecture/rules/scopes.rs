//! A scope is proof of a check. The makers that skip the membership check are named for their one use, and
//! who calls them is listed in `scope-makers.toml`.

use crate::tree::{self, File};
use crate::{none, one};
use serde::Deserialize;
use std::collections::BTreeSet;

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct ScopeMakers {
    #[serde(default)]
    maker: Vec<ScopeMaker>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ScopeMaker {
    file: String,
    maker: String,
    reason: String,
}

/// `for_test` exists only with the kernel's feature `testing`, which `dependencies` keeps out of the product.
const FOR_TESTS: &str = "WorkspaceScope::for_test";

/// Each place that makes a scope, as (file, maker).
fn uses(files: &[File]) -> BTreeSet<(String, String)> {
    let makes = |file: &&File| {
        !file.path.starts_with("crates/kernel/")
            && !file.path.split('/').any(|part| part == "tests" || part == "testing" || part == "testing.rs")
    };
    let mut found = BTreeSet::new();
    for file in files.iter().filter(makes) {
        for line in file.text.lines().filter(|line| !line.trim_start().starts_with("//")) {
            for maker in makers(line) {
                found.insert((file.path.clone(), maker));
            }
        }
    }
    found
}

fn makers(line: &str) -> Vec<String> {
    let word = |from: &str| -> String {
        from.chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '_').collect()
    };
    let mut found = Vec::new();
    for (kind, makers) in [("WorkspaceScope", "::for_"), ("UserScope", "::for_"), ("SystemScope", "::")] {
        for (at, _) in line.match_indices(kind) {
            let rest = &line[at + kind.len()..];
            if rest.starts_with(makers) && rest[2..].starts_with(|c: char| c.is_ascii_lowercase()) {
                found.push(format!("{kind}::{}", word(&rest[2..])));
            } else if let Some(name) = rest.strip_prefix(" as ") {
                // Under another name its makers would go unseen.
                found.push(format!("{kind} as {}", word(name)));
            }
        }
    }
    found.retain(|maker| maker != FOR_TESTS);
    found
}

fn unlisted_makers(files: &[File], list: &ScopeMakers) -> Vec<String> {
    let uses = uses(files);
    let listed: BTreeSet<(String, String)> =
        list.maker.iter().map(|entry| (entry.file.clone(), entry.maker.clone())).collect();
    let unlisted = uses.difference(&listed).map(|(file, maker)| {
        format!(
            "{file} calls {maker}: use the membership check, or list it with its reason in scope-makers.toml"
        )
    });
    let stale = listed.difference(&uses).map(|(file, maker)| {
        format!("{file} does not call {maker} any more: remove it from scope-makers.toml")
    });
    let unreasoned = list
        .maker
        .iter()
        .filter(|entry| entry.reason.trim().is_empty())
        .map(|entry| format!("{} is listed for {} without a reason", entry.maker, entry.file));
    unlisted.chain(stale).chain(unreasoned).collect()
}

#[test]
fn who_makes_a_scope_without_the_membership_check_is_listed() {
    let list: ScopeMakers = toml::from_str(include_str!("../scope-makers.toml")).unwrap();
    none(&unlisted_makers(&tree::rust(), &list));
}

fn list(file: &str, maker: &str, reason: &str) -> ScopeMakers {
    let [file, maker, reason] = [file, maker, reason].map(str::to_owned);
    ScopeMakers { maker: vec![ScopeMaker { file, maker, reason }] }
}

#[test]
fn an_unlisted_maker_a_stale_entry_and_a_missing_reason_are_caught() {
    let files = [File::new("apps/a.rs", "let s = kernel::SystemScope::for_relay();")];
    one(&unlisted_makers(&files, &ScopeMakers::default()), "apps/a.rs calls SystemScope::for_relay");
    none(&unlisted_makers(&files, &list("apps/a.rs", "SystemScope::for_relay", "the relay")));
    one(&unlisted_makers(&files, &list("apps/a.rs", "SystemScope::for_relay", "")), "without a reason");
    one(&unlisted_makers(&[], &list("apps/a.rs", "SystemScope::for_relay", "x")), "any more");
}

#[test]
fn every_way_to_make_a_scope_is_seen() {
    let seen = |line: &str| makers(line).join(", ");
    assert_eq!(seen("WorkspaceScope::for_job(&job)"), "WorkspaceScope::for_job");
    assert_eq!(seen("UserScope::for_departure(person)"), "UserScope::for_departure");
    assert_eq!(seen("UserScope::of(&ctx)"), "");
    assert_eq!(
        seen("f(SystemScope::new(), SystemScope::for_worker())"),
        "SystemScope::new, SystemScope::for_worker"
    );
    assert_eq!(seen("let make = SystemScope::for_worker;"), "SystemScope::for_worker");
    assert_eq!(seen("use kernel::{SystemScope as S};"), "SystemScope as S");
    assert_eq!(seen("WorkspaceScope::authorise(m, ctx, id)"), "");
    assert_eq!(seen("fn relay(scope: &SystemScope) -> WorkspaceScope"), "");
    assert_eq!(seen("WorkspaceScope::for_test(id, user, role)"), "");
}

#[test]
fn the_kernel_tests_and_comments_may_name_makers() {
    let line = "SystemScope::for_worker()";
    for path in [
        "crates/kernel/src/scope.rs",
        "tests/http/a.rs",
        "crates/bcm/tests/a.rs",
        "crates/bcm/src/testing.rs",
    ] {
        assert!(uses(&[File::new(path, line)]).is_empty(), "{path}");
    }
    assert!(uses(&[File::new("apps/a.rs", &format!("  //! {line}\n/// {line}"))]).is_empty());
    assert_eq!(uses(&[File::new("crates/adapters/sql/a.rs", line)]).len(), 1);
}
