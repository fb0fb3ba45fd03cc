//! Registers handlers in the app and in the OpenAPI document at once, and sees a route that is there already.

use super::arrival::Arrival;
use super::openapi::Area;
use actix_web::dev::HttpServiceFactory;
use actix_web::guard::{self, GuardContext};
use actix_web::http::Method;
use actix_web::{App, FromRequest, Handler, Responder, web};
use std::collections::BTreeMap;
use std::mem;
use std::rc::Rc;
use utoipa::openapi::path::{Operation, PathItem};
use utoipa_actix_web::scope::scope;
use utoipa_actix_web::service_config::ServiceConfig;
use utoipa_actix_web::{AppExt, OpenApiFactory};

/// What an area adds its handlers to.
pub struct Routes<'a, 's> {
    config: &'a mut ServiceConfig<'s>,
    added: Added,
}

/// What has been added.
#[derive(Default)]
struct Added {
    /// Template and method, with the area.
    seen: BTreeMap<(String, String), Option<&'static str>>,
    /// Whose routes are being added.
    area: Option<&'static str>,
    twice: Vec<String>,
    sockets: Vec<&'static str>,
}

impl<'a, 's> Routes<'a, 's> {
    /// Nothing yet.
    #[must_use]
    pub fn new(config: &'a mut ServiceConfig<'s>) -> Self {
        Self { config, added: Added::default() }
    }

    /// Adds an area, in whose routes no other area's request looks for its handler: the app compares a path with one template
    /// after the other.
    pub fn add_area(&mut self, name: &'static str, configure: Area) {
        let bound_for = move |request: &GuardContext<'_>| {
            let method = request.head().method.as_str();
            request.req_data().get::<Rc<Arrival>>().is_some_and(|arrival| arrival.route.is_of(name, method))
        };
        let added = &mut self.added;
        added.area = Some(name);
        let own = scope("").guard(guard::fn_guard(bound_for)).configure(|config| {
            let mut routes = Routes { config, added: mem::take(added) };
            configure(&mut routes);
            *added = Added { area: None, ..routes.added };
        });
        self.config.service(own);
    }

    /// Adds a handler: a function with `#[utoipa::path]` over `#[get]` and the like.
    pub fn add<H: HttpServiceFactory + OpenApiFactory + 'static>(&mut self, handler: H) -> &mut Self {
        for (path, item) in &handler.paths().paths {
            for (method, _) in operations(item) {
                self.see(path, &method);
            }
        }
        self.config.service(handler);
        self
    }

    fn see(&mut self, path: &str, method: &Method) {
        let Added { seen, area, twice, .. } = &mut self.added;
        if seen.insert((path.to_owned(), method.to_string()), *area).is_some() {
            twice.push(format!("{method} {path}"));
        }
    }

    /// Adds a handler of WebSockets, which OpenAPI can't describe; `docs/real-time.md` does.
    pub fn add_socket<H, Args>(&mut self, path: &'static str, handler: H) -> &mut Self
    where
        H: Handler<Args>,
        Args: FromRequest + 'static,
        H::Output: Responder + 'static,
    {
        self.added.sockets.push(path);
        self.add_undocumented(path, web::resource(path).guard(guard::Get()).to(handler))
    }

    /// Adds a handler of `GET` that is no part of the documented API: files of the reference.
    pub fn add_undocumented<H: HttpServiceFactory + 'static>(
        &mut self,
        path: &'static str,
        handler: H,
    ) -> &mut Self {
        self.see(path, &Method::GET);
        self.config.map(|config| config.service(handler));
        self
    }

    /// The templates of the routes, with their methods, and the area whose each is.
    #[must_use]
    pub fn templates(&self) -> BTreeMap<&str, Vec<(&str, &'static str)>> {
        let mut templates: BTreeMap<_, Vec<_>> = BTreeMap::new();
        for ((template, method), area) in &self.added.seen {
            let handlers = templates.entry(template.as_str()).or_default();
            handlers.extend(area.map(|area| (method.as_str(), area)));
        }
        templates
    }

    /// Routes that were added more than once.
    #[must_use]
    pub fn duplicates(&self) -> &[String] {
        &self.added.twice
    }
}

/// The paths of an area's WebSockets.
#[must_use]
pub fn sockets(area: Area) -> Vec<&'static str> {
    let mut found = Vec::new();
    let _ = App::new().into_utoipa_app().configure(|config| {
        let mut routes = Routes::new(config);
        area(&mut routes);
        found = routes.added.sockets;
    });
    found
}

/// The operations of a path, by method.
pub fn operations(item: &PathItem) -> impl Iterator<Item = (Method, &Operation)> {
    let all = [
        (Method::GET, &item.get),
        (Method::POST, &item.post),
        (Method::PUT, &item.put),
        (Method::PATCH, &item.patch),
        (Method::DELETE, &item.delete),
    ];
    all.into_iter().filter_map(|(method, operation)| Some((method, operation.as_ref()?)))
}

/// The methods of every path, for `Allow`.
#[derive(Debug, Clone, Default)]
pub struct Methods(BTreeMap<String, Vec<Method>>);

impl Methods {
    /// Of a document, and of WebSockets at these paths.
    #[must_use]
    pub fn of(document: &utoipa::openapi::OpenApi, sockets: &[&str]) -> Self {
        let methods = |item: &PathItem| {
            let mut methods: Vec<Method> = operations(item).map(|(method, _)| method).collect();
            if methods.contains(&Method::GET) {
                methods.insert(1, Method::HEAD);
            }
            methods
        };
        let documented = document.paths.paths.iter().map(|(path, item)| (path.clone(), methods(item)));
        let sockets = sockets.iter().map(|path| ((*path).to_owned(), vec![Method::GET]));
        Self(documented.chain(sockets).collect())
    }

    /// Of a route's template; empty when there is no such route.
    #[must_use]
    pub fn of_route(&self, template: Option<&str>) -> &[Method] {
        template.and_then(|template| self.0.get(template)).map_or(&[], Vec::as_slice)
    }
}
