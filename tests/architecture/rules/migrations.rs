//! What a migration may not do to a table that an earlier one made: the version before is still running then, and must be
//! able to go on with the new schema.

use crate::tree::{self, File};
use crate::{none, one};
use std::collections::BTreeMap;

/// What was done all the same: the migration, the table, and why. Whoever comes from a version before it has to stop for it, or why
/// not (SQLite makes a table anew for many a change): `docs/operations.md` says so of each.
const EXCEPTIONS: [(&str, &str, &str); 1] = [(
    "0029_model_holds",
    "model_calls",
    "no released version had the ledger whose rows were written twice, and a hold has no place in it any more",
)];

/// What the version before can't go on with. Columns are added where a default or null serves who does not know of them.
const BREAKS: [&str; 4] = ["drop column", "rename", "set not null", "alter column"];

/// Statements without comments, each in one line and in small letters.
fn statements(text: &str) -> Vec<String> {
    let code: Vec<&str> = text.lines().map(|line| line.split("--").next().unwrap_or_default()).collect();
    let code = code.join(" ").to_lowercase();
    let statements = code.split(';').map(|part| part.split_whitespace().collect::<Vec<_>>().join(" "));
    statements.filter(|statement| !statement.is_empty()).collect()
}

/// The table that the statement begins with, and what it does to it.
fn table_of<'s>(statement: &'s str, does: &str) -> Option<(&'s str, &'s str)> {
    let rest = statement.strip_prefix(does)?.trim_start();
    let rest = ["if exists ", "if not exists ", "only "]
        .iter()
        .fold(rest, |rest, word| rest.strip_prefix(word).unwrap_or(rest));
    Some(rest.split_once([' ', '(']).unwrap_or((rest, "")))
}

/// Why the version before can't go on with what is done to a table that it knows.
fn breaks(done: &str) -> Option<String> {
    let words = format!(" {done} ");
    let broken = BREAKS
        .iter()
        .find(|breaks| words.contains(&format!(" {breaks} ")))
        .map(|breaks| (*breaks).to_owned());
    broken.or_else(|| {
        let mut added = done.split(',').filter(|part| part.contains("add column"));
        let is_owed = |part: &&str| part.contains("not null") && !part.contains("default");
        added.find(is_owed).map(|part| format!("{} without a default", part.trim()))
    })
}

/// What one migration does to tables of earlier ones, which `made` has with the migration that made each: the table, and what.
fn broken(migration: &str, text: &str, made: &mut BTreeMap<String, String>) -> Vec<(String, String)> {
    let mut found = Vec::new();
    for statement in statements(text) {
        if let Some((table, _)) = table_of(&statement, "create table ") {
            made.entry(table.to_owned()).or_insert_with(|| migration.to_owned());
        }
        let is_earlier = |table: &str| made.get(table).is_some_and(|by| by != migration);
        if let Some((table, done)) =
            table_of(&statement, "alter table ").filter(|(table, _)| is_earlier(table))
            && let Some(why) = breaks(done)
        {
            found.push((table.to_owned(), why));
        }
        if let Some((table, _)) = table_of(&statement, "drop table ").filter(|(table, _)| is_earlier(table)) {
            found.push((table.to_owned(), "drop table".to_owned()));
        }
    }
    found
}

fn unserved(files: &[File], exceptions: &[(&str, &str, &str)]) -> Vec<String> {
    let mut made: BTreeMap<&str, BTreeMap<String, String>> = BTreeMap::new();
    let (mut violations, mut used) = (Vec::new(), Vec::new());
    for file in files {
        let ["migrations", database, migration, "up.sql"] = file.path.split('/').collect::<Vec<_>>()[..]
        else {
            continue;
        };
        for (table, why) in broken(migration, &file.text, made.entry(database).or_default()) {
            let listed = exceptions.iter().position(|(of, on, _)| (*of, *on) == (migration, table.as_str()));
            used.extend(listed);
            if listed.is_none() {
                violations.push(format!(
                    "{}: `{why}` on {table}, which the version before knows and works with beside this one: leave it to a \
                     later version, or list it with its reason",
                    file.path
                ));
            }
        }
    }
    for (at, (migration, table, why)) in exceptions.iter().enumerate() {
        if !used.contains(&at) || why.trim().is_empty() {
            violations.push(format!("{migration} is an exception on {table} of no use, or without a reason"));
        }
    }
    violations
}

#[test]
fn the_version_before_goes_on_with_each_migration() {
    none(&unserved(&tree::texts(), &EXCEPTIONS));
    let operations = include_str!("../../../docs/operations.md");
    for (migration, ..) in EXCEPTIONS {
        assert!(operations.contains(migration), "docs/operations.md does not say what {migration} asks for");
    }
}

#[test]
fn a_migration_that_the_version_before_can_not_go_on_with_is_caught_unless_listed_and_a_stale_entry_too() {
    let first = "create table moves (\n  id blob not null, -- alter table moves rename\n  name text);";
    let files = |then: &str| {
        let of =
            |migration: &str, text: &str| File::new(&format!("migrations/sqlite/{migration}/up.sql"), text);
        [of("0001_first", first), of("0002_then", then), File::new("docs/a.sql", "drop table moves;")]
    };
    for fine in [
        "alter table moves add column brief text;\nalter table moves add column turn int not null default 0;",
        "create table parts (id blob); alter table parts rename to pieces; drop table pieces;",
        "drop index moves_turn; create index moves_turn on moves (turn); update moves set renamed = 1;",
        "-- drop table moves;\nalter table moves no force row level security;",
    ] {
        none(&unserved(&files(fine), &[]));
    }
    for (breaks, what) in [
        ("drop table if exists Moves;", "`drop table` on moves"),
        ("alter table moves\n  add column brief text,\n  drop column name;", "`drop column` on moves"),
        ("alter table moves rename to former;", "`rename` on moves"),
        ("alter table moves rename name to title;", "`rename` on moves"),
        ("alter table moves alter column name set not null;", "`set not null` on moves"),
        ("alter table moves alter column name type bytea;", "`alter column` on moves"),
        ("alter table moves add column brief text not null;", "without a default` on moves"),
    ] {
        one(&unserved(&files(breaks), &[]), what);
        none(&unserved(&files(breaks), &[("0002_then", "moves", "nobody had it")]));
        one(&unserved(&files(breaks), &[("0002_then", "moves", " ")]), "without a reason");
    }
    one(&unserved(&files(""), &[("0002_then", "moves", "nobody had it")]), "of no use");
}
