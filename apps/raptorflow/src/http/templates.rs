//! Which route a path belongs to, before the app looks for its handler: for logs and metrics, and so that it looks in one area.

use super::arrival::NO_ROUTE;
use super::openapi::Area;
use super::routes::Routes;
use actix_web::App;
use actix_web::dev::ServiceRequest;
use anyhow::Context;
use matchit::Router;
use std::sync::Arc;
use utoipa_actix_web::AppExt;

/// Where a request is bound for.
#[derive(Debug)]
pub struct Route {
    /// The template of its path, for logs: paths may hold tokens.
    pub template: Arc<str>,
    /// The methods, and the area that has the handler of each.
    handlers: Vec<(String, &'static str)>,
}

impl Route {
    fn new(template: &str, handlers: Vec<(&str, &'static str)>) -> Arc<Self> {
        let handlers = handlers.into_iter().map(|(method, area)| (method.to_owned(), area));
        Arc::new(Self { template: Arc::from(template), handlers: handlers.collect() })
    }

    /// Whether the area has the handler of this method.
    pub(super) fn is_of(&self, area: &'static str, method: &str) -> bool {
        self.handlers.iter().any(|(of, whose)| *whose == area && of == method)
    }
}

/// The templates of the routes, in a tree. The app would try one regular expression after the other.
#[derive(Clone)]
pub struct Templates {
    tree: Arc<Router<Arc<Route>>>,
    none: Arc<Route>,
}

impl Templates {
    /// Those of an area.
    ///
    /// # Errors
    /// When one can't be told from another one.
    pub fn of(area: Area) -> anyhow::Result<Self> {
        let mut tree = Router::new();
        let mut told = Ok(());
        let _ = App::new().into_utoipa_app().configure(|config| {
            let mut routes = Routes::new(config);
            area(&mut routes);
            told = routes.templates().into_iter().try_for_each(|(template, handlers)| {
                tree.insert(template, Route::new(template, handlers))
                    .with_context(|| format!("the route {template}"))
            });
        });
        told?;
        Ok(Self { tree: Arc::new(tree), none: Route::new(NO_ROUTE, Vec::new()) })
    }

    /// That of a request, whose path is read as the app reads it: with escapes resolved.
    pub(super) fn find(&self, request: &ServiceRequest) -> Arc<Route> {
        let found = self.tree.at(request.match_info().unprocessed());
        Arc::clone(found.map_or(&self.none, |found| found.value))
    }
}
