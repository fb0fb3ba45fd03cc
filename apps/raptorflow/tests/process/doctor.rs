//! `raptorflow doctor`: what it says of a service that was never started, one that runs, and one without a worker.

use super::server::{Database, Server, command};
use diesel_async::SimpleAsyncConnection;
use std::{net::TcpListener, path::Path, process::Command};

/// All that it says, and whether all was well.
fn said(mut command: Command) -> (bool, String) {
    let output = command.arg("doctor").output().unwrap();
    (output.status.success(), String::from_utf8(output.stdout).unwrap())
}

/// What it says of the fact that it sends round, and whether all was well. The clock is.
fn asked(command: Command) -> (bool, String) {
    let (is_well, text) = said(command);
    let line = |of: &str| text.lines().find(|line| line.contains(of)).unwrap_or_else(|| panic!("{text}"));
    assert!(line(" clock: ").starts_with("ok "), "{text}");
    (is_well, line("test event").to_owned())
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
    let (_, text) = said(database.command());
    assert!(text.contains("ok      clock: agrees with the database's\n"), "{text}");
}

#[tokio::test]
async fn it_says_of_each_thing_that_is_wrong_what_to_do_and_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    let database = Database::fresh(folder.path()).await;
    let mut newest = database.owner().await;
    newest.batch_execute("delete from __diesel_schema_migrations where version > '0030'").await.unwrap();
    // Nobody listens there.
    let closed = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let (redis, mail) = (format!("redis://{closed}"), format!("smtp://{closed}"));
    let mut command = database.command();
    command.envs([("REDIS_URL", redis.as_str()), ("SMTP_URL", &mail), ("OPENAI_API_KEY", "key")]);
    let (is_well, text) = said(command);
    assert!(!is_well, "{text}");
    for (name, begins, ends) in [
        ("configuration", "ok ", ""),
        ("secrets", "ok ", "there are keys to sign and to seal with"),
        ("database", "FAILED ", "run `raptorflow migrate`"),
        ("row-level security", "ok ", ""),
        ("clock", "ok ", "not compared, as the schema is not there"),
        ("mail", "FAILED ", ""),
        ("redis", "FAILED ", "Is it running, and is REDIS_URL right?"),
        ("test event", "ok ", "not tried, as the schema is not there"),
        ("ai", "ok ", "configured, and not asked: openai"),
    ] {
        let name = format!(" {name}: ");
        let line = text.lines().find(|line| line.contains(&name)).unwrap_or_else(|| panic!("{name}: {text}"));
        assert!(line.starts_with(begins) && line.ends_with(ends), "{line}");
    }
}
