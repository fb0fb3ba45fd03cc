//! Two servers at one database: what ends at one has ended at the other, though each remembers who may come in.

use super::{
    cut_off::{EMAIL, PASSWORD, access_token},
    server::Server,
};
use diesel_async::{AsyncPgConnection, SimpleAsyncConnection};
use reqwest::{Method, StatusCode};
use std::{path::Path, time::Duration};
use web::Patience;

/// Shorter than anything is remembered, so that only a notice can be what was in time.
const SOON: Duration = Duration::from_secs(3);

const END: &str = "update sessions set ended_at = now(), end_reason = 'revoked'";
const REVIVE: &str = "update sessions set ended_at = null, end_reason = null";

/// A session ends, first behind everybody's back, then by a logout at the first server.
pub(crate) async fn crosses(servers: [Server; 2], system: &mut AsyncPgConnection, folder: &Path) {
    let mut client = servers[0].client(folder);
    client.join(EMAIL, PASSWORD).await.unwrap();
    let token = &access_token(&servers[0]).await;
    let patience = Patience { connect: SOON, total: SOON };
    let http = web::client(patience).unwrap();
    let call = |server: &Server, method, path| {
        let request = http.request(method, format!("{}/api/v1/auth/{path}", server.base));
        let request = request.bearer_auth(token);
        async { request.send().await.unwrap().status() }
    };
    let me = |server| call(server, Method::GET, "me");
    assert_eq!(me(&servers[0]).await, StatusCode::OK);
    // What no notice tells of is not seen: so the second server does answer from memory.
    let remembers = async {
        loop {
            system.batch_execute(REVIVE).await.unwrap();
            let live = me(&servers[1]).await;
            system.batch_execute(END).await.unwrap();
            if [live, me(&servers[1]).await] == [StatusCode::OK; 2] {
                return system.batch_execute(REVIVE).await.unwrap();
            }
        }
    };
    tokio::time::timeout(Duration::from_secs(20), remembers).await.expect("the other server remembers");
    let logged_out = call(&servers[0], Method::POST, "logout").await;
    assert!(logged_out.is_success(), "{logged_out}");
    assert_eq!(me(&servers[0]).await, StatusCode::UNAUTHORIZED, "there at once");
    let bites = async {
        while me(&servers[1]).await != StatusCode::UNAUTHORIZED {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(SOON, bites).await.expect("the other server was told");
}
