//! A PostgreSQL of a test's own, which may crash and come back.

use crate::script::Script;
use std::process::{Command, Stdio};

/// A running one, until it is dropped. It keeps what it acknowledged.
pub struct Postgres {
    _script: Script,
    control: String,
    /// The owner's, who may create databases.
    pub owner: String,
    /// The app's role's.
    pub app: String,
    /// The system's role's.
    pub system: String,
}

impl Postgres {
    /// Started by the script that starts those of all tests; PostgreSQL needs to be installed.
    #[must_use]
    pub fn start() -> Self {
        let (script, [owner, app, system, control]) = Script::start([
            "TEST_POSTGRES_OWNER_URL",
            "TEST_POSTGRES_APP_URL",
            "TEST_POSTGRES_SYSTEM_URL",
            "TEST_POSTGRES_CONTROL",
        ]);
        Self { _script: script, control, owner, app, system }
    }

    /// Ends it without a checkpoint and without a word to anybody.
    pub fn crash(&self) {
        self.control(&["-m", "immediate", "stop"]);
    }

    /// Starts it after a crash, at the same place with the same data. Returns when it answers.
    pub fn come_back(&self) {
        self.control(&["start"]);
    }

    fn control(&self, what: &[&str]) {
        let mut command = Command::new(&self.control);
        let done = command.args(what).stdin(Stdio::null()).status().unwrap();
        assert!(done.success(), "{what:?}: {done}");
    }
}
