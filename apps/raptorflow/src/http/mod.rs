//! The REST API: how requests are met, and one folder per area with one file per group of operations.
//!
//! ```text
//!   route's template > edge (correlation id, time-out, panics, problems, headers, log)
//!     > CORS and compression, for whoever asks for them > the area of the route > the route
//!     > extractors: Anyone | User | Tenant, Sent<_, Body>, PathId, Listing, Query, IfMatch
//!     > handler: one use case > Reply | NoContent | Problem
//! ```
//!
//! # How to add an endpoint
//! A function under `#[utoipa::path]` and `#[get("/api/v1/…")]` in the area's folder, and a line in the area's
//! `configure`. Its arguments say who may call (an extractor of [`caller`] or [`tenant`]) and what is sent ([`body`],
//! [`path`], [`query`], [`listing`], [`precondition`]); its extensions say who may call for the documents:
//! `x-access`, `x-reads`, `x-writes`, `x-calls`. Domain errors turn into problems by `?`.

pub mod address;
pub mod administration;
pub mod agents;
pub mod ai;
pub mod api_keys;
pub mod arrival;
pub mod asking;
pub mod audit;
pub mod auth;
pub mod authorization;
pub mod bcm;
pub mod body;
pub mod budget;
pub mod caller;
pub mod campaigns;
pub mod codes;
mod contract;
mod cors;
pub mod credentials;
pub mod daily_wins;
pub mod docs;
pub mod edge;
pub mod events;
pub mod features;
pub mod fresh;
mod header;
pub mod idempotency;
pub mod jobs;
mod json;
pub mod limits;
pub mod listing;
pub mod live;
pub mod load;
pub mod moves;
pub mod onboarding;
mod only;
pub mod openapi;
pub mod operator;
pub mod ops;
pub mod path;
pub mod personal_data;
pub mod precondition;
pub mod problem;
pub mod query;
mod refusals;
pub mod reply;
pub mod routes;
mod rules;
mod schema;
pub mod secrets;
mod slices;
pub mod templates;
pub mod tenant;
pub mod throttle;
pub mod users;
pub mod workspaces;

use actix_web::body::MessageBody;
use actix_web::dev::{ServiceFactory, ServiceRequest, ServiceResponse};
use actix_web::http::header::{ACCEPT_ENCODING, ORIGIN};
use actix_web::middleware::{Compress, from_fn};
use actix_web::{App, Error, HttpRequest, web};
use arrival::Arrival;
use caller::Gate;
use docs::Document;
use edge::Policy;
use features::Features;
use limits::BodyLimits;
use live::Places;
use only::Only;
use openapi::Area;
use ops::HealthChecks;
use problem::Problem;
use reply::NoContent;
use routes::{Methods, Routes};
use std::sync::Arc;
use templates::Templates;
use utoipa_actix_web::AppExt;

/// Puts the use cases' services where handlers find them.
pub type Services = Arc<dyn Fn(&mut web::ServiceConfig) + Send + Sync>;

/// Every area of the product by its name.
pub const AREAS: &[(&str, Area)] = &[
    ("ops", ops::configure),
    ("docs", docs::configure),
    ("ai", ai::configure),
    ("auth", auth::configure),
    ("secrets", secrets::configure),
    ("users", users::configure),
    ("workspaces", workspaces::configure),
    ("api_keys", api_keys::configure),
    ("budget", budget::configure),
    ("audit", audit::configure),
    ("events", events::configure),
    ("personal_data", personal_data::configure),
    ("onboarding", onboarding::configure),
    ("bcm", bcm::configure),
    ("campaigns", campaigns::configure),
    ("moves", moves::configure),
    ("daily_wins", daily_wins::configure),
    ("agents", agents::configure),
    ("jobs", jobs::configure),
    ("administration", administration::configure),
];

/// Adds them all.
pub fn areas(routes: &mut Routes<'_, '_>) {
    for (name, configure) in AREAS {
        routes.add_area(name, *configure);
    }
}

/// Everything that the API is made of; cheap to clone, one clone per server thread.
#[derive(Clone)]
pub struct Api {
    policy: Arc<Policy>,
    limits: BodyLimits,
    gate: web::Data<Gate>,
    places: web::Data<Places>,
    health: web::Data<dyn HealthChecks>,
    services: Services,
    routing: Routing,
}

/// Which routes there are.
#[derive(Clone)]
struct Routing {
    area: Area,
    document: web::Data<Document>,
    methods: web::Data<Methods>,
    features: Features,
    templates: Templates,
}

impl Routing {
    fn of(area: Area) -> anyhow::Result<Self> {
        let document = openapi::document(area)?;
        Ok(Self {
            area,
            features: Features::default(),
            templates: Templates::of(area)?,
            methods: web::Data::new(Methods::of(&document, &routes::sockets(area))),
            document: web::Data::new(Document(serde_json::to_vec(&openapi::json(&document)?)?.into())),
        })
    }
}

impl Api {
    /// Puts the parts together.
    ///
    /// # Errors
    /// When the routes have mistakes ([`openapi::document`]).
    pub fn new(
        policy: Policy,
        limits: BodyLimits,
        gate: Gate,
        health: Arc<dyn HealthChecks>,
        area: Area,
        services: Services,
    ) -> anyhow::Result<Self> {
        Ok(Self {
            places: web::Data::new(Places::new(policy.streams, Arc::clone(&policy.metrics))),
            policy: Arc::new(policy),
            limits,
            gate: web::Data::new(gate),
            health: web::Data::from(health),
            services,
            routing: Routing::of(area)?,
        })
    }

    /// Without these areas: their routes stay documented and answer `feature_disabled`.
    #[must_use]
    pub fn without(mut self, off: &[&'static str]) -> Self {
        self.routing.features = Features::without(off);
        self
    }

    /// Only what probes and operators ask: health and metrics.
    ///
    /// # Errors
    /// When those routes have mistakes.
    pub fn of_operators(self) -> anyhow::Result<Self> {
        Ok(Self { routing: Routing::of(ops::configure)?, ..self })
    }
}

/// The app of one server thread.
pub fn app(
    api: Api,
) -> App<
    impl ServiceFactory<
        ServiceRequest,
        Config = (),
        Response = ServiceResponse<impl MessageBody>,
        Error = Error,
        InitError = (),
    >,
> {
    let Api { policy, services, .. } = api;
    let Routing { area, document, methods, features, templates } = api.routing;
    let cors = cors::allowing(&policy.cors_origins);
    let (app, _) = App::new()
        .app_data(web::Data::new(api.limits))
        .app_data(api.gate)
        .app_data(api.places)
        .app_data(api.health)
        .app_data(web::Data::from(Arc::clone(&policy.metrics)))
        .app_data(web::Data::from(Arc::clone(&policy)))
        .app_data(document)
        .app_data(methods)
        .configure(|config| services(config))
        .into_utoipa_app()
        .configure(|config| area(&mut Routes::new(config)))
        .split_for_parts();
    app.default_service(web::to(no_route))
        .wrap(Only::with(ACCEPT_ENCODING, Compress::default()))
        .wrap(Only::with(ORIGIN, cors))
        .wrap(from_fn(move |request, next| {
            let route = templates.find(&request);
            let is_on = features.are_on(&route, request.method());
            edge::meet(Arc::clone(&policy), (route, is_on), request, next)
        }))
}

/// The answer to a path that no route has, or that has it for other methods.
async fn no_route(request: HttpRequest, methods: web::Data<Methods>) -> Result<NoContent, Problem> {
    let arrival = Arrival::of(&request);
    Err(Problem::no_route(methods.of_route(arrival.as_ref().map(|arrival| &*arrival.route.template))))
}
