//! Requests, by instruments that are bound to their labels once: each request is counted, and looking its labels up cost more
//! than most of what else the edge does.

use super::{SECONDS, counter, label, seconds, table};
use foldhash::fast::RandomState;
use opentelemetry::KeyValue;
use opentelemetry::metrics::{BoundCounter, BoundHistogram, Counter, Histogram, Meter};
use std::collections::HashMap;
use std::sync::{Arc, OnceLock, PoisonError, RwLock};
use std::time::Duration;

/// The methods that HTTP has; clients may make up others, which are the last.
const METHODS: [&str; 8] = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "other"];
/// The classes of status; the last one is that of no class.
const CLASSES: [&str; 6] = ["1xx", "2xx", "3xx", "4xx", "5xx", "other"];

pub(super) struct Requests {
    answered: Counter<u64>,
    took: Histogram<f64>,
    /// As many as the product has routes. Clients don't choose their names: a quick hash will do.
    routes: RwLock<HashMap<Arc<str>, Arc<Route>, RandomState>>,
}

/// By the methods that were seen.
type Route = [OnceLock<Calls>; METHODS.len()];

struct Calls {
    took: BoundHistogram<f64>,
    /// By the classes that were seen.
    answered: [OnceLock<BoundCounter<u64>>; CLASSES.len()],
}

impl Requests {
    pub(super) fn new(meter: &Meter) -> Self {
        Self {
            answered: counter(meter, table::REQUESTS),
            took: seconds(meter, table::REQUEST_DURATION, &SECONDS),
            routes: RwLock::default(),
        }
    }

    pub(super) fn answered(&self, method: &str, route: &str, status: u16, took: Duration) {
        let method = METHODS.iter().position(|known| *known == method).unwrap_or(METHODS.len() - 1);
        let class = usize::from(status / 100).wrapping_sub(1).min(CLASSES.len() - 1);
        let calls = self.route(route);
        // Both are in bounds.
        let (Some(calls), Some(name)) = (calls.get(method), METHODS.get(method)) else { return };
        let of = || [label("method", *name), label("route", route.to_owned())];
        let calls = calls.get_or_init(|| Calls { took: self.took.bind(&of()), answered: Default::default() });
        calls.took.record(took.as_secs_f64());
        let (Some(answered), Some(class)) = (calls.answered.get(class), CLASSES.get(class)) else { return };
        let with_class = || of().into_iter().chain([label("status", *class)]).collect::<Vec<KeyValue>>();
        answered.get_or_init(|| self.answered.bind(&with_class())).add(1);
    }

    fn route(&self, route: &str) -> Arc<Route> {
        let known = self.routes.read().unwrap_or_else(PoisonError::into_inner).get(route).cloned();
        known.unwrap_or_else(|| {
            let mut routes = self.routes.write().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(routes.entry(Arc::from(route)).or_default())
        })
    }
}
