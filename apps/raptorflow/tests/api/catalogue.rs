//! The catalogue of routes against the OpenAPI document, both ways: what is built is in the catalogue with the same
//! path and access, and what is not built stands in `docs/routes-missing.txt`.
//!
//! A failure prints the lines to add (`+`) to that file and to remove (`-`) from it.

use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

const HEADER: &str = "area\torigin\tmethod\tpath\tauth\tnote";
/// Those that a path of an OpenAPI document can have.
const METHODS: [&str; 8] = ["DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT", "TRACE"];
const ACCESS: [&str; 8] =
    ["public", "user", "member", "admin", "owner", "operator", "platform_admin", "signature"];

/// `METHOD path`, with who may call.
type Routes = BTreeMap<String, String>;

/// The catalogue's routes; what is wrong with its rows goes to `found`.
fn catalogue_routes(text: &str, found: &mut Vec<String>) -> Routes {
    let mut routes = Routes::new();
    let mut rows = text.lines();
    if rows.next() != Some(HEADER) {
        found.push("api-catalogue.tsv: the first line does not name the columns".to_owned());
    }
    for (number, row) in (2..).zip(rows) {
        let columns: Vec<&str> = row.split('\t').collect();
        let &[_, _, method, path, access, _] = columns.as_slice() else {
            found.push(format!("api-catalogue.tsv:{number}: a row has six columns"));
            continue;
        };
        if !METHODS.contains(&method) || !path.starts_with('/') || !ACCESS.contains(&access) {
            found.push(format!("api-catalogue.tsv:{number}: no such method, path or access: {row}"));
        }
        let route = format!("{method} {path}");
        if routes.insert(route.clone(), access.to_owned()).is_some() {
            found.push(format!("api-catalogue.tsv:{number}: {route} is there twice"));
        }
    }
    routes
}

/// The operations of an OpenAPI document, with their `x-access`.
fn documented_routes(document: &Value) -> Routes {
    let paths = document["paths"].as_object().into_iter().flatten();
    let operations = paths.flat_map(|(path, item)| {
        item.as_object().into_iter().flatten().filter_map(move |(key, operation)| {
            let method = key.to_ascii_uppercase();
            let access = operation["x-access"].as_str().unwrap_or("(none)").to_owned();
            METHODS.contains(&method.as_str()).then(|| (format!("{method} {path}"), access))
        })
    });
    operations.collect()
}

/// The lines of `routes-missing.txt`: sorted, each once.
fn missing_routes(text: &str, found: &mut Vec<String>) -> BTreeSet<String> {
    let lines: Vec<&str> = text.lines().collect();
    for pair in lines.windows(2) {
        match pair[0].cmp(pair[1]) {
            std::cmp::Ordering::Less => {}
            std::cmp::Ordering::Equal => {
                found.push(format!("routes-missing.txt: {} is there twice", pair[0]));
            }
            std::cmp::Ordering::Greater => {
                found.push(format!("routes-missing.txt: {} must come before {}", pair[1], pair[0]));
            }
        }
    }
    lines.into_iter().map(ToOwned::to_owned).collect()
}

/// A route with its parameters' names left out: two routes of one form are meant to be the same.
fn form(route: &str) -> String {
    let mut parts = route.split('{');
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |form, part| form + "{}" + part.split_once('}').map_or("", |(_, rest)| rest))
}

/// Every way in which catalogue, document and list of missing routes disagree.
fn disagreements(catalogue: &str, missing: &str, document: &Value) -> Vec<String> {
    let mut found = Vec::new();
    let wanted = catalogue_routes(catalogue, &mut found);
    let missing = missing_routes(missing, &mut found);
    let built = documented_routes(document);
    for (route, access) in &built {
        match wanted.get(route) {
            Some(same) if same == access => {}
            Some(other) => {
                found.push(format!("{route}: the catalogue says {other}, the handler's x-access {access}"));
            }
            None => {
                let hint = wanted.keys().find(|wanted| form(wanted) == form(route));
                let hint = hint.map(|wanted| format!("; the catalogue has {wanted}")).unwrap_or_default();
                found.push(format!("{route} is built, but not in the catalogue{hint}"));
            }
        }
    }
    let unlisted = wanted.keys().filter(|route| !built.contains_key(*route) && !missing.contains(*route));
    let stale = missing.iter().filter(|route| built.contains_key(*route) || !wanted.contains_key(*route));
    found.extend(unlisted.map(|route| format!("+ {route}")));
    found.extend(stale.map(|route| format!("- {route}")));
    found
}

#[test]
fn the_catalogue_and_the_api_agree() {
    let document = raptorflow::http::openapi::document(raptorflow::http::areas).unwrap();
    let document = raptorflow::http::openapi::json(&document).unwrap();
    let found = disagreements(
        include_str!("../../../../docs/api-catalogue.tsv"),
        include_str!("../../../../docs/routes-missing.txt"),
        &document,
    );
    let help = "lines with + and - are for docs/routes-missing.txt";
    assert!(found.is_empty(), "\n{}\n({help})\n", found.join("\n"));
}

/// A catalogue of these rows: `method path access`.
fn catalogue(rows: &[&str]) -> String {
    let row = |row: &&str| format!("area\t+\t{}\t\n", row.replace(' ', "\t"));
    format!("{HEADER}\n{}", rows.iter().map(row).collect::<String>())
}

/// A document of these operations: `method path access`.
fn document(operations: &[&str]) -> Value {
    let mut paths = json!({});
    for operation in operations {
        let words: Vec<&str> = operation.split(' ').collect();
        paths[words[1]][words[0].to_ascii_lowercase()] = json!({ "x-access": words[2] });
    }
    json!({ "paths": paths })
}

const READ: &str = "GET /things/{thing_id} member";
const MAKE: &str = "POST /things admin";

#[test]
fn built_or_listed_as_missing_is_agreement() {
    let none: [String; 0] = [];
    assert_eq!(disagreements(&catalogue(&[READ, MAKE]), "", &document(&[READ, MAKE])), none);
    assert_eq!(disagreements(&catalogue(&[READ, MAKE]), "POST /things\n", &document(&[READ])), none);
    let both = "GET /things/{thing_id}\nPOST /things\n";
    assert_eq!(disagreements(&catalogue(&[MAKE, READ]), both, &document(&[])), none);
}

#[test]
fn a_route_that_is_neither_built_nor_listed_is_to_be_added() {
    let found = disagreements(&catalogue(&[READ, MAKE]), "", &document(&[READ]));
    assert_eq!(found, ["+ POST /things"]);
}

#[test]
fn a_built_or_unknown_route_in_the_list_is_to_be_removed() {
    let missing = "GET /nothing\nPOST /things\n";
    let found = disagreements(&catalogue(&[READ, MAKE]), missing, &document(&[READ, MAKE]));
    assert_eq!(found, ["- GET /nothing", "- POST /things"]);
}

#[test]
fn the_list_has_each_line_once_and_in_order() {
    let twice = disagreements(&catalogue(&[MAKE]), "POST /things\nPOST /things\n", &document(&[]));
    assert_eq!(twice, ["routes-missing.txt: POST /things is there twice"]);
    let unsorted =
        disagreements(&catalogue(&[READ, MAKE]), "POST /things\nGET /things/{thing_id}\n", &document(&[]));
    assert_eq!(unsorted, ["routes-missing.txt: GET /things/{thing_id} must come before POST /things"]);
}

#[test]
fn an_operation_that_the_catalogue_lacks_is_named() {
    let found = disagreements(&catalogue(&[READ]), "", &document(&[READ, MAKE]));
    assert_eq!(found, ["POST /things is built, but not in the catalogue"]);
    let same_path =
        disagreements(&catalogue(&[READ]), "", &document(&[READ, "PUT /things/{thing_id} member"]));
    assert_eq!(same_path, ["PUT /things/{thing_id} is built, but not in the catalogue"]);
}

#[test]
fn a_parameter_of_another_name_is_another_path() {
    let found = disagreements(&catalogue(&[READ]), "", &document(&["GET /things/{id} member"]));
    assert_eq!(
        found,
        [
            "GET /things/{id} is built, but not in the catalogue; the catalogue has GET /things/{thing_id}",
            "+ GET /things/{thing_id}",
        ]
    );
}

#[test]
fn another_access_than_the_catalogues_is_named() {
    let found = disagreements(&catalogue(&[MAKE]), "", &document(&["POST /things member"]));
    assert_eq!(found, ["POST /things: the catalogue says admin, the handler's x-access member"]);
    let mut silent = document(&[MAKE]);
    silent["paths"]["/things"] = json!({ "post": {}, "summary": "is no operation" });
    let found = disagreements(&catalogue(&[MAKE]), "", &silent);
    assert_eq!(found, ["POST /things: the catalogue says admin, the handler's x-access (none)"]);
}

#[test]
fn a_row_that_is_there_twice_is_caught_even_with_another_access() {
    let found =
        disagreements(&catalogue(&[MAKE, "POST /things owner"]), "", &document(&["POST /things owner"]));
    assert_eq!(found, ["api-catalogue.tsv:3: POST /things is there twice"]);
}

#[test]
fn a_row_of_another_form_is_caught() {
    let short = format!("{HEADER}\narea\t+\tGET\t/things\n");
    assert_eq!(disagreements(&short, "", &document(&[])), ["api-catalogue.tsv:2: a row has six columns"]);
    for strange in ["FETCH /things member", "POST things member", "POST /things anybody"] {
        let found = disagreements(&catalogue(&[strange]), "", &document(&[strange]));
        assert!(found[0].starts_with("api-catalogue.tsv:2: no such method, path or access"), "{found:?}");
    }
    let headless = catalogue(&[]).replace("note", "remark");
    let found = disagreements(&headless, "", &document(&[]));
    assert_eq!(found, ["api-catalogue.tsv: the first line does not name the columns"]);
}
