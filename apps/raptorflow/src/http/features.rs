//! Areas that are switched off: their routes are still there, in the documents, too, and answer `feature_disabled`.

use super::AREAS;
use super::templates::Route;
use actix_web::http::Method;
use std::collections::BTreeSet;
use std::sync::Arc;

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

/// Which areas are switched off.
#[derive(Clone, Default)]
pub struct Features {
    off: Arc<[&'static str]>,
}

impl Features {
    /// All but these areas.
    #[must_use]
    pub fn without(off: &[&'static str]) -> Self {
        Self { off: off.into() }
    }

    /// Whether a request with this method gets to its route. It is asked before it is known who calls: nothing of an area
    /// that is off runs, and the answer is everybody's.
    pub(super) fn are_on(&self, route: &Route, method: &Method) -> bool {
        // Routes know GET.
        let method = if method == Method::HEAD { &Method::GET } else { method };
        !self.off.iter().any(|area| route.is_of(area, method.as_str()))
    }
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
