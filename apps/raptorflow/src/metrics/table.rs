//! Every metric there is: what `/metrics` shows, what is exported, and what `docs/operations.md` lists.

/// How a metric moves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Only up.
    Counter,
    /// Up and down.
    Gauge,
    /// Counts by size.
    Histogram,
}

impl Kind {
    /// As Prometheus calls it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Counter => "counter",
            Self::Gauge => "gauge",
            Self::Histogram => "histogram",
        }
    }
}

/// A metric.
#[derive(Debug)]
pub struct Metric {
    /// Its name, as Prometheus shows it.
    pub name: &'static str,
    /// How it moves.
    pub kind: Kind,
    /// The names of its labels. Each has values from a list that requests can't make longer.
    pub labels: &'static [&'static str],
    /// What it tells.
    pub help: &'static str,
}

macro_rules! metrics {
    ($($id:ident = $name:literal, $kind:ident, [$($label:literal),*], $help:literal;)+) => {
        $(pub(super) const $id: &Metric =
            &Metric { name: $name, kind: Kind::$kind, labels: &[$($label),*], help: $help };)+

        /// All of them.
        pub const METRICS: &[&Metric] = &[$($id),+];
    };
}

metrics! {
    REQUESTS = "raptorflow_http_requests_total", Counter, ["method", "route", "status"],
        "Requests answered, by method, route template and class of status";
    REQUEST_DURATION = "raptorflow_http_request_duration_seconds", Histogram, ["method", "route"],
        "From a request's head to its answer's";
    IN_FLIGHT = "raptorflow_http_requests_in_flight", Gauge, [], "Requests that are being answered";
    SHED = "raptorflow_shed_total", Counter, ["reason"],
        "What was refused so that memory does not grow: requests, streams, streams_of_workspace, streams_of_caller";
    STREAMS_OPEN = "raptorflow_streams_open", Gauge, ["protocol"], "Open streams of facts: sse, websocket";
    LIMITER_FALLBACKS = "raptorflow_limiter_fallbacks_total", Counter, [],
        "Requests counted by this process alone, as the shared limiter was away";
    POOL_MAX = "raptorflow_pool_connections_max", Gauge, ["pool"], "Connections that a pool may open";
    POOL_CONNECTIONS = "raptorflow_pool_connections", Gauge, ["pool", "state"],
        "Open connections of a pool, in use and idle";
    POOL_WAITING = "raptorflow_pool_waiting", Gauge, ["pool"], "Callers who wait for a connection of a pool";
    DATABASE_ERRORS = "raptorflow_database_errors_total", Counter, ["reason"],
        "How often the database did not do what it was asked, by the reason";
    JOBS = "raptorflow_jobs_total", Counter, ["kind", "outcome"],
        "Attempts at jobs that ended, by kind and outcome: succeeded, retried, failed, handed_back, lost";
    JOB_DURATION = "raptorflow_job_duration_seconds", Histogram, ["kind"], "How long an attempt at a job took";
    QUEUE_JOBS = "raptorflow_queue_jobs", Gauge, ["state"], "Jobs in the queue: queued, running, failed (dead letters)";
    QUEUE_LAG = "raptorflow_queue_lag_seconds", Gauge, [], "How long the longest waiting job that is due has waited";
    WORKERS = "raptorflow_workers", Gauge, [], "Workers of all processes that were seen within the last 30 s";
    CLOCK_SKEW = "raptorflow_clock_skew_seconds", Gauge, [],
        "How far this machine's clock is ahead of the database's (below 0: behind), as far as that is sure";
    OUTBOX_LAG = "raptorflow_outbox_lag_seconds", Gauge, [], "Age of the oldest fact that no relay has handed on";
    RELAY_FAILURES = "raptorflow_relay_failures_total", Counter, [], "Passes of the relay that failed";
    FACT_DELAY = "raptorflow_fact_delay_seconds", Histogram, ["consumer"],
        "From a fact to its consumer's effect, for facts that concern it";
    BUS_WAITING = "raptorflow_bus_waiting", Gauge, ["consumer"],
        "Facts on the bus that a consumer has not settled; it keeps its last value while the bus is away";
    BUS_DEAD = "raptorflow_bus_dead_letters", Gauge, [],
        "Entries of the bus that were put aside, as they are no facts or were delivered in vain; about a thousand are kept";
    BREAKER_STATE = "raptorflow_breaker_state", Gauge, ["dependency", "state"],
        "1 for the state of a dependency's breaker, 0 for the others: closed, open, half_open";
    MODEL_CALLS = "raptorflow_model_calls_total", Counter, ["provider", "model", "outcome"],
        "Calls of language models that ended, by outcome: answered, cached, cancelled, lost, or why they failed";
    MODEL_COST = "raptorflow_model_cost_usd_total", Counter, ["provider", "model"],
        "What calls of language models cost, in US dollars, about; the ledger is exact";
    MODEL_TOKENS = "gen_ai_client_token_usage", Histogram,
        ["gen_ai_operation_name", "gen_ai_provider_name", "gen_ai_request_model", "gen_ai_token_type"],
        "Tokens that a call of a language model took";
    MODEL_DURATION = "gen_ai_client_operation_duration", Histogram,
        ["gen_ai_operation_name", "gen_ai_provider_name", "gen_ai_request_model", "error_type"],
        "How long a call of a language model took, in seconds";
    MODEL_FIRST = "gen_ai_client_operation_time_to_first_chunk", Histogram,
        ["gen_ai_operation_name", "gen_ai_provider_name", "gen_ai_request_model"],
        "From a call's beginning to the first piece of an answer that comes bit by bit, in seconds";
    LOOK_FAILURES = "raptorflow_look_failures_total", Counter, ["what"],
        "Figures that could not be had from the database; they keep their last value";
    MEMORY = "process_resident_memory_bytes", Gauge, [], "Memory of this process that is in RAM";
    UPTIME = "raptorflow_uptime_seconds", Gauge, [], "How long this process has been up";
    BUILD = "raptorflow_build_info", Gauge, ["version", "commit"], "1; the labels say what is running";
}
