//! From sign-up to logout, as a person walks it.

use crate::fixture::{Fixture, expect, expect_problem};
use reqwest::Method;
use serde_json::json;

#[actix_web::test]
async fn somebody_signs_up_comes_in_by_the_mail_and_leaves() {
    let fixture = Fixture::with_real_logins();
    let ada = fixture.member("ada@example.com").await;
    let me = expect(fixture.by(&ada, Method::GET, "/api/v1/auth/me").send().await.unwrap(), 200).await;
    let user = json!({
        "id": ada.id, "email": "ada@example.com", "email_verified": true, "display_name": "Ada Lovelace",
        "created_at": "2026-03-02T09:00:00Z",
    });
    assert_eq!(me, json!({"user": user, "mfa_enabled": false, "memberships": []}));
    assert_eq!(fixture.mails().len(), 1);
    let left = fixture.by(&ada, Method::POST, "/api/v1/auth/logout").send().await.unwrap();
    assert_eq!(left.status(), 204);
    let refused = fixture.by(&ada, Method::GET, "/api/v1/auth/me").send().await.unwrap();
    expect_problem(refused, 401, "unauthenticated").await;
}

#[actix_web::test]
async fn a_home_of_the_fixture_has_a_login_like_everybody() {
    let fixture = Fixture::with_real_logins();
    let home = fixture.home().await;
    let found = fixture.get(&home, &format!("/api/v1/workspaces/{}", home.workspace)).await;
    assert_eq!(expect(found, 200).await["role"], "owner");
    let forged = fixture.anonymous(Method::GET, "/api/v1/auth/me").bearer_auth(home.user);
    expect_problem(forged.send().await.unwrap(), 401, "unauthenticated").await;
}
