//! Whom a `rediss://` address trusts. The environment says which roots are the system's, and a process can't change its
//! own: the test runs itself.

use crate::{quota, reached_at};
use kernel::RateLimiter;
use local::LiveStreams;
use redis_adapter::{SharedLimiter, listen};
use servers::{Authority, Proxy, Redis as Server, until};
use std::{env, path::Path, process::Command, time::Duration};

const URL: &str = "REDIS_TLS_TEST_URL";
const NAME: &str = "tls::an_encrypted_redis_is_trusted_by_a_root_that_is_named_and_by_no_other";

/// What the program says that reaches for Redis.
async fn said(url: &str, roots: &Path) -> String {
    let mut itself = Command::new(env::current_exe().unwrap());
    itself.args(["--exact", "--nocapture", NAME]).env(URL, url).env("SSL_CERT_FILE", roots);
    itself.env_remove("SSL_CERT_DIR");
    let ran = tokio::task::spawn_blocking(move || itself.output()).await.unwrap().unwrap();
    assert!(ran.status.success(), "{ran:?}");
    String::from_utf8(ran.stdout).unwrap()
}

/// The second process: asks, counts and listens.
async fn reach(url: &str) -> Result<(), String> {
    let redis = reached_at(url).with_patience(Duration::from_secs(20));
    redis.ping().await.map_err(|error| error.to_string())?;
    SharedLimiter::new(redis.clone()).take("a", quota(1)).await.map_err(|error| error.to_string())?;
    let live = LiveStreams::new();
    let followers = live.clone();
    let listening = tokio::spawn(async move { listen(&redis, followers.as_ref()).await });
    until(async || live.hears_all()).await;
    listening.abort();
    Ok(())
}

#[tokio::test]
#[expect(
    clippy::disallowed_methods,
    reason = "the second process of this test is told by the environment what it is"
)]
async fn an_encrypted_redis_is_trusted_by_a_root_that_is_named_and_by_no_other() {
    if let Ok(url) = env::var(URL) {
        println!("reached: {:?}", reach(&url).await);
        return;
    }
    let (ours, theirs) = (Authority::new("ours"), Authority::new("theirs"));
    let server = Server::start();
    let _: String = server.send("CONFIG SET requirepass t0ken").await;
    let proxy = Proxy::with_tls(server.address(), ours.acceptor("127.0.0.1")).await;
    let url = |token| format!("rediss://default:{token}@{}", proxy.address);
    let trusted = said(&url("t0ken"), &ours.file()).await;
    assert!(trusted.contains("reached: Ok(())"), "{trusted}");
    let wrong = said(&url("hunter2"), &ours.file()).await;
    assert!(wrong.contains("reached: Err") && !wrong.contains("hunter2"), "{wrong}");
    let unknown = said(&url("t0ken"), &theirs.file()).await;
    assert!(unknown.contains("UnknownIssuer"), "{unknown}");
    let elsewhere = Proxy::with_tls(server.address(), ours.acceptor("redis.example")).await;
    let misnamed = said(&format!("rediss://default:t0ken@{}", elsewhere.address), &ours.file()).await;
    assert!(misnamed.contains("reached: Err") && misnamed.contains("certificate"), "{misnamed}");
    // Whoever expects no encryption is not talked to in plain.
    let plain = said(&format!("redis://default:t0ken@{}", proxy.address), &ours.file()).await;
    assert!(plain.contains("reached: Err"), "{plain}");
}
