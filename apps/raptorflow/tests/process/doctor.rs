//! `raptorflow doctor`: what it says of a service that was never started, one that runs, and one without a worker.

use super::server::{Database, Server, command};
use std::{path::Path, process::Command};

/// What it says of the fact that it sends round, and whether all was well.
fn asked(mut command: Command) -> (bool, String) {
    let output = command.arg("doctor").output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let line = text.lines().find(|line| line.contains("test event")).unwrap_or_else(|| panic!("{text}"));
    (output.status.success(), line.to_owned())
}

fn embedded(folder: &Path) -> Command {
    let mut command = command();
    command.env("DATA_DIR", folder);
    command
}

const BACK: &str = "ok      test event: test.event went through outbox, bus and ";

#[tokio::test]
async fn embedded_it_sends_a_fact_round_by_the_server_or_by_itself() {
    let folder = tempfile::tempdir().unwrap();
    let never = asked(embedded(folder.path()));
    assert_eq!(never, (true, "ok      test event: not tried, as the schema is not there".to_owned()));
    let mut server = Server::embedded(folder.path()).await;
    super::metrics::shown(&server, "raptorflow_workers 1").await;
    let (is_well, running) = asked(embedded(folder.path()));
    assert!(
        is_well && running.starts_with(&format!("{BACK}a worker that is running, and came back")),
        "{running}"
    );
    server.terminate().await;
    for _ in 0..2 {
        let (is_well, stopped) = asked(embedded(folder.path()));
        assert!(is_well && stopped.starts_with(&format!("{BACK}a worker of its own")), "{stopped}");
    }
}

#[tokio::test]
async fn on_postgres_it_needs_a_worker() {
    let folder = tempfile::tempdir().unwrap();
    let database = Database::fresh(folder.path()).await;
    let (is_well, alone) = asked(database.command());
    let expected = "FAILED  test event: no worker has said that it is there; start `raptorflow worker`";
    assert_eq!((is_well, alone.as_str()), (false, expected));
    let _worker = database.worker();
    let server = database.server().await;
    super::metrics::shown(&server, "raptorflow_workers 1").await;
    let (is_well, running) = asked(database.command());
    assert!(is_well && running.starts_with(&format!("{BACK}a worker that is running")), "{running}");
}
