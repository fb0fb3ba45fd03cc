//! Nothing secret leaves its place: a life is lived against the real binary, and all that it said is looked through.

mod life;
mod mistakes;
mod places;
mod record;
mod search;

use super::server::{Server, command, said_at_its_end};
use crate::mails::mail_server;
use base64::{Engine, engine::general_purpose::STANDARD};
use life::{Life, Mails, NAME};
use places::{MEANT, is_meant, plain_files};
use record::{Recorder, Said};
use search::{Secret, searchable};
use std::{collections::BTreeSet, fs, path::Path, sync::mpsc, time::Duration};

/// Secrets of the operator's. None is ever shown to anybody.
struct Operator {
    settings: Vec<(&'static str, String)>,
    secrets: Vec<Secret>,
}

const SERVER_SECRET: &str = "canary-of-the-server \"\\+/%-5bd1c07e9f3a";
const SUPABASE: &str = "canary-of-the-project \"\\+/%-5bd1c07e9f3a";

impl Operator {
    /// Every secret setting of which a process can have all at once.
    fn new() -> Self {
        let mut operator = Self { settings: Vec::new(), secrets: Vec::new() };
        let key = |byte: u8| STANDARD.encode(std::array::from_fn::<u8, 32, _>(|at| byte + 3 * at as u8));
        let (sealing, older) = (key(1), key(2));
        operator.set("ENCRYPTION_KEYS", &format!("k2:{sealing},k1:{older}"), &[&sealing, &older]);
        operator.set("SECRET_KEY", SERVER_SECRET, &[SERVER_SECRET]);
        operator.set("SUPABASE_JWT_SECRET", SUPABASE, &[SUPABASE]);
        operator.plain("SUPABASE_URL", "http://127.0.0.1:9");
        // Nobody is there: everything goes on, and nothing says with which password it was tried.
        operator.plain("REDIS_URL", "redis://127.0.0.1:9");
        for name in ["OPERATOR_TOKEN", "UPSTASH_REDIS_TOKEN", "SUPABASE_SERVICE_ROLE_KEY", "PHONEPE_SALT_KEY"]
        {
            let value = format!("canary-{}-of-the-operator-\"\\+/%", name.to_lowercase());
            operator.set(name, &value, &[&value]);
        }
        for name in ["RATE_LIMIT_PER_MINUTE", "RATE_LIMIT_AUTH_PER_MINUTE"] {
            operator.plain(name, "1000000");
        }
        operator
    }

    fn plain(&mut self, name: &'static str, value: &str) {
        self.settings.push((name, value.to_owned()));
    }

    fn set(&mut self, name: &'static str, value: &str, secrets: &[&str]) {
        self.plain(name, value);
        self.secrets.extend(secrets.iter().map(|secret| Secret::new(name, secret)));
    }

    fn settings(&self) -> Vec<(&str, &str)> {
        self.settings.iter().map(|(name, value)| (*name, value.as_str())).collect()
    }

    /// What `raptorflow config` and `raptorflow doctor` say of these settings.
    fn told(&self, data_dir: &Path) -> Vec<Said> {
        let run = |name: &str| {
            let mut command = command();
            let command = command.env("DATA_DIR", data_dir).envs(self.settings()).arg(name);
            let output = command.output().unwrap();
            let text = searchable(&[output.stdout, output.stderr].concat());
            Said { place: format!("raptorflow {name}"), text }
        };
        let told = vec![run("config"), run("doctor")];
        for (name, _) in &self.settings {
            assert!(told[0].text.contains(name), "{name} is not in force: {}", told[0].text);
        }
        told
    }
}

/// What is wrong: each secret that is somewhere, and each place that does not show what it should.
fn leaks(secrets: &[Secret], said: &[Said]) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let mut shown = BTreeSet::new();
    for said in said {
        for secret in secrets {
            let Some(form) = secret.form_in(&said.text) else { continue };
            match is_meant(secret.name, &said.place) {
                Some(row) => drop(shown.insert(row)),
                None => drop(found.insert(format!("{} ({form}) is in {}", secret.name, said.place))),
            }
        }
    }
    let known: BTreeSet<&str> = secrets.iter().map(|secret| secret.name).collect();
    for row in MEANT.iter().filter(|row| known.contains(row.0)) {
        // Mails are in the outbox or on their way to a server.
        let is_there = shown.contains(row) || matches!(row.1, "outbox" | "mail server");
        if !is_there {
            found.insert(format!("{} is not in {}, where it is meant to be", row.0, row.1));
        }
    }
    found
}

/// A whole life; then everything that was said in it.
async fn lived<M: Mails>(
    server: Server,
    mails: M,
    operator: Operator,
    folder: &Path,
) -> (Vec<Secret>, Vec<Said>, M) {
    let mut life = Life { web: Recorder::new(&server.base), mails, secrets: operator.secrets };
    let given: Vec<String> = life.secrets.iter().map(|secret| secret.value.clone()).collect();
    life.live().await;
    let Life { web, mails, secrets } = life;
    let (sent, mut said) = web.finish();
    let texts = |said: &[Said]| said.iter().map(|said| said.text.clone()).collect::<String>();
    let all = sent + &texts(&said);
    for secret in secrets.iter().filter(|secret| !given.contains(&secret.value)) {
        assert!(secret.form_in(&all).is_some(), "`{}` was neither sent nor got", secret.name);
    }
    said.extend(plain_files(folder));
    // The database is looked at while it is open, with its log of writes, and again when it was closed.
    drop(server);
    said.extend(plain_files(folder));
    (secrets, said, mails)
}

/// The place was looked through: this stands in it.
fn sees(said: &[Said], place: &str, text: &str) {
    let mut found = said.iter().filter(|said| said.place.starts_with(place));
    assert!(found.any(|said| said.text.contains(text)), "{text} is not in {place}");
}

struct Outbox(std::path::PathBuf);

/// What follows `before` in the newest of these mails to somebody.
fn token_in(mails: &[String], to: &str, before: &str) -> Option<String> {
    let to = format!("To: {to}\r\n");
    let mut mine = mails.iter().rev().filter(|mail| mail.contains(&to));
    let rest = mine.find_map(|mail| mail.split_once(before))?.1;
    Some(rest.chars().take_while(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_')).collect())
}

impl Mails for Outbox {
    async fn token(&mut self, to: &str, before: &str) -> String {
        let look = async {
            let mut look = tokio::time::interval(Duration::from_millis(20));
            loop {
                look.tick().await;
                let mut mails: Vec<_> = fs::read_dir(&self.0)
                    .map(|entries| entries.map(|entry| entry.unwrap().path()).collect())
                    .unwrap_or_default();
                mails.retain(|path: &std::path::PathBuf| path.extension().is_some_and(|kind| kind == "eml"));
                mails.sort();
                let mails: Vec<String> = mails.iter().map(|path| fs::read_to_string(path).unwrap()).collect();
                if let Some(token) = token_in(&mails, to, before) {
                    return token;
                }
            }
        };
        tokio::time::timeout(Duration::from_secs(30), look).await.expect("a mail comes")
    }
}

/// What a mail server was told.
struct Post {
    coming: mpsc::Receiver<String>,
    taken: Vec<String>,
}

impl Mails for Post {
    async fn token(&mut self, to: &str, before: &str) -> String {
        loop {
            if let Some(token) = token_in(&self.taken, to, before) {
                return token;
            }
            self.taken.push(self.coming.recv_timeout(Duration::from_secs(30)).expect("a mail comes"));
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_secret_leaves_its_place_with_mails_in_files_and_logs_as_json() {
    let folder = tempfile::tempdir().unwrap();
    let mut operator = Operator::new();
    operator.plain("LOG_FORMAT", "json");
    let told = operator.told(folder.path());
    let server = Server::overheard(folder.path(), &operator.settings(), &folder.path().join("log")).await;
    let mails = Outbox(folder.path().join("outbox"));
    let (secrets, mut said, _) = lived(server, mails, operator, folder.path()).await;
    said.extend(told);
    sees(&said, "log", "\"level\":\"TRACE\"");
    sees(&said, "log", "/api/v1/workspaces/{workspace_id}/api-keys");
    sees(&said, "log", "\"api_key.id\":\"");
    for place in ["raptorflow.db", "POST /api/v1/auth/login", "GET /api/v1/users/me/export"] {
        sees(&said, place, NAME);
    }
    sees(&said, "outbox", "To: bob@example.com");
    let leaks = leaks(&secrets, &said);
    assert!(leaks.is_empty(), "{leaks:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_secret_leaves_its_place_with_mails_to_a_server_and_logs_as_text() {
    let folder = tempfile::tempdir().unwrap();
    let (address, coming) = mail_server().await;
    let mut operator = Operator::new();
    operator.plain("LOG_FORMAT", "text");
    let seed = STANDARD.encode(std::array::from_fn::<u8, 32, _>(|at| 5 + 7 * at as u8));
    operator.set("JWT_SIGNING_KEYS", &format!("k1:{seed}"), &[&seed]);
    operator.set(
        "SMTP_URL",
        &format!("smtp://canary:canary-of-smtp-server@{address}"),
        &["canary-of-smtp-server"],
    );
    let told = operator.told(folder.path());
    let server = Server::overheard(folder.path(), &operator.settings(), &folder.path().join("log")).await;
    let post = Post { coming, taken: Vec::new() };
    let (secrets, mut said, post) = lived(server, post, operator, folder.path()).await;
    said.extend(told);
    said.extend(post.taken.into_iter().map(|text| Said { place: "mail server".to_owned(), text }));
    sees(&said, "log", " TRACE ");
    sees(&said, "log", " api_key.id=");
    sees(&said, "mail server", "AUTH PLAIN AGNhbmFyeQB");
    sees(&said, "raptorflow.db", NAME);
    assert!(!folder.path().join("outbox").exists());
    let leaks = leaks(&secrets, &said);
    assert!(leaks.is_empty(), "{leaks:#?}");
}

/// Each secret setting with a value that can't be taken, or whose server is not there.
#[tokio::test]
async fn a_refused_setting_is_not_repeated() {
    let folder = tempfile::tempdir().unwrap();
    let canary = "canary-of-a-setting";
    let secret = Secret::new("setting", canary);
    let url = format!("postgres://app:{canary}@127.0.0.1:9/raptorflow");
    let key = format!("k1:{canary}");
    let smtp = format!("smtp://user:{canary}@mail.example/path");
    for (name, value, arguments) in [
        ("DATABASE_URL", url.as_str(), &["serve", "worker", "migrate", "doctor", "config"][..]),
        ("DATABASE_URL", &url.replace("postgres", "postgre"), &["serve", "config"]),
        ("DATABASE_SYSTEM_URL", &url, &["config"]),
        ("DATABASE_MIGRATION_URL", &url, &["config"]),
        ("SECRET_KEY", canary, &["serve", "config"]),
        ("ENCRYPTION_KEYS", &key, &["serve", "config"]),
        ("JWT_SIGNING_KEYS", &key, &["serve", "config"]),
        ("SUPABASE_JWT_SECRET", canary, &["serve", "config"]),
        ("SMTP_URL", &smtp, &["serve", "config"]),
        ("RESEND_API_KEY", canary, &["config"]),
    ] {
        for argument in arguments {
            let mut command = command();
            command.current_dir(folder.path()).env("LOG_LEVEL", "trace").env(name, value).arg(argument);
            let text = said_at_its_end(command, &folder.path().join("log")).await;
            assert!(!text.is_empty(), "{argument} says nothing of {name}");
            assert!(secret.form_in(&text).is_none(), "{argument} repeats {name}: {text}");
        }
    }
}
