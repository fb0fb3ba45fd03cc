//! A server of a test's own, held by the script that starts those of all tests.

use std::{
    io::{BufRead, BufReader},
    process::{Child, Command, Stdio},
};

const URLS: [&str; 4] =
    ["TEST_POSTGRES_OWNER_URL", "TEST_POSTGRES_APP_URL", "TEST_POSTGRES_SYSTEM_URL", "TEST_REDIS_URL"];

/// The running script. It ends what it started when its input ends.
pub(crate) struct Script(Child);

impl Script {
    /// Starts what these variables tell of, and nothing else. Answers what each says.
    pub(crate) fn start<const N: usize>(wanted: [&str; N]) -> (Self, [String; N]) {
        let mut command = Command::new(concat!(env!("CARGO_MANIFEST_DIR"), "/with-servers"));
        let print = wanted.map(|variable| format!("\"${variable}\"")).join(" ");
        command.args(["sh", "-c", &format!("printf '%s\\n' {print}; read -r _")]);
        for url in URLS {
            // What is set is not started.
            command.env(url, "not needed");
        }
        for variable in wanted {
            command.env_remove(variable);
        }
        // What was acknowledged is to outlive a sudden end.
        command.env("TEST_POSTGRES_DURABLE", "yes");
        let mut script = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let mut said = BufReader::new(script.stdout.take().unwrap()).lines();
        let said = wanted.map(|variable| match said.next() {
            Some(Ok(line)) if !line.is_empty() => line,
            _ => panic!("with-servers has no {variable}: only installed servers can be a test's own"),
        });
        (Self(script), said)
    }

    /// Ends it, as a machine does that is switched off.
    pub(crate) fn stop(&mut self) {
        drop(self.0.stdin.take());
        self.0.wait().unwrap();
    }
}

impl Drop for Script {
    fn drop(&mut self) {
        self.stop();
    }
}
