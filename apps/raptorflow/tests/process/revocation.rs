//! Two servers at one database: what ends at one has ended at the other, though each remembers who may come in.

use super::{
    cut_off::{EMAIL, PASSWORD, access_token},
    server::Server,
};
use reqwest::{Method, StatusCode};
use std::{path::Path, time::Duration};
use web::Patience;

/// Shorter than anything is remembered, so that only a notice can be what was in time.
const SOON: Duration = Duration::from_secs(3);

/// Logs out at the first server, after the second has let the session in.
pub(crate) async fn crosses(servers: [Server; 2], folder: &Path) {
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
    for server in [&servers[1], &servers[0], &servers[1]] {
        assert_eq!(call(server, Method::GET, "me").await, StatusCode::OK);
    }
    let logged_out = call(&servers[0], Method::POST, "logout").await;
    assert!(logged_out.is_success(), "{logged_out}");
    assert_eq!(call(&servers[0], Method::GET, "me").await, StatusCode::UNAUTHORIZED, "there at once");
    let bites = async {
        while call(&servers[1], Method::GET, "me").await != StatusCode::UNAUTHORIZED {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(SOON, bites).await.expect("the other server was told");
}
