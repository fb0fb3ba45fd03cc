//! `compose.yml`: which services there are, and what each of them needs of the others and of the files beside it.

use crate::{members, path, texts, yaml};
use raptorflow::server::ENDS_WITHIN;
use serde_json::Value;
use std::collections::BTreeMap;
use std::time::Duration;

pub(crate) type Services = BTreeMap<String, Value>;

pub(crate) fn services() -> Services {
    let file = yaml("deploy/compose.yml");
    members(&file["services"]).map(|(name, service)| (name.to_owned(), service.clone())).collect()
}

/// Those that run our image, by name, with the command.
pub(crate) fn ours(services: &Services) -> Vec<(&str, &Value, &str)> {
    let ours = services.iter().filter(|(_, service)| service["image"] == "raptorflow");
    ours.map(|(name, service)| (name.as_str(), service, texts(&service["command"])[0])).collect()
}

#[test]
fn there_are_two_servers_a_worker_a_migration_and_what_they_stand_on() {
    let services = services();
    let mut commands: Vec<&str> = ours(&services).iter().map(|(_, _, command)| *command).collect();
    commands.sort_unstable();
    assert_eq!(commands, ["migrate", "serve", "serve", "worker"]);
    let has = |name: &str, image: &str| {
        services.get(name).and_then(|s| s["image"].as_str()).is_some_and(|i| i.starts_with(image))
    };
    for (name, image) in
        [("postgres", "postgres:"), ("redis", "redis:"), ("collector", "otel/opentelemetry-collector:")]
    {
        assert!(has(name, image), "no service {name} of an image {image}…");
    }
    let ports: Vec<&str> = services.values().flat_map(|service| texts(&service["ports"])).collect();
    let published: std::collections::BTreeSet<_> = ports.iter().map(|port| port.rsplit_once(':')).collect();
    assert!(ports.len() == 2 && published.len() == 2, "each server has a port of its own: {ports:?}");
    assert!(ports.iter().all(|port| port.starts_with("127.0.0.1:")), "of this machine alone: {ports:?}");
}

#[test]
fn what_a_service_waits_for_is_there_and_can_become_what_is_waited_for() {
    let services = services();
    let mut waits = 0;
    for (name, service) in &services {
        for (needed, how) in members(&service["depends_on"]) {
            let needed = services.get(needed).unwrap_or_else(|| panic!("{name} waits for {needed}"));
            let can = match how["condition"].as_str().unwrap() {
                "service_healthy" => needed["healthcheck"]["test"].is_array(),
                "service_completed_successfully" => needed["restart"] == "no",
                _ => false,
            };
            assert!(can, "{name} waits for what never comes: {how} of {needed}");
            waits += 1;
        }
    }
    assert!(waits > 3, "{waits}");
}

#[test]
fn a_full_redis_does_not_forget_counts_of_calls_first() {
    let redis = &services()["redis"];
    // By time to live they would go before anything else, and with them the limits.
    assert!(
        texts(&redis["command"]).windows(2).any(|pair| pair == ["--maxmemory-policy", "volatile-lru"]),
        "{redis}"
    );
}

#[test]
fn every_host_that_a_setting_names_is_a_service() {
    let services = services();
    for (name, service, _) in ours(&services) {
        let urls = members(&service["environment"]).filter_map(|(key, value)| {
            let (_, place) = value.as_str()?.split_once("://")?;
            let place = place.rsplit_once('@').map_or(place, |(_, place)| place);
            Some((key, place.split([':', '/']).next().unwrap_or(place)))
        });
        for (key, host) in urls {
            assert!(services.contains_key(host), "{key} of {name} leads to {host}");
        }
    }
}

/// A duration as compose writes it, of seconds or minutes.
fn seconds(text: &str) -> Option<Duration> {
    let (number, unit) = text.split_at(text.len() - 1);
    let number: u64 = number.parse().ok()?;
    match unit {
        "s" => Some(Duration::from_secs(number)),
        "m" => Some(Duration::from_secs(60 * number)),
        _ => None,
    }
}

#[test]
fn what_runs_has_longer_to_end_than_it_takes() {
    let services = services();
    for (name, service, _) in ours(&services) {
        let grace = service["stop_grace_period"].as_str().and_then(seconds);
        assert!(grace.is_some_and(|grace| grace > ENDS_WITHIN), "{name}: {grace:?}");
    }
}

#[test]
fn every_file_and_volume_that_is_mounted_exists() {
    let (file, services) = (yaml("deploy/compose.yml"), services());
    let mut mounted = 0;
    for (name, service) in &services {
        for mount in texts(&service["volumes"]) {
            let source = mount.split(':').next().unwrap_or(mount);
            let exists = match source.strip_prefix("./") {
                Some(beside) => path("deploy").join(beside).is_file(),
                None => members(&file["volumes"]).any(|(volume, _)| volume == source),
            };
            assert!(exists, "{name} mounts {source}");
            mounted += 1;
        }
        if let Some(build) = service.get("build") {
            let context = path("deploy").join(build["context"].as_str().unwrap());
            assert!(context.join(build["dockerfile"].as_str().unwrap()).is_file(), "{name}: {build}");
        }
    }
    assert!(mounted > 3, "{mounted}");
}

#[test]
fn the_collector_reads_its_file_and_listens_where_it_is_sent_to() {
    let (services, file) = (services(), yaml("deploy/otel-collector.yml"));
    let collector = &services["collector"];
    let config = texts(&collector["command"])[0].strip_prefix("--config=").unwrap();
    let mount = format!("./otel-collector.yml:{config}:ro");
    assert!(texts(&collector["volumes"]).contains(&mount.as_str()), "{collector}");
    let listens = file["receivers"]["otlp"]["protocols"]["http"]["endpoint"].as_str().unwrap();
    let port = listens.strip_prefix("0.0.0.0:").unwrap();
    for (name, service, _) in ours(&services) {
        let sent_to = &service["environment"]["OTEL_EXPORTER_OTLP_ENDPOINT"];
        assert_eq!(*sent_to, format!("http://collector:{port}"), "{name}");
    }
}

#[test]
fn the_collector_takes_traces_and_metrics_by_parts_that_it_has() {
    let file = yaml("deploy/otel-collector.yml");
    let pipelines: BTreeMap<_, _> = members(&file["service"]["pipelines"]).collect();
    assert_eq!(pipelines.keys().copied().collect::<Vec<_>>(), ["metrics", "traces"]);
    for (name, pipeline) in pipelines {
        for kind in ["receivers", "processors", "exporters"] {
            let parts = texts(&pipeline[kind]);
            assert!(!parts.is_empty(), "{name} has no {kind}");
            for part in parts {
                assert!(file[kind].get(part).is_some(), "{name} has a {part} that is not among the {kind}");
            }
        }
        // The documentation of the processor wants it there, so that what is refused was not worked on.
        assert_eq!(texts(&pipeline["processors"])[0], "memory_limiter", "{name}");
    }
}
