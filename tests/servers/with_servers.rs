//! `with-servers` starts what it says, hands it to the command, and leaves nothing behind.
//!
//! Each test gives the script a parent folder of its own, so that "nothing left" can be seen there.

use std::io::{BufRead, BufReader};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

const SCRIPT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/with-servers");
const VARIABLES: [&str; 4] =
    ["TEST_POSTGRES_OWNER_URL", "TEST_POSTGRES_APP_URL", "TEST_POSTGRES_SYSTEM_URL", "TEST_REDIS_URL"];

struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        // Short, as a Unix socket's path has about a hundred bytes; not in `target`, which the user that
        // runs PostgreSQL may not be allowed to enter.
        let path = std::env::temp_dir().join(format!("rf-{name}-{}", std::process::id()));
        std::fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    fn entries(&self) -> usize {
        std::fs::read_dir(&self.0).unwrap().count()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _gone_with_the_machine_at_the_latest = std::fs::remove_dir_all(&self.0);
    }
}

fn script(parent: &Path) -> Command {
    let mut command = Command::new(SCRIPT);
    command.env("TEST_SERVERS_PARENT", parent).stdin(Stdio::null());
    for variable in VARIABLES {
        command.env_remove(variable);
    }
    command
}

/// `scheme://user@host:port/name` -> `host:port`
fn address(url: &str) -> String {
    let (_, rest) = url.split_once("://").unwrap();
    let rest = rest.split_once('@').map_or(rest, |(_, host)| host);
    rest.split_once('/').map_or(rest, |(host, _)| host).to_owned()
}

fn listens(url: &str) -> bool {
    TcpStream::connect(address(url)).is_ok()
}

/// Starts the script with a command that prints the URLs and then stays until it is ended.
fn started(parent: &Path) -> (Child, Vec<String>) {
    let print = VARIABLES.map(|variable| format!("echo ${variable};")).join(" ");
    let mut child = script(parent)
        .args(["sh", "-c", &format!("{print} exec sleep 600")])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let urls: Vec<String> = lines.take(VARIABLES.len()).map(Result::unwrap).collect();
    assert_eq!(urls.len(), VARIABLES.len(), "the command got only {urls:?}");
    (child, urls)
}

fn signal(child: &Child, name: &str) {
    let status = Command::new("kill").args(["-s", name, &child.id().to_string()]).status().unwrap();
    assert!(status.success());
}

#[expect(clippy::disallowed_methods, reason = "polls processes outside this program, with a deadline")]
fn eventually(what: &str, mut holds: impl FnMut() -> bool) {
    for _ in 0..200 {
        if holds() {
            return;
        }
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
    panic!("not within ten seconds: {what}");
}

#[test]
fn the_servers_answer_while_the_command_runs_and_are_gone_after_sigterm() {
    let parent = Folder::new("term");
    let (mut child, urls) = started(&parent.0);
    for url in &urls {
        assert!(listens(url), "{url}");
    }
    signal(&child, "TERM");
    assert_eq!(child.wait().unwrap().code(), Some(143));
    // At once: the script waits for its cleaning.
    assert_eq!(parent.entries(), 0);
    for url in &urls {
        assert!(!listens(url), "{url}");
    }
}

#[test]
fn nothing_is_left_when_the_script_itself_is_killed() {
    let parent = Folder::new("kill");
    let (mut child, urls) = started(&parent.0);
    signal(&child, "KILL");
    child.wait().unwrap();
    eventually("the folder is removed", || parent.entries() == 0);
    eventually("the servers are gone", || !urls.iter().any(|url| listens(url)));
}

#[test]
fn the_exit_code_of_the_command_is_passed_on_and_nothing_is_left() {
    let parent = Folder::new("code");
    let status = script(&parent.0).args(["sh", "-c", "exit 7"]).status().unwrap();
    assert_eq!(status.code(), Some(7));
    assert_eq!(parent.entries(), 0);
}

#[test]
fn servers_that_are_already_there_are_used() {
    let parent = Folder::new("nest");
    let mut command = script(&parent.0);
    for variable in VARIABLES {
        command.env(variable, "given");
    }
    let output = command.args(["printenv", "TEST_REDIS_URL"]).output().unwrap();
    assert_eq!(String::from_utf8(output.stdout).unwrap(), "given\n");
    assert_eq!(parent.entries(), 0);
}

#[test]
fn half_a_set_of_database_urls_is_refused() {
    let parent = Folder::new("half");
    let output =
        script(&parent.0).env("TEST_POSTGRES_OWNER_URL", "postgres://x").arg("true").output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    let message = String::from_utf8(output.stderr).unwrap();
    assert!(message.contains("TEST_POSTGRES_APP_URL"), "{message}");
    assert_eq!(message.lines().count(), 1);
}
