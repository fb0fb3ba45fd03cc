//! The `Dockerfile` and the scripts: what a shell runs is what a shell can read, and what they count on is there.

use crate::services::{ours, services};
use crate::{docs, members, path, texts};
use std::collections::BTreeSet;
use std::process::{Command, Output};

/// Has the shell read the text without doing anything.
fn read_by(shell: &str, text: &str) -> Output {
    Command::new(shell).args(["-n", "-c", text]).output().unwrap()
}

/// The instructions of the `Dockerfile`, each on one line.
fn instructions() -> Vec<(String, String)> {
    let text = docs("deploy/Dockerfile");
    let lines = text.lines().filter(|line| !line.trim_start().starts_with('#'));
    let whole = lines.collect::<Vec<_>>().join("\n").replace("\\\n", " ");
    let split = whole.lines().filter_map(|line| line.split_once(' '));
    split.map(|(name, rest)| (name.to_owned(), rest.trim().to_owned())).collect()
}

/// What the last instruction of this name says.
fn said(name: &str) -> String {
    instructions().into_iter().rfind(|(instruction, _)| instruction == name).unwrap().1
}

#[test]
fn every_script_can_be_read() {
    let scripts: Vec<_> = std::fs::read_dir(path("deploy"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "sh"))
        .collect();
    assert!(!scripts.is_empty());
    for script in scripts {
        let text = std::fs::read_to_string(&script).unwrap();
        assert!(text.starts_with("#!/usr/bin/env bash\n") && text.contains("\nset -euo pipefail\n"));
        let output = read_by("bash", &text);
        assert!(output.status.success() && output.stderr.is_empty(), "{}: {output:?}", script.display());
    }
}

#[test]
fn every_command_of_the_image_can_be_read() {
    let commands: Vec<_> = instructions().into_iter().filter(|(name, _)| name == "RUN").collect();
    assert!(commands.len() > 2, "{commands:?}");
    for (_, command) in commands {
        let mut command = command.as_str();
        while let Some((_, rest)) = command.strip_prefix("--mount=").and_then(|m| m.split_once(' ')) {
            command = rest.trim_start();
        }
        let output = read_by("sh", command);
        assert!(output.status.success() && output.stderr.is_empty(), "{command}: {output:?}");
    }
}

#[test]
fn the_script_of_the_databases_logins_is_given_every_variable_that_it_takes() {
    let services = services();
    let given: BTreeSet<&str> = members(&services["postgres"]["environment"]).map(|(name, _)| name).collect();
    let text = docs("deploy/postgres-init.sh");
    let is_name = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let code: Vec<&str> = text.lines().filter(|line| !line.starts_with('#')).collect();
    let code = code.join("\n");
    let taken = code.split('$').skip(1).map(|rest| rest.split(|c| !is_name(c)).next().unwrap_or_default());
    let taken: BTreeSet<&str> = taken.collect();
    assert!(taken.len() > 3, "{taken:?}");
    for name in taken {
        // Which the image sets by itself.
        assert!(given.contains(name) || name == "POSTGRES_USER", "{name}");
    }
}

#[test]
fn the_image_runs_the_binary_as_nobody_in_particular() {
    let list = |name: &str| serde_json::from_str::<Vec<String>>(&said(name)).unwrap();
    assert_eq!((list("ENTRYPOINT"), list("CMD")), (vec!["raptorflow".to_owned()], vec!["serve".to_owned()]));
    assert!(said("USER").parse::<u32>().is_ok_and(|user| user > 0), "{}", said("USER"));
    assert_eq!(said("STOPSIGNAL"), "SIGTERM", "at which the binary ends gracefully");
}

#[test]
fn the_image_asks_for_health_where_servers_and_worker_listen() {
    let settings = said("ENV");
    let port = settings.split(' ').find_map(|setting| setting.strip_prefix("PORT=")).unwrap();
    let asked = format!("http://127.0.0.1:{port}/health/live");
    assert!(said("HEALTHCHECK").contains(&format!("\"{asked}\"")), "{}", said("HEALTHCHECK"));
    assert_eq!(said("EXPOSE"), port);
    let services = services();
    for (name, service, command) in ours(&services) {
        let listens = match command {
            "serve" => texts(&service["ports"])[0].rsplit(':').next(),
            "worker" => service["environment"]["WORKER_PORT"].as_str(),
            // It ends by itself.
            _ if service["healthcheck"]["disable"] == true => continue,
            _ => None,
        };
        assert_eq!(listens, Some(port), "{name}");
    }
}
