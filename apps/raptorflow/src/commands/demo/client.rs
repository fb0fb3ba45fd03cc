//! A client of the API, for the demo, the demo account and the tests of the whole process.

use anyhow::{Context, bail};
use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};
use std::{
    path::{Path, PathBuf},
    time::Duration,
};

/// A client of the API, as a person's browser would be one; it reads that person's mail, too.
pub struct Client {
    http: reqwest::Client,
    base: String,
    outbox: PathBuf,
    token: Option<String>,
}

/// How often the client looks whether something has come about, and how long it waits for it.
const LOOK: Duration = Duration::from_millis(20);
const PATIENCE: Duration = Duration::from_secs(60);

impl Client {
    /// A client of the server at `base`, whose mails are written to `outbox`.
    ///
    /// # Errors
    /// When no HTTP client can be made.
    pub fn new(base: &str, outbox: PathBuf) -> anyhow::Result<Self> {
        let http = web::client(web::Patience { connect: Duration::from_secs(5), total: PATIENCE })?;
        Ok(Self { http, base: base.to_owned(), outbox, token: None })
    }

    /// Goes on against another server, logged in as before.
    pub fn move_to(&mut self, base: &str) {
        base.clone_into(&mut self.base);
    }

    /// Makes an account, opens the link in the mail, and logs in. Answers the user.
    ///
    /// # Errors
    /// What the API refused, or that no mail came.
    pub async fn join(&mut self, email: &str, password: &str) -> anyhow::Result<Value> {
        let account = json!({ "email": email, "password": password, "display_name": "Demo" });
        self.post("/api/v1/auth/signup", &account).await?;
        let token = self.token_from_mail(email).await?;
        self.get(&format!("/api/v1/auth/verify-email?token={token}")).await?;
        self.log_in(email, password).await
    }

    /// Logs in. Answers the user.
    ///
    /// # Errors
    /// What the API refused.
    pub async fn log_in(&mut self, email: &str, password: &str) -> anyhow::Result<Value> {
        let login = json!({ "email": email, "password": password });
        let mut answer = self.post("/api/v1/auth/login", &login).await?;
        self.token = answer["access_token"].as_str().map(ToOwned::to_owned);
        Ok(answer["user"].take())
    }

    /// `GET path`.
    ///
    /// # Errors
    /// What the API refused.
    pub async fn get(&self, path: &str) -> anyhow::Result<Value> {
        self.send(Method::GET, path, |request| request).await
    }

    /// `POST path` with a JSON body.
    ///
    /// # Errors
    /// What the API refused.
    pub async fn post(&self, path: &str, body: &Value) -> anyhow::Result<Value> {
        self.send(Method::POST, path, |request| request.json(body)).await
    }

    /// `PUT path` with a JSON body.
    ///
    /// # Errors
    /// What the API refused.
    pub async fn put(&self, path: &str, body: &Value) -> anyhow::Result<Value> {
        self.send(Method::PUT, path, |request| request.json(body)).await
    }

    /// Every item of a list.
    ///
    /// # Errors
    /// What the API refused.
    pub async fn all(&self, path: &str) -> anyhow::Result<Vec<Value>> {
        let (mut items, mut cursor) = (Vec::new(), String::new());
        loop {
            let mut page = self.get(&format!("{path}?limit=100{cursor}")).await?;
            if let Value::Array(more) = page["items"].take() {
                items.extend(more);
            }
            match page["next_cursor"].as_str() {
                Some(next) => cursor = format!("&cursor={next}"),
                None => return Ok(items),
            }
        }
    }

    /// Asks for `path` until `done` likes the answer.
    ///
    /// # Errors
    /// What the API refused, or that it took too long.
    pub async fn poll(&self, path: &str, done: impl Fn(&Value) -> bool) -> anyhow::Result<Value> {
        let asking = async {
            let mut look = tokio::time::interval(LOOK);
            loop {
                look.tick().await;
                let answer = self.get(path).await?;
                if done(&answer) {
                    return Ok(answer);
                }
            }
        };
        tokio::time::timeout(PATIENCE, asking).await.with_context(|| format!("waiting for {path}"))?
    }

    async fn send(
        &self,
        method: Method,
        path: &str,
        fill: impl FnOnce(RequestBuilder) -> RequestBuilder,
    ) -> anyhow::Result<Value> {
        let request = fill(self.http.request(method.clone(), format!("{}{path}", self.base)));
        let request = match &self.token {
            Some(token) => request.bearer_auth(token),
            None => request,
        };
        let answer = request.send().await?;
        let status = answer.status();
        let bytes = answer.bytes().await?;
        let body: Value = if bytes.is_empty() { Value::Null } else { serde_json::from_slice(&bytes)? };
        if !status.is_success() {
            bail!("{method} {} answered {status}: {}", path.split('?').next().unwrap_or(path), told(&body));
        }
        Ok(body)
    }

    async fn token_from_mail(&self, email: &str) -> anyhow::Result<String> {
        let looking = async {
            let mut look = tokio::time::interval(LOOK);
            loop {
                look.tick().await;
                if let Some(token) = find_token(&self.outbox, email)? {
                    return Ok(token);
                }
            }
        };
        tokio::time::timeout(PATIENCE, looking).await.context("waiting for the verification mail")?
    }
}

/// What a problem says, with its fields.
fn told(problem: &Value) -> String {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let mut told = format!("{} ({})", text(&problem["title"]), text(&problem["code"]));
    for error in problem["errors"].as_array().into_iter().flatten() {
        told += &format!("; {}: {}", text(&error["pointer"]), text(&error["message"]));
    }
    told
}

/// The token in the newest mail to this address; a mail that is being written has its name only when it is whole.
fn find_token(outbox: &Path, email: &str) -> anyhow::Result<Option<String>> {
    let Ok(entries) = std::fs::read_dir(outbox) else { return Ok(None) };
    let mut mails: Vec<PathBuf> = entries.filter_map(|entry| Some(entry.ok()?.path())).collect();
    mails.retain(|path| path.extension().is_some_and(|extension| extension == "eml"));
    mails.sort();
    for path in mails.iter().rev() {
        let mail = std::fs::read_to_string(path)?;
        let token = mail.split_once("verify-email?token=").map(|(_, rest)| rest);
        if let (true, Some(rest)) = (mail.contains(email), token) {
            let is_token = |c: &char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
            return Ok(Some(rest.chars().take_while(is_token).collect()));
        }
    }
    Ok(None)
}
