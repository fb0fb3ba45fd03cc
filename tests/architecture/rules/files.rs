//! What may be in the repository, how long a file may be, and what none may contain.

use crate::tree::{self, File};
use crate::{none, one};
use serde::Deserialize;

const LONGEST: usize = 400;

const TOP_LEVEL: [&str; 10] = [
    "Cargo.lock",
    "Cargo.toml",
    "Makefile",
    "README.md",
    "apps",
    "crates",
    "deny.toml",
    "docs",
    "migrations",
    "rust-toolchain.toml",
];

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct LongFiles {
    #[serde(default)]
    file: Vec<LongFile>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct LongFile {
    path: String,
    reason: String,
}

fn long_files(files: &[File], exceptions: &LongFiles) -> Vec<String> {
    let listed = |path: &str| exceptions.file.iter().any(|exception| exception.path == path);
    let long: Vec<(&str, usize)> = files
        .iter()
        .map(|file| (file.path.as_str(), file.text.lines().count()))
        .filter(|(_, lines)| *lines > LONGEST)
        .collect();
    let unlisted = long
        .iter()
        .filter(|(path, _)| !listed(path))
        .map(|(path, lines)| format!("{path} has {lines} lines; split it (at most {LONGEST})"));
    let stale =
        exceptions.file.iter().filter(|exception| !long.iter().any(|(path, _)| *path == exception.path)).map(
            |exception| format!("{} is not long any more: remove it from long-files.toml", exception.path),
        );
    let unreasoned = exceptions
        .file
        .iter()
        .filter(|exception| exception.reason.trim().is_empty())
        .map(|exception| format!("{} is in long-files.toml without a reason", exception.path));
    unlisted.chain(stale).chain(unreasoned).collect()
}

/// Written in two halves, so that this file passes its own rules.
const ALLOW: [&str; 2] = [concat!("#[al", "low("), concat!("#![al", "low(")];

fn allowed_lints(files: &[File]) -> Vec<String> {
    let mut found = Vec::new();
    for file in files {
        for (number, line) in file.text.lines().enumerate() {
            let conditional =
                line.contains(concat!("cfg", "_attr(")) && line.contains(concat!(" al", "low("));
            if conditional || ALLOW.iter().any(|attribute| line.contains(attribute)) {
                found.push(format!("{}:{}: write #[expect(lint, reason = \"..\")]", file.path, number + 1));
            }
        }
    }
    found
}

/// Places outside the repository, on the machine of whoever wrote the file.
const FOREIGN: [&str; 5] = [
    concat!("/wo", "rk/"),
    concat!("shared", "/spec"),
    concat!("shared", "/design"),
    concat!("shared", "/facts"),
    concat!("shared", "/data"),
];

fn foreign_paths(files: &[File]) -> Vec<String> {
    let mut found = Vec::new();
    for file in files {
        for (number, line) in file.text.lines().enumerate() {
            for path in FOREIGN.iter().filter(|path| line.contains(**path)) {
                found.push(format!("{}:{}: names {path}, which no clone has", file.path, number + 1));
            }
        }
    }
    found
}

fn stray_top_level(paths: &[String]) -> Vec<String> {
    let mut stray: Vec<String> = paths
        .iter()
        .map(|path| path.split('/').next().unwrap_or(path))
        .filter(|entry| !entry.starts_with('.') && *entry != "tests" && !TOP_LEVEL.contains(entry))
        .map(|entry| format!("{entry} is no top-level entry: its place is within one of {TOP_LEVEL:?}"))
        .collect();
    stray.dedup();
    stray
}

#[test]
fn no_source_file_is_too_long() {
    let exceptions: LongFiles = toml::from_str(include_str!("../long-files.toml")).unwrap();
    none(&long_files(&tree::rust(), &exceptions));
}

#[test]
fn a_file_that_is_too_long_is_caught_unless_listed_and_a_stale_entry_too() {
    let files = [File::new("a.rs", &"\n".repeat(401)), File::new("b.rs", &"\n".repeat(400))];
    let except = |path: &str, reason: &str| LongFiles {
        file: vec![LongFile { path: path.to_owned(), reason: reason.to_owned() }],
    };
    one(&long_files(&files, &LongFiles::default()), "a.rs has 401 lines");
    none(&long_files(&files, &except("a.rs", "a table")));
    one(&long_files(&files, &except("a.rs", " ")), "without a reason");
    one(&long_files(&files[1..], &except("b.rs", "a table")), "b.rs is not long any more");
}

#[test]
fn lints_are_expected_with_a_reason_never_allowed() {
    none(&allowed_lints(&tree::rust()));
}

#[test]
fn an_allowed_lint_is_caught() {
    let expected = "#[expect(clippy::x, reason = \"y\")]\nlet allow = allow(1);";
    none(&allowed_lints(&[File::new("a.rs", expected)]));
    for attribute in ALLOW {
        let text = format!("fn a() {{}}\n{attribute}unused)]");
        one(&allowed_lints(&[File::new("a.rs", &text)]), "a.rs:2");
    }
    let conditional = concat!("#[cfg", "_attr(test, al", "low(unused))]");
    one(&allowed_lints(&[File::new("a.rs", conditional)]), "a.rs:1");
}

#[test]
fn no_file_names_a_place_outside_the_repository() {
    none(&foreign_paths(&tree::texts()));
}

#[test]
fn a_place_outside_the_repository_is_caught() {
    none(&foreign_paths(&[File::new("a.md", "see docs/spec, shared by all; it doesn't work / is slow")]));
    for path in FOREIGN {
        one(&foreign_paths(&[File::new("a.md", &format!("fine\nsee {path}x.md"))]), "a.md:2");
    }
}

#[test]
fn the_top_level_holds_what_it_should_only() {
    none(&stray_top_level(&tree::paths()));
}

#[test]
fn a_stray_top_level_entry_is_caught_once() {
    let paths = [".ci/run", "Cargo.toml", "tests/a.rs", "scripts/a", "scripts/b", "crates/scripts/c"];
    one(&stray_top_level(&paths.map(str::to_owned)), "scripts is no top-level entry");
}
