//! An area that is switched off by the operator.

use super::{
    server::Server,
    tracing::{http, joined, making_a_workspace},
};
use reqwest::Method;
use serde_json::{Value, json};

/// Status and body of the answer.
async fn answer(server: &Server, token: &str, method: Method, path: &str) -> (u16, Value) {
    let request = http().request(method, format!("{}{path}", server.base)).bearer_auth(token);
    let answer = request.json(&json!({})).send().await.unwrap();
    (answer.status().as_u16(), answer.json().await.unwrap())
}

#[tokio::test]
async fn an_area_that_is_off_says_so_while_the_others_go_on_and_operators_see_it() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::embedded_with(folder.path(), &[("FEATURES", "-campaigns")]).await;
    let token = joined(&server, folder.path()).await;
    assert_eq!(making_a_workspace(&server, &token).send().await.unwrap().status(), 201);
    let somewhere = "/api/v1/campaigns/01976f6e-0000-7000-8000-0000deadbeef";
    let routes = [
        (Method::GET, "/api/v1/campaigns/list"),
        (Method::POST, "/api/v1/campaigns/create"),
        (Method::GET, somewhere),
    ];
    for (method, path) in routes {
        let (status, problem) = answer(&server, &token, method, path).await;
        assert_eq!((status, &problem["code"]), (403, &"feature_disabled".into()), "{path}: {problem}");
    }
    let (_, anonymous) = answer(&server, "nobody", Method::GET, somewhere).await;
    assert_eq!(anonymous["code"], "feature_disabled", "it is the same for everybody");
    for on in ["/api/v1/daily-wins", "/api/v1/agents", "/api/v1/jobs"] {
        assert_eq!(answer(&server, &token, Method::GET, on).await.0, 200, "{on}");
    }
    let (status, told) = answer(&server, &token, Method::GET, "/health/detailed").await;
    assert_eq!((status, &told["features_off"]), (200, &json!(["campaigns"])), "{told}");
}

#[tokio::test]
async fn where_everything_is_on_nothing_is_listed() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::embedded(folder.path()).await;
    assert_eq!(answer(&server, "nobody", Method::GET, "/health/detailed").await.1["features_off"], json!([]));
    let (_, anonymous) = answer(&server, "nobody", Method::GET, "/api/v1/campaigns/list").await;
    assert_eq!(anonymous["code"], "unauthenticated");
}
