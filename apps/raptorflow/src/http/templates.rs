//! Which route a path belongs to, for logs and metrics, before the app has looked for its handler.

use super::arrival::NO_ROUTE;
use super::openapi::Area;
use super::routes::Routes;
use actix_web::App;
use actix_web::dev::ServiceRequest;
use matchit::Router;
use std::sync::Arc;
use utoipa_actix_web::AppExt;

/// The templates of the routes, in a tree. The app would try one regular expression after the other, a second time for each
/// request.
#[derive(Clone, Default)]
pub struct Templates(Arc<Router<Arc<str>>>);

impl Templates {
    /// Those of an area. What the tree can't tell from another one is left out.
    #[must_use]
    pub fn of(area: Area) -> Self {
        let mut tree = Router::new();
        let _ = App::new().into_utoipa_app().configure(|config| {
            let mut routes = Routes::new(config);
            area(&mut routes);
            for template in routes.templates() {
                let _ = tree.insert(template, Arc::from(template));
            }
        });
        Self(Arc::new(tree))
    }

    /// That of a request. The app is asked where the tree has none: it reads escaped paths, and knows what was added
    /// undocumented.
    pub(super) fn find(&self, request: &ServiceRequest) -> Arc<str> {
        let of_the_app = || request.match_pattern().map_or_else(|| Arc::from(NO_ROUTE), Arc::from);
        let found = self.0.at(request.path()).map(|found| Arc::clone(found.value));
        let found = found.unwrap_or_else(|_| of_the_app());
        debug_assert_eq!(found, of_the_app(), "both know the routes");
        found
    }
}
