use diesel_async::{AsyncConnection, AsyncPgConnection, SimpleAsyncConnection};
use raptorflow::{commands::demo::client::Client, server::ENDS_WITHIN};
use servers::Postgres;
use std::{
    fs::File,
    net::{SocketAddr, TcpListener},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::Duration,
};
use web::Patience;

/// The binary without the settings of the machine that runs the tests.
pub(crate) fn command() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_raptorflow"));
    command.env_clear().env("LOG_LEVEL", "warn").stdin(Stdio::null());
    command
}

/// A process that is killed when it is dropped.
pub(crate) struct Process(Child);

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// All that a command says until it ends, which it does soon: one that serves instead is killed, and fails the test.
pub(crate) async fn said_at_its_end(mut command: Command, log: &Path) -> String {
    let file = File::create(log).unwrap();
    command.stdout(file.try_clone().unwrap()).stderr(file);
    let mut process = Process(command.spawn().unwrap());
    let ended = async {
        let mut look = tokio::time::interval(Duration::from_millis(10));
        while process.0.try_wait().unwrap().is_none() {
            look.tick().await;
        }
    };
    let ended = tokio::time::timeout(Duration::from_secs(60), ended).await;
    let said = std::fs::read_to_string(log).unwrap();
    ended.unwrap_or_else(|_| panic!("{command:?} goes on and on: {said}"));
    said
}

/// A serving process.
pub(crate) struct Server {
    process: Process,
    pub(crate) base: String,
}

impl Server {
    pub(crate) async fn embedded(data_dir: &Path) -> Self {
        Self::embedded_with(data_dir, &[]).await
    }

    pub(crate) async fn embedded_with(data_dir: &Path, settings: &[(&str, &str)]) -> Self {
        let mut command = command();
        command.env("DATA_DIR", data_dir).envs(settings.iter().copied());
        Self::start(command, &[]).await
    }

    /// The same, with all that it says at its most talkative in a file.
    pub(crate) async fn overheard(data_dir: &Path, settings: &[(&str, &str)], log: &Path) -> Self {
        let log = File::create(log).unwrap();
        let mut command = command();
        command.env("DATA_DIR", data_dir).envs(settings.iter().copied()).env("LOG_LEVEL", "trace");
        command.stdout(log.try_clone().unwrap()).stderr(log);
        Self::start(command, &[]).await
    }

    /// One that makes the demo account as soon as it is ready.
    pub(crate) async fn offering(data_dir: &Path) -> Self {
        let mut command = command();
        command.env("DATA_DIR", data_dir);
        Self::start(command, &["--demo-account"]).await
    }

    /// Starts it on a free port and waits until it is ready.
    async fn start(mut command: Command, more: &[&str]) -> Self {
        // Each start has another port behind the same name: tokens are issued for the name.
        command.arg("serve").args(more).env("PUBLIC_URL", "http://raptorflow.test");
        Self::ready(command, "PORT").await
    }

    async fn ready(mut command: Command, setting: &str) -> Self {
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        command.env(setting, port.to_string());
        let process = Process(command.spawn().unwrap());
        let server = Self { process, base: format!("http://127.0.0.1:{port}") };
        let patience = Patience { connect: Duration::from_secs(1), total: Duration::from_secs(10) };
        let client = web::client(patience).unwrap();
        let ready = async {
            let mut look = tokio::time::interval(Duration::from_millis(20));
            loop {
                look.tick().await;
                let answer = client.get(format!("{}/health/ready", server.base)).send().await;
                if answer.is_ok_and(|answer| answer.status().is_success()) {
                    return;
                }
            }
        };
        tokio::time::timeout(Duration::from_secs(30), ready).await.expect("the server gets ready");
        server
    }

    pub(crate) fn client(&self, data_dir: &Path) -> Client {
        Client::new(&self.base, data_dir.join("outbox")).unwrap()
    }

    /// Tells the process to end, and waits until it has, of its own will and within the time that is promised.
    pub(crate) async fn terminate(&mut self) {
        let told = Command::new("kill").arg("-TERM").arg(self.process.0.id().to_string()).status();
        assert!(told.unwrap().success());
        let ended = async {
            let mut look = tokio::time::interval(Duration::from_millis(10));
            loop {
                if let Some(status) = self.process.0.try_wait().unwrap() {
                    return status;
                }
                look.tick().await;
            }
        };
        let status = tokio::time::timeout(ENDS_WITHIN, ended).await.expect("the process ends");
        assert!(status.success(), "{status}");
    }

    /// `kill -9`.
    pub(crate) fn kill(&mut self) {
        self.process.0.kill().unwrap();
        self.process.0.wait().unwrap();
    }
}

/// A PostgreSQL database of its own, migrated by the binary.
pub(crate) struct Database {
    urls: [(&'static str, String); 3],
    data_dir: PathBuf,
}

#[expect(clippy::disallowed_methods, reason = "tests get their servers from the environment")]
fn given(name: &str) -> String {
    std::env::var(name).unwrap_or_else(|_| panic!("{name} is not set: run the tests with `make test`"))
}

/// The URL of another database of the same server.
fn other(url: &str, database: &str) -> String {
    format!("{}/{database}", url.rsplit_once('/').unwrap().0)
}

/// A part of the tests' Redis that no other test uses.
pub(crate) fn redis(database: u8) -> String {
    other(&given("TEST_REDIS_URL"), &database.to_string())
}

impl Database {
    pub(crate) async fn fresh(data_dir: &Path) -> Self {
        let [owner, app, system] =
            ["TEST_POSTGRES_OWNER_URL", "TEST_POSTGRES_APP_URL", "TEST_POSTGRES_SYSTEM_URL"].map(given);
        Self::made([&owner, &app, &system], data_dir).await
    }

    /// In a server that no other test uses.
    pub(crate) async fn of(server: &Postgres, data_dir: &Path) -> Self {
        Self::made([&server.owner, &server.app, &server.system], data_dir).await
    }

    async fn made([owner, app, system]: [&str; 3], data_dir: &Path) -> Self {
        let name = format!("process_{}", kernel::Environment::system().ids.uuid().simple());
        let mut maker = AsyncPgConnection::establish(owner).await.unwrap();
        maker.batch_execute(&format!("create database {name}")).await.unwrap();
        let urls = [
            ("DATABASE_URL", other(app, &name)),
            ("DATABASE_SYSTEM_URL", other(system, &name)),
            ("DATABASE_MIGRATION_URL", other(owner, &name)),
        ];
        let database = Self { urls, data_dir: data_dir.to_owned() };
        let unready = database.command().arg("serve").output().unwrap();
        assert!(String::from_utf8_lossy(&unready.stderr).contains("run `raptorflow migrate`"));
        let migrated = database.command().arg("migrate").output().unwrap();
        assert!(migrated.status.success(), "{}", String::from_utf8_lossy(&migrated.stderr));
        database
    }

    /// Where its server listens.
    pub(crate) fn address(&self) -> SocketAddr {
        let (_, rest) = self.urls[0].1.split_once('@').unwrap();
        rest.split_once('/').unwrap().0.parse().unwrap()
    }

    /// The same one, reached by another address.
    pub(crate) fn at(&self, address: SocketAddr) -> Self {
        let (from, to) = (self.address().to_string(), address.to_string());
        let urls = self.urls.clone().map(|(name, url)| (name, url.replace(&from, &to)));
        Self { urls, data_dir: self.data_dir.clone() }
    }

    pub(crate) fn command(&self) -> Command {
        let mut command = command();
        command
            .envs(self.urls.iter().map(|(name, url)| (*name, url.as_str())))
            .env("DATA_DIR", &self.data_dir);
        command
    }

    pub(crate) async fn server(&self) -> Server {
        self.server_with(&[]).await
    }

    pub(crate) async fn server_with(&self, settings: &[(&str, &str)]) -> Server {
        let mut command = self.command();
        command.envs(settings.iter().copied());
        Server::start(command, &[]).await
    }

    /// The system role's own connection, beside all processes.
    pub(crate) async fn system(&self) -> AsyncPgConnection {
        AsyncPgConnection::establish(&self.urls[1].1).await.unwrap()
    }

    /// The owner's, who may change tables.
    pub(crate) async fn owner(&self) -> AsyncPgConnection {
        AsyncPgConnection::establish(&self.urls[2].1).await.unwrap()
    }

    pub(crate) fn worker(&self) -> Process {
        self.worker_with(&[])
    }

    /// One that answers probes and operators.
    pub(crate) async fn worker_that_tells(&self) -> Server {
        self.worker_that_tells_with(&[]).await
    }

    pub(crate) async fn worker_that_tells_with(&self, settings: &[(&str, &str)]) -> Server {
        let mut command = self.command();
        command.envs(settings.iter().copied()).arg("worker");
        Server::ready(command, "WORKER_PORT").await
    }

    pub(crate) fn worker_with(&self, settings: &[(&str, &str)]) -> Process {
        let mut command = self.command();
        command.envs(settings.iter().copied());
        Process(command.arg("worker").spawn().unwrap())
    }
}
