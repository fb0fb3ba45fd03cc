//! The table of routes, from the document that the handlers make.

use super::rows::{ROWS, Row};
use raptorflow::http::{areas, openapi};
use reqwest::Method;
use serde_json::Value;
use std::collections::BTreeSet;

/// A route with what its documentation says of who may call.
#[derive(Debug, Clone)]
pub(crate) struct Route {
    pub(crate) method: Method,
    pub(crate) path: String,
    pub(crate) operation: String,
    pub(crate) access: String,
    /// The scope that a key needs, where keys are accepted.
    pub(crate) key_scope: Option<String>,
    pub(crate) row: &'static Row,
}

impl Route {
    /// Whether it acts in a workspace.
    pub(crate) fn is_in_a_workspace(&self) -> bool {
        matches!(self.access.as_str(), "member" | "admin" | "owner")
            || self.path.starts_with("/api/v1/onboarding/")
    }

    /// Whether anybody may call it without saying who they are.
    pub(crate) fn is_open(&self) -> bool {
        matches!(self.access.as_str(), "public" | "operator")
    }

    /// The names of the ids in its path, but for the workspace's.
    pub(crate) fn ids(&self) -> Vec<&str> {
        let names = self.path.split('{').skip(1).filter_map(|rest| rest.split('}').next());
        names.filter(|name| name.ends_with("_id") && *name != "workspace_id").collect()
    }
}

fn documented() -> Vec<(Method, String, Value)> {
    let document = openapi::json(&openapi::document(areas).unwrap()).unwrap();
    let mut found = Vec::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for method in [Method::GET, Method::POST, Method::PUT, Method::PATCH, Method::DELETE] {
            if let Some(operation) = item.get(method.as_str().to_lowercase()) {
                found.push((method, path.clone(), operation.clone()));
            }
        }
    }
    found
}

/// Every route that has a row; [`every_route_has_a_row`] sees those that have none.
pub(crate) fn routes() -> Vec<Route> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let route = |(method, path, operation): (Method, String, Value)| {
        let id = text(&operation["operationId"]);
        Some(Route {
            row: ROWS.iter().find(|row| row.operation == id)?,
            access: text(&operation["x-access"]),
            key_scope: operation["x-scope"].as_str().map(ToOwned::to_owned),
            operation: id,
            method,
            path,
        })
    };
    documented().into_iter().filter_map(route).collect()
}

#[test]
fn every_route_has_a_row() {
    let built: BTreeSet<String> = documented()
        .iter()
        .map(|(_, _, operation)| operation["operationId"].as_str().unwrap().to_owned())
        .collect();
    let rows: BTreeSet<String> = ROWS.iter().map(|row| row.operation.to_owned()).collect();
    assert_eq!(rows.len(), ROWS.len(), "an operation has two rows");
    let without: Vec<_> = built.difference(&rows).collect();
    let stale: Vec<_> = rows.difference(&built).collect();
    assert!(
        without.is_empty() && stale.is_empty(),
        "routes without a row: {without:?}; rows without a route: {stale:?}"
    );
}
