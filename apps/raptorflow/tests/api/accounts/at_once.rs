//! What is wrong with the form of a body and what its domain refuses are told in one answer, each place once.

use crate::fixture::{Fixture, expect, expect_problem, fields};
use reqwest::{Method, Response};
use serde_json::json;

async fn told(answer: Response, expected: &[(&str, &str)]) {
    let found = fields(&expect_problem(answer, 422, "invalid").await);
    let mut found: Vec<(&str, &str)> = found.iter().map(|(at, code)| (at.as_str(), code.as_str())).collect();
    found.sort_unstable();
    assert_eq!(found, expected);
}

#[actix_web::test]
async fn a_sign_up_names_what_is_unknown_missing_and_wrong() {
    let fixture = Fixture::with_real_logins();
    let send = async |body| {
        let request = fixture.anonymous(Method::POST, "/api/v1/auth/signup").json(&body);
        request.send().await.unwrap()
    };
    let unknown = json!({"email": "x", "password": "password", "display_name": "a\nb", "is_admin": true});
    let expected = [
        ("/display_name", "forbidden_character"),
        ("/email", "not_an_email_address"),
        ("/is_admin", "unknown_field"),
        ("/password", "too_common"),
    ];
    told(send(unknown).await, &expected).await;
    let missing = json!({"email": " "});
    told(send(missing).await, &[("/email", "required"), ("/password", "required")]).await;
}

#[actix_web::test]
async fn a_workspace_an_invitation_a_key_and_a_step_name_all_that_is_wrong() {
    let fixture = Fixture::start();
    let home = fixture.home().await;
    let body = json!({"name": " ", "slug": "No", "time_zone": "Mars/Base", "plan": "gold"});
    let expected = [
        ("/name", "required"),
        ("/plan", "unknown_field"),
        ("/slug", "too_short"),
        ("/time_zone", "unknown_time_zone"),
    ];
    told(fixture.post(&home, "/api/v1/workspaces", &body).await, &expected).await;

    let path = format!("/api/v1/workspaces/{}", home.workspace);
    let body = json!({"email": "x"});
    let expected = [("/email", "not_an_email_address"), ("/role", "required")];
    told(fixture.post(&home, &format!("{path}/invitations"), &body).await, &expected).await;

    let body = json!({"name": "", "scopes": ["bcm:delete", 7], "colour": "red"});
    let expected = [
        ("/colour", "unknown_field"),
        ("/name", "required"),
        ("/scopes/0", "unknown_value"),
        ("/scopes/1", "wrong_type"),
    ];
    told(fixture.post(&home, &format!("{path}/api-keys"), &body).await, &expected).await;

    let session = fixture.post(&home, "/api/v1/onboarding/session", &json!({})).await;
    let session = expect(session, 201).await;
    let path = format!("/api/v1/onboarding/session/{}", session["id"].as_str().unwrap());
    let body = json!({"step": "company", "answers": {"name": 7, "shoe_size": 44}, "draft": true});
    let expected = [
        ("/answers/name", "wrong_type"),
        ("/answers/shoe_size", "unknown_field"),
        ("/draft", "unknown_field"),
    ];
    told(fixture.call(&home, Method::PUT, &path).json(&body).send().await.unwrap(), &expected).await;
}
