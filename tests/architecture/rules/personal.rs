//! What is held of a person stands in `docs/personal-data.tsv`, table by table: a new table, or a new column that looks
//! like a person's, without a word on its export and erasure is caught.

use crate::tree::{self, File};
use crate::{none, one};
use std::collections::{BTreeMap, BTreeSet};

const HEADER: &str = "table\tcolumns\texport\terasure";

type Columns = BTreeMap<String, BTreeSet<String>>;

/// Whether a column's name says that it holds a person's id or something personal.
fn looks_personal(column: &str) -> bool {
    let whole = ["actor_id", "address", "user_agent", "display_name", "password_hash"];
    let ends = ["user_id", "_by", "_ip"];
    whole.contains(&column)
        || ends.iter().any(|end| column.ends_with(end))
        || ["email", "phone"].iter().any(|word| column.split('_').any(|part| part == *word))
}

/// The tables that the migrations make, with the columns that look personal.
fn tables(migrations: &[File]) -> Columns {
    let mut tables = Columns::new();
    for file in migrations {
        let mut current: Option<String> = None;
        for line in file.text.lines().map(str::trim) {
            let words: Vec<&str> = line.split_whitespace().collect();
            match words.as_slice() {
                ["create", "table", name, ..] => {
                    tables.entry((*name).to_owned()).or_default();
                    current = Some((*name).to_owned());
                }
                ["alter", "table", name, "add", "column", column, ..] if looks_personal(column) => {
                    tables.entry((*name).to_owned()).or_default().insert((*column).to_owned());
                }
                ["drop", "table", name, ..] => {
                    tables.remove(name.trim_end_matches(';'));
                }
                [");", ..] => current = None,
                [column, ..] if looks_personal(column) => {
                    if let Some(columns) = current.as_ref().and_then(|table| tables.get_mut(table)) {
                        columns.insert((*column).to_owned());
                    }
                }
                _ => {}
            }
        }
    }
    tables
}

fn unlisted(tables: &Columns, inventory: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut rows = inventory.lines();
    if rows.next() != Some(HEADER) {
        found.push("personal-data.tsv: the first line does not name the columns".to_owned());
    }
    let mut listed = Columns::new();
    for row in rows {
        let parts: Vec<&str> = row.split('\t').collect();
        let [table, columns, export, erasure] = parts.as_slice() else {
            found.push(format!("personal-data.tsv: a row has four columns: {row}"));
            continue;
        };
        if export.trim().is_empty() || erasure.trim().is_empty() {
            found.push(format!("personal-data.tsv: {table} has no word on its export or its erasure"));
        }
        let columns = columns.split(' ').filter(|column| *column != "-").map(ToOwned::to_owned);
        listed.insert((*table).to_owned(), columns.collect());
    }
    for (table, columns) in tables {
        let Some(known) = listed.get(table) else {
            found.push(format!("{table} is not in docs/personal-data.tsv: say what of a person it holds"));
            continue;
        };
        found.extend(columns.difference(known).map(|column| {
            format!("{table}.{column} looks like a person's: add it to docs/personal-data.tsv")
        }));
    }
    let stale = listed.keys().filter(|table| !tables.contains_key(*table));
    found.extend(stale.map(|table| format!("{table} is no table: remove it from docs/personal-data.tsv")));
    found
}

fn migrations() -> Vec<File> {
    let of_sqlite = |file: &File| file.path.starts_with("migrations/sqlite/") && file.path.ends_with(".sql");
    tree::texts().into_iter().filter(of_sqlite).collect()
}

#[test]
fn every_table_says_what_of_a_person_it_holds() {
    let tables = tables(&migrations());
    assert!(tables["events"].contains("user_agent") && tables["memberships"].contains("user_id"));
    none(&unlisted(&tables, include_str!("../../../docs/personal-data.tsv")));
}

#[test]
fn a_new_table_a_new_column_and_a_stale_row_are_caught() {
    let made = "create table a (\n  id blob,\n  user_id blob\n);\ncreate table b (\n  id blob\n);";
    let migrations = [
        File::new("migrations/sqlite/0001/up.sql", made),
        File::new("migrations/sqlite/0002/up.sql", "alter table b add column invited_by blob;"),
    ];
    let tables = tables(&migrations);
    let inventory = |rows: &str| format!("{HEADER}\n{rows}");
    none(&unlisted(&tables, &inventory("a\tuser_id\tx\tremoved\nb\tinvited_by\tno: y\tstays")));
    one(&unlisted(&tables, &inventory("a\tuser_id\tx\tremoved")), "b is not in");
    one(&unlisted(&tables, &inventory("a\tuser_id\tx\tremoved\nb\t-\tno\tstays")), "b.invited_by looks");
    let stale = "a\tuser_id\tx\tremoved\nb\tinvited_by\tno\tstays\nc\t-\tno\tstays";
    one(&unlisted(&tables, &inventory(stale)), "c is no table");
    one(&unlisted(&tables, &inventory("a\tuser_id\tx\t\nb\tinvited_by\tno\tstays")), "no word");
}

#[test]
fn columns_of_a_person_are_recognised_by_name() {
    for personal in ["user_id", "accepted_by", "email_lower", "new_email", "address", "last_ip"] {
        assert!(looks_personal(personal), "{personal}");
    }
    for other in ["id", "subject_id", "created_at", "number", "by_hand", "description"] {
        assert!(!looks_personal(other), "{other}");
    }
}
