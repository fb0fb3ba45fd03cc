//! The rules of the structure, checked.
//!
//! A rule is a plain function from inputs (files, dependencies, a checked-in list) to the violations it
//! finds, each a sentence that says where and what to do. Every rule is applied to the repository, and to a
//! small made-up input that breaks it: a rule that can't fail would be no rule.
//!
//! How to add a rule: write the function in the module of its inputs, apply it to the repository in a test
//! named after the rule, and break it in another.

mod dependencies;
mod files;
mod graph;
mod migrations;
mod personal;
mod scopes;
mod shape;
mod tree;

/// The crates with the product's rules: no web, no SQL, no HTTP client, side by side on the kernel.
const DOMAIN: [&str; 6] = ["identity", "workspace", "bcm", "campaign", "billing", "agents"];

#[track_caller]
fn none(violations: &[String]) {
    assert!(violations.is_empty(), "\n{}\n", violations.join("\n"));
}

/// The rule found exactly one violation, and names this.
#[track_caller]
fn one(violations: &[String], about: &str) {
    assert_eq!(violations.len(), 1, "{violations:?}");
    assert!(violations[0].contains(about), "{violations:?} does not name {about}");
}
