//! Traces and metrics to a collector, by OTLP over HTTP.
//!
//! Both are gathered by threads of their own and dropped when there is more than they hold: a collector that is away or
//! slow costs no request anything.

use anyhow::Context;
use async_trait::async_trait;
use opentelemetry_http::{Bytes, HttpClient, HttpError, Request, Response};
use opentelemetry_otlp::{MetricExporter, Protocol, SpanExporter, WithExportConfig, WithHttpConfig};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::metrics::{MeterProviderBuilder, PeriodicReader};
use opentelemetry_sdk::trace::SdkTracerProvider;
use std::time::Duration;
use tokio::runtime::Handle;
use web::Patience;

/// How long the collector may take.
const PATIENCE: Patience = Patience { connect: Duration::from_secs(2), total: Duration::from_secs(5) };
/// A collector's answer has no more than this.
const ANSWER: usize = 64 * 1024;

/// Where traces and metrics go.
#[derive(Debug, Clone)]
pub struct Collector {
    /// Its base URL, without a slash at the end; `/v1/traces` and `/v1/metrics` follow.
    endpoint: String,
    client: Post,
}

impl Collector {
    /// The collector at this base URL; it is spoken to on the current runtime.
    ///
    /// # Errors
    /// When no HTTP client can be made.
    pub fn at(endpoint: &str) -> anyhow::Result<Self> {
        let http = web::client(PATIENCE)?;
        let endpoint = endpoint.trim_end_matches('/').to_owned();
        Ok(Self { endpoint, client: Post { http, runtime: Handle::current() } })
    }

    /// Gathers spans for it.
    ///
    /// # Errors
    /// A mistake of the code.
    pub(super) fn traces(&self) -> anyhow::Result<SdkTracerProvider> {
        let exporter = SpanExporter::builder()
            .with_http()
            .with_http_client(self.client.clone())
            .with_protocol(Protocol::HttpBinary)
            .with_endpoint(format!("{}/v1/traces", self.endpoint))
            .with_timeout(PATIENCE.total)
            .build()
            .context("OTEL_EXPORTER_OTLP_ENDPOINT")?;
        Ok(SdkTracerProvider::builder().with_batch_exporter(exporter).with_resource(resource()).build())
    }

    /// Has the metrics read for it, once a minute unless `OTEL_METRIC_EXPORT_INTERVAL` says otherwise.
    ///
    /// # Errors
    /// A mistake of the code.
    pub fn metrics(&self, builder: MeterProviderBuilder) -> anyhow::Result<MeterProviderBuilder> {
        let exporter = MetricExporter::builder()
            .with_http()
            .with_http_client(self.client.clone())
            .with_protocol(Protocol::HttpBinary)
            .with_endpoint(format!("{}/v1/metrics", self.endpoint))
            .with_timeout(PATIENCE.total)
            .build()
            .context("OTEL_EXPORTER_OTLP_ENDPOINT")?;
        Ok(builder.with_reader(PeriodicReader::builder(exporter).build()).with_resource(resource()))
    }
}

fn resource() -> Resource {
    let version = opentelemetry::KeyValue::new("service.version", env!("CARGO_PKG_VERSION"));
    Resource::builder().with_service_name("raptorflow").with_attribute(version).build()
}

/// The exporters' way out. They run on threads without a runtime, so their requests are made on the process's.
#[derive(Debug, Clone)]
struct Post {
    http: reqwest::Client,
    runtime: Handle,
}

#[async_trait]
impl HttpClient for Post {
    async fn send_bytes(&self, request: Request<Bytes>) -> Result<Response<Bytes>, HttpError> {
        let http = self.http.clone();
        let sent = self.runtime.spawn(async move {
            let answer = http.execute(request.try_into()?).await.map_err(reqwest::Error::without_url)?;
            let status = answer.status();
            let body = web::read_at_most(answer, ANSWER).await.unwrap_or_default();
            let mut response = Response::new(Bytes::from(body));
            *response.status_mut() = status;
            Ok::<_, HttpError>(response)
        });
        sent.await?
    }
}
