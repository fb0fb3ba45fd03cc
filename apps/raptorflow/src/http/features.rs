//! Areas that are switched off: their routes are still there, in the documents, too, and answer `feature_disabled`.

use super::AREAS;
use super::codes;
use super::openapi::Area;
use super::problem::Problem;
use super::routes::Routes;
use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::middleware::Next;
use actix_web::{App, Error, HttpResponse};
use std::collections::BTreeSet;
use std::sync::Arc;
use utoipa_actix_web::AppExt;

/// The areas without which nobody gets in, or sees how the service does.
const ALWAYS_ON: [&str; 3] = ["ops", "docs", "auth"];

/// The names that can be switched off.
pub fn switchable() -> impl Iterator<Item = &'static str> {
    AREAS.iter().map(|(name, _)| *name).filter(|name| !ALWAYS_ON.contains(name))
}

/// Reads `-campaigns,-agents`.
///
/// # Errors
/// What is wrong, with the names that there are.
pub fn parse(text: &str) -> Result<Vec<&'static str>, String> {
    let entries = text.split(',').map(str::trim).filter(|entry| !entry.is_empty());
    let off: Result<BTreeSet<_>, String> = entries.map(switched_off).collect();
    Ok(off?.into_iter().collect())
}

fn switched_off(entry: &str) -> Result<&'static str, String> {
    let known = || switchable().collect::<Vec<_>>().join(", ");
    let name = entry.strip_prefix('-').ok_or_else(|| {
        format!("`{entry}`: names what is switched off, as `-{entry}`; everything else is on")
    })?;
    let found = switchable().find(|known| *known == name);
    found.ok_or_else(|| format!("`{name}` is no area that can be switched off; those are {}", known()))
}

/// Which routes are switched off.
#[derive(Clone, Default)]
pub struct Features(Arc<BTreeSet<(String, String)>>);

impl Features {
    /// All routes of `area` but those of the areas `off`.
    #[must_use]
    pub fn new(area: Area, off: &[&'static str]) -> Self {
        let mut routes = BTreeSet::new();
        let _ = App::new().into_utoipa_app().configure(|config| {
            let mut all = Routes::new(config);
            area(&mut all);
            routes = all.of_areas(off);
        });
        Self(Arc::new(routes))
    }

    /// Whether all are on.
    pub(super) fn all_on(&self) -> bool {
        self.0.is_empty()
    }

    fn are_off(&self, request: &ServiceRequest) -> bool {
        request
            .match_pattern()
            .is_some_and(|route| self.0.contains(&(route, request.method().as_str().to_owned())))
    }
}

/// Lets a request through to its route, unless that is switched off. Before it is known who calls: nothing of the area
/// runs, and the answer is everybody's.
///
/// # Errors
/// Those of what is behind.
pub(super) async fn pass(
    features: Features,
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    if features.are_off(&request) {
        let problem = Problem::new(&codes::FEATURE_DISABLED);
        // `into_response` would forget which problem it is.
        let answer = HttpResponse::from_error(problem);
        return Ok(ServiceResponse::new(request.into_parts().0, answer));
    }
    Ok(next.call(request).await?.map_into_boxed_body())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_off_is_named_with_a_minus_and_must_be_there() {
        assert_eq!(parse(" -moves, -campaigns,-moves, "), Ok(vec!["campaigns", "moves"]));
        assert_eq!(parse(""), Ok(Vec::new()));
        for bad in ["campaigns", "-campaign", "-", "-ops", "-auth", "-docs", "+moves"] {
            assert!(parse(bad).is_err(), "{bad}");
        }
        assert!(parse("-campaign").unwrap_err().contains("campaigns"));
    }
}
