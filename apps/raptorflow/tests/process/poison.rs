//! What is no fact gets onto the bus: everything goes on, and operators see it.

use super::{
    metrics::shown,
    server::{Database, Server},
    tracing::{joined, making_a_workspace},
};
use servers::Redis;

#[tokio::test]
async fn poison_on_the_bus_is_counted_by_every_process_and_stops_no_fact() {
    let folder = tempfile::tempdir().unwrap();
    let database = Database::fresh(folder.path()).await;
    let redis = Redis::start();
    let settings = [("REDIS_URL", redis.url.as_str())];
    let server = database.server_with(&settings).await;
    shown(&server, "raptorflow_bus_dead_letters 0").await;
    let _: String = redis.send("XADD {raptorflow}:facts * event poison").await;
    let worker: Server = database.worker_that_tells_with(&settings).await;
    for process in [&server, &worker] {
        shown(process, "raptorflow_bus_dead_letters 1").await;
    }
    let token = joined(&server, folder.path()).await;
    making_a_workspace(&server, &token).send().await.unwrap().error_for_status().unwrap();
    shown(&worker, "raptorflow_fact_delay_seconds_count").await;
}
