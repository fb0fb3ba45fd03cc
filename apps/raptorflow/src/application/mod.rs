//! Puts a whole RaptorFlow together from its configuration: store, adapters, services, worker and API.

mod database;
mod details;
mod health;
mod listener;
mod mailer;
mod measuring;
mod models;
mod remembered;
mod shared;
mod tokens;
mod watch;

pub use database::Database;
pub use listener::Listener;
pub use mailer::{check_mail, outbox, taker_of_mails};
pub use measuring::Looking;
pub use shared::Hearing;
pub(crate) use watch::{Seen, Watch};

use crate::{
    config::{Config, Secrets},
    http::{
        self, Api,
        caller::{FirstWorkspace, Gate},
        edge::Policy,
        limits::BodyLimits,
        operator::OperatorAccess,
        throttle::Throttle,
    },
    metrics::Metrics,
    wiring::{Adapters, Services, Store},
    worker::{Signal, Smoke, Worker},
};
use agents::dispatch::Provider;
use crypto::{AesGcmCipher, Argon2Hasher, HashingSettings, SealingKey};
use health::Checks;
use kernel::{CursorSeal, Environment, Followers, LinkBase, SystemRandomness, TokenMint};
use local::{LiveStreams, Standings};
use postgres::Bell;
use remembered::Remembered;
use secrecy::ExposeSecret;
use shared::Shared;
use std::{num::NonZeroUsize, sync::Arc};
use workspace::ports::WorkspaceReader;

/// Who is told of a store's commits.
struct Told {
    /// The worker.
    signal: Arc<Signal>,
    /// What is remembered of who may come in.
    standings: Arc<Standings>,
    /// Who follows streams of facts.
    live: Arc<LiveStreams>,
}

/// Everything that a process runs.
pub struct Application {
    /// The routes, ready to be served.
    pub api: Api,
    /// Does the background work.
    pub worker: Worker,
    /// The use cases, for commands that need no server.
    pub services: Services,
    /// Tries whether facts get through.
    pub smoke: Smoke,
    /// What is counted.
    pub metrics: Arc<Metrics>,
    /// Hears of the commits of other processes, where there can be any.
    pub listener: Option<Listener>,
    /// Hears of what other processes publish, where there can be any.
    pub hearing: Option<Hearing>,
    /// Looks for the collector, where there is one.
    pub looking: Option<Looking>,
    /// Who follows streams of facts.
    pub live: Arc<LiveStreams>,
}

impl Application {
    /// Opens the database and connects everything. The schema must be up to date; an embedded one is brought there.
    ///
    /// # Errors
    /// One line for people, naming the setting that is at fault where there is one.
    pub async fn open(config: &Config) -> anyhow::Result<Self> {
        let database = Database::of(config);
        database.prepare(config).await?;
        let secrets = Secrets::open(config, &SystemRandomness)?;
        let env = Environment::system();
        let standings = Arc::new(Standings::new(env.clock.clone()));
        let told = Told { signal: Arc::default(), standings, live: LiveStreams::new() };
        match &database {
            Database::Sqlite { path, .. } => {
                let store = database::open_sqlite(path, &told)?;
                Self::over(config, &secrets, Arc::new(store), database, told, env)
            }
            Database::Postgres { system, .. } => {
                let bell = Arc::new(Bell::new(told.signal.clone()));
                let store = database::open_postgres(config, &database, &told)?.with_wake(bell.clone());
                let (url, standings) = (system.clone(), told.standings.clone());
                let listener = Listener { store: store.clone(), url, standings, bell };
                let app = Self::over(config, &secrets, Arc::new(store), database, told, env)?;
                Ok(Self { listener: Some(listener), ..app })
            }
        }
    }

    fn over<S: Store>(
        config: &Config,
        secrets: &Secrets,
        store: Arc<S>,
        database: Database,
        told: Told,
        env: Environment,
    ) -> anyhow::Result<Self> {
        let shared = Shared::of(config, env.clock.clone(), &told.live)?;
        if database.is_embedded() && shared.redis.is_none() {
            told.live.hears(true);
        }
        let metrics = Arc::new(measuring::metrics(config)?);
        let adapters = adapters(config, secrets, told.standings, (&shared, &metrics), &env)?;
        let (services, parts) = Services::over(&store, adapters);
        let smoke = Smoke { uow: store.clone(), workers: store.clone(), env: env.clone() };
        let gate = gate(config, secrets, &store, &services, &shared, &metrics);
        let checks = checks(config, database, store, &shared, &metrics, &env);
        let looking = || Looking { metrics: metrics.clone(), watch: checks.watch.clone() };
        let looking = config.collector.as_ref().map(|_| looking());
        let data = actix_web::web::Data::new(services.clone());
        let followed = actix_web::web::Data::from(told.live.clone());
        let api = Api::new(
            Policy::of(config, env, metrics.clone()),
            BodyLimits::new(config.http.body_limit),
            gate,
            checks,
            http::areas,
            Arc::new(move |app| {
                app.app_data(data.clone()).app_data(followed.clone());
            }),
        )?
        .without(&config.features_off);
        let worker = Worker::new(parts, told.signal).measured(metrics.clone());
        let live = told.live;
        let hearing = shared.redis.map(|redis| Hearing { redis, live: live.clone() });
        Ok(Self { api, worker, services, smoke, metrics, listener: None, hearing, looking, live })
    }
}

/// What the extractors need.
fn gate<S: Store>(
    config: &Config,
    secrets: &Secrets,
    store: &Arc<S>,
    services: &Services,
    shared: &Shared,
    metrics: &Arc<Metrics>,
) -> Gate {
    let readers: Arc<dyn WorkspaceReader> = store.clone();
    let first_workspace: Arc<dyn FirstWorkspace> = Arc::new(readers);
    let seal = CursorSeal::new(secrets.secret_key.expose_secret().as_bytes());
    let (limiter, local) = (shared.limiter.clone(), shared.local.clone());
    let limits = config.http.limits.clone();
    let throttle = Throttle::new(limiter, local, limits, seal.clone());
    Gate {
        authenticator: Arc::new(services.sessions.clone()),
        keys: Arc::new(services.api_keys.clone()),
        memberships: services.memberships.clone(),
        first_workspace,
        proxies: config.http.trusted_proxies.clone(),
        operator: OperatorAccess::of(config),
        throttle: throttle.measured(metrics.clone()),
        seal,
    }
}

/// What looks at the parts.
fn checks<S: Store>(
    config: &Config,
    database: Database,
    store: Arc<S>,
    shared: &Shared,
    metrics: &Arc<Metrics>,
    env: &Environment,
) -> Arc<Checks> {
    let watch = Watch {
        gauges: store.clone(),
        queue: store.clone(),
        workers: store,
        bus: shared.bus.clone(),
        breakers: shared.breakers.clone(),
        env: env.clone(),
        started_at: env.now(),
    };
    Arc::new(Checks {
        database,
        last: Remembered::holding(health::FRESH),
        missing: Remembered::holding(health::SCHEMA_FRESH),
        watch,
        metrics: metrics.clone(),
        redis: shared.redis.clone(),
        warnings: config.warnings.len(),
        providers: config.ai.providers().into_iter().map(Provider::name).collect(),
        features_off: config.features_off.clone(),
    })
}

fn adapters(
    config: &Config,
    secrets: &Secrets,
    standings: Arc<Standings>,
    (shared, metrics): (&Shared, &Arc<Metrics>),
    env: &Environment,
) -> anyhow::Result<Adapters> {
    let secret = secrets.secret_key.expose_secret().as_bytes();
    let cores = std::thread::available_parallelism().unwrap_or(NonZeroUsize::MIN);
    let randomness = Arc::new(SystemRandomness);
    let keys =
        secrets.encryption_keys.iter().map(|key| SealingKey { id: key.id.clone(), key: key.key.clone() });
    let cipher = AesGcmCipher::new(&keys.collect::<Vec<_>>(), randomness.clone())?;
    Ok(Adapters {
        hasher: Arc::new(Argon2Hasher::new(HashingSettings::recommended(cores), randomness.clone())?),
        access: tokens::access_tokens(config, secrets, env.clone())?,
        external: tokens::external_tokens(config, env.clone(), &shared.breakers)?,
        mint: TokenMint::new(secret, randomness.clone())?,
        randomness,
        cipher: Arc::new(cipher),
        mailer: mailer::mailer(config, env.clock.clone(), &shared.breakers)?,
        links: LinkBase::new(&config.http.public_url).with_client(&config.http.app_url),
        models: models::models(config, shared.cached(), &env.clock, &shared.breakers, metrics)?,
        monthly_budget: config.monthly_budget,
        standings,
        bus: shared.bus.clone(),
        env: env.clone(),
    })
}
