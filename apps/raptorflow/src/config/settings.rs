//! The table of settings. Values are parsed, printed and documented from these rows.

/// One setting.
#[derive(Debug)]
pub struct Setting {
    /// The variable's name.
    pub name: &'static str,
    /// Other names that are read when `name` is not set, in this order.
    pub aliases: &'static [&'static str],
    /// The value when nothing is set.
    pub default: Option<&'static str>,
    /// What the value must be, for people.
    pub kind: &'static str,
    /// Secrets are never printed.
    pub secret: bool,
    /// Whether production refuses to start without it.
    pub required_in_production: bool,
    /// What it does.
    pub effect: &'static str,
}

const fn setting(name: &'static str, kind: &'static str, effect: &'static str) -> Setting {
    Setting { name, aliases: &[], default: None, kind, secret: false, required_in_production: false, effect }
}

impl Setting {
    const fn or(mut self, default: &'static str) -> Self {
        self.default = Some(default);
        self
    }

    const fn secret(mut self) -> Self {
        self.secret = true;
        self
    }

    const fn required(mut self) -> Self {
        self.required_in_production = true;
        self
    }
}

/// Every setting that has an effect in this build.
pub const SETTINGS: &[Setting] = &[
    setting("ENVIRONMENT", "development or production", "production refuses unsafe settings and logs JSON")
        .or("development")
        .required(),
    setting("DEBUG", "true or false", "logs at level debug whatever LOG_LEVEL says; refused in production")
        .or("false"),
    setting("LOG_LEVEL", "error, warn, info, debug or trace", "the least severe level that is logged")
        .or("info"),
    setting(
        "LOG_FORMAT",
        "auto, json or text",
        "the form of a log line; auto is json in production, else text",
    )
    .or("auto"),
    setting("HOST", "host name or address", "where the server listens; 0.0.0.0 for every interface")
        .or("127.0.0.1"),
    setting("PORT", "0 to 65535", "the port the server listens on; 0 lets the system choose").or("8000"),
    setting(
        "WORKER_PORT",
        "0 to 65535",
        "where a worker answers /health and /metrics, at HOST, for probes and Prometheus. Default: a worker listens nowhere",
    ),
    setting(
        "PUBLIC_URL",
        "http(s) URL",
        "how clients reach the server; links in mails start with it. Default: http://localhost with PORT",
    )
    .required(),
    setting(
        "APP_URL",
        "http(s) URL",
        "where the pages of your client are; links in mails lead to APP_URL/reset-password?token=… and \
         APP_URL/accept-invitation?token=…. Default: PUBLIC_URL, where this server has no such pages",
    ),
    setting("DATA_DIR", "folder", "holds the embedded database, its secrets and the mail outbox")
        .or("./data"),
    setting(
        "DATABASE_URL",
        "postgres://…, postgresql://… or sqlite:path",
        "the database; the app's role on PostgreSQL. Default: the file raptorflow.db in DATA_DIR",
    )
    .secret()
    .required(),
    setting(
        "DATABASE_SYSTEM_URL",
        "postgres URL",
        "the system role's access. Default: DATABASE_URL, with a warning",
    )
    .secret(),
    setting(
        "DATABASE_MIGRATION_URL",
        "postgres URL",
        "the owner role's access, for migrate. Default: DATABASE_URL",
    )
    .secret(),
    setting("DATABASE_POOL_SIZE", "1 to 1000", "most connections that the app's role opens").or("20"),
    setting("CORS_ORIGINS", "origins, separated by commas", "web pages of these origins may call the API")
        .or("http://localhost:3000")
        .required(),
    setting(
        "SECRET_KEY",
        "at least 32 random bytes of text",
        "signs list cursors, and access tokens unless JWT_SIGNING_KEYS is set. Default outside production: made once in DATA_DIR/secrets",
    )
    .secret()
    .required(),
    setting(
        "ENCRYPTION_KEYS",
        "id:base64 of 32 bytes, separated by commas; the first is active",
        "seals stored secrets. Default outside production: made once in DATA_DIR/secrets",
    )
    .secret()
    .required(),
    setting(
        "JWT_SIGNING_KEYS",
        "id:base64 of a 32-byte seed, or id:pub:base64 of a public key; separated by commas, the first a seed",
        "Ed25519 keys of access tokens: the first signs, all are accepted and published at /.well-known/jwks.json. \
         Default: SECRET_KEY signs, and nothing is published",
    )
    .secret(),
    setting("JWT_EXPIRE_MINUTES", "1 to 1440", "how long an access token is valid").or("30"),
    setting(
        "SUPABASE_URL",
        "URL such as https://project.supabase.co",
        "accepts the access tokens of this Supabase project beside RaptorFlow's own; see below. Default: none",
    ),
    setting(
        "SUPABASE_JWT_SECRET",
        "the project's JWT secret, at least 32 bytes",
        "accepts tokens that the project signs with this secret, too, and not only with its published keys",
    )
    .secret(),
    setting(
        "TRUSTED_PROXIES",
        "addresses and networks (10.0.0.0/8), separated by commas",
        "whose X-Forwarded-For is believed. Default: nobody's",
    ),
    setting(
        "RATE_LIMIT_PER_MINUTE",
        "1 to 1000000",
        "how often a person or an API key may call in a minute; unauthenticated calls count by address",
    )
    .or("60"),
    setting(
        "RATE_LIMIT_AUTH_PER_MINUTE",
        "1 to 1000000",
        "how often an address may try to log in, sign up or recover in a minute, how often an account may be tried, and how often somebody may show their password again",
    )
    .or("10"),
    setting(
        "RATE_LIMIT_AI_PER_MINUTE",
        "1 to 1000000",
        "how often a person or an API key may ask a model in a minute; a batch of questions counts once",
    )
    .or("20"),
    setting(
        "RATE_LIMIT_WORKSPACES",
        "workspace id=calls a minute, separated by commas",
        "another RATE_LIMIT_PER_MINUTE for callers in these workspaces",
    ),
    setting("BODY_LIMIT", "bytes, 1024 to 16777216", "the largest request body; areas may set a smaller one")
        .or("262144"),
    setting("REQUEST_TIMEOUT_SECONDS", "1 to 600", "a request that takes longer is answered with 503; one that still runs 20 s after the process was told to end is cut off")
        .or("30"),
    setting(
        "REQUESTS_IN_FLIGHT",
        "1 to 100000",
        "how many requests a process answers at once; one more gets 503 overloaded before its body is read. Times \
         BODY_LIMIT, that is what bodies take of memory at most",
    )
    .or("512"),
    setting(
        "STREAMS_OPEN",
        "1 to 100000",
        "how many streams (server-sent events, WebSockets) a process holds open; one more gets 503 overloaded",
    )
    .or("1000"),
    setting(
        "STREAMS_PER_WORKSPACE",
        "1 to 100000",
        "how many of them may be a workspace's; one more gets 429 too_many_streams",
    )
    .or("50"),
    setting("STREAMS_PER_CALLER", "1 to 100000", "how many of them may be a person's or an API key's; as above")
        .or("20"),
    setting("MAIL_FROM", "mail address", "the sender of mails")
        .or("RaptorFlow <raptorflow@localhost>")
        .required(),
    setting(
        "RESEND_API_KEY",
        "API key of Resend",
        "sends mails through the API of Resend. Default, without SMTP_URL too: mails are files in DATA_DIR/outbox",
    )
    .secret(),
    setting(
        "SMTP_URL",
        "smtps://user:password@host:port or smtp://…",
        "sends mails to this server. smtps is TLS from the start (port 465), smtp is STARTTLS (port 587), which the \
         server must have unless it is this machine or ALLOW_PLAINTEXT_NETWORK=true. Special characters are \
         percent-encoded",
    )
    .secret(),
    setting(
        "OTEL_EXPORTER_OTLP_ENDPOINT",
        "http(s) URL, such as http://localhost:4318",
        "exports traces and metrics to this OpenTelemetry collector, by OTLP over HTTP (protobuf). OTEL_EXPORTER_OTLP_HEADERS, \
         OTEL_BSP_SCHEDULE_DELAY and OTEL_METRIC_EXPORT_INTERVAL work as OpenTelemetry documents them. Default: nothing is exported",
    ),
    setting(
        "OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT",
        "true or false",
        "exported traces say what models were asked and what they answered, people's own words included",
    )
    .or("false"),
    setting(
        "FEATURES",
        "areas with a minus before each, separated by commas, such as -campaigns,-moves",
        "switches these areas off: their routes answer 403 feature_disabled to everybody. Background work goes on. \
         Default: every area is on",
    ),
    setting(
        "OPERATOR_TOKEN",
        "at least 32 random bytes of text, without spaces",
        "lets operators into /health/detailed and /metrics in production, as Authorization: Bearer; unset, nobody gets \
         in there. In development they are open",
    )
    .secret(),
    setting(
        "MONTHLY_WORKSPACE_BUDGET_USD",
        "dollars, such as 25.00",
        "what a workspace may spend on AI in a month; its owner can set less. Default: no limit",
    ),
    setting("AI_MODELS_FILE", "path of a TOML file", "replaces the list of models and aliases that is built in"),
    setting("AI_PRICES_FILE", "path of a TOML file", "replaces the price list of models that is built in"),
    setting(
        "AI_CACHE_TTL_SECONDS",
        "0 to 86400",
        "how long the answer to the same question is given again at no cost, within a workspace; 0 asks anew each time",
    )
    .or("300"),
    Setting {
        aliases: &["VERTEX_AI_PROJECT_ID"],
        ..setting(
            "GOOGLE_CLOUD_PROJECT",
            "project id",
            "the project whose Vertex AI is asked, with GOOGLE_APPLICATION_CREDENTIALS. Default: the key file's",
        )
    },
    setting(
        "GOOGLE_CLOUD_LOCATION",
        "global, us, eu or a region",
        "where Vertex AI is asked. Not every model is everywhere",
    )
    .or("us-central1"),
    setting(
        "GOOGLE_APPLICATION_CREDENTIALS",
        "path of a service account's key file",
        "asks Vertex AI for Gemini and Claude by this account",
    ),
    setting(
        "VERTEX_AI_API_KEY",
        "API key of Vertex AI in express mode",
        "asks Vertex AI for Gemini by this key, when there is no service account",
    )
    .secret(),
    setting("GOOGLE_VERTEX_BASE_URL", "http(s) URL", "where Vertex AI is, if not at Google"),
    setting("GEMINI_API_KEY", "API key of the Gemini Developer API", "asks Gemini by this key").secret(),
    setting("GOOGLE_GEMINI_BASE_URL", "http(s) URL", "where the Gemini Developer API is, if not at Google"),
    setting("ANTHROPIC_API_KEY", "API key of Anthropic", "asks Claude by this key").secret(),
    setting("ANTHROPIC_BASE_URL", "http(s) URL", "where Anthropic's API is, if not at Anthropic"),
    setting("OPENAI_API_KEY", "API key of OpenAI", "asks GPT by this key").secret(),
    setting("OPENAI_BASE_URL", "http(s) URL with its version", "where OpenAI's API is, if not at OpenAI"),
    setting("MISTRAL_API_KEY", "API key of Mistral", "asks Mistral's models by this key").secret(),
    setting("MISTRAL_BASE_URL", "http(s) URL with its version", "where Mistral's API is, if not at Mistral"),
    setting(
        "AI_COMPATIBLE_URL",
        "http(s) URL with its version, such as http://localhost:11434/v1",
        "asks a server that speaks as OpenAI does for the models that AI_MODELS_FILE says it serves",
    ),
    setting("AI_COMPATIBLE_API_KEY", "API key", "the key for AI_COMPATIBLE_URL, where it wants one").secret(),
    Setting {
        aliases: &["UPSTASH_REDIS_URL"],
        ..setting(
            "REDIS_URL",
            "redis://… or rediss://…",
            "shares rate limits and the bus between processes. Default: each process does by itself",
        )
        .secret()
    },
    setting("UPSTASH_REDIS_TOKEN", "password", "the password of REDIS_URL when that has none").secret(),
    setting("REDIS_POOL_SIZE", "1 to 1000", "most connections to Redis").or("20"),
    setting(
        "ALLOW_SINGLE_NODE",
        "true or false",
        "lets production run as one process: on SQLite, without Redis, with mail in files",
    )
    .or("false"),
    setting(
        "ALLOW_PLAINTEXT_NETWORK",
        "true or false",
        "lets connections that leave the host be unencrypted; for private networks only",
    )
    .or("false"),
];

/// A documented name whose machinery is not in this build.
#[derive(Debug)]
pub struct Later {
    /// The variable's name.
    pub name: &'static str,
    /// What there is instead.
    pub instead: &'static str,
}

const fn later(name: &'static str, instead: &'static str) -> Later {
    Later { name, instead }
}

const NO_PAYMENTS: &str = "payments are off";
const OWN_LOGIN: &str = "not needed; SUPABASE_URL alone lets people in by the project's tokens";

/// Documented names that this build recognises and does not use. Setting one is warned about.
pub const LATER: &[Later] = &[
    later("SUPABASE_ANON_KEY", OWN_LOGIN),
    later("SUPABASE_SERVICE_ROLE_KEY", OWN_LOGIN),
    later("SUPABASE_SERVICE_KEY", OWN_LOGIN),
    later("PHONEPE_MERCHANT_ID", NO_PAYMENTS),
    later("PHONEPE_SALT_KEY", NO_PAYMENTS),
    later("PHONEPE_ENVIRONMENT", NO_PAYMENTS),
];

/// The row of a setting.
#[must_use]
pub fn row(name: &str) -> Option<&'static Setting> {
    SETTINGS.iter().find(|setting| setting.name == name)
}
