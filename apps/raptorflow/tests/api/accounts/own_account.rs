//! What a person changes of their own account.

use crate::fixture::{
    Edges, Fixture, expect, expect_problem, fields,
    logins::{Member, PASSWORD},
};
use reqwest::{Method, Response};
use serde_json::{Value, json};
use std::num::NonZeroU32;
use std::time::Duration;

const ADA: &str = "ada@example.com";
const NEW: &str = "a better horse battery";
const ME: &str = "/api/v1/users/me";
const SESSIONS: &str = "/api/v1/auth/sessions";

async fn put(fixture: &Fixture, by: &Member, path: &str, body: &Value) -> Response {
    fixture.by(by, Method::PUT, path).json(body).send().await.unwrap()
}

async fn get(fixture: &Fixture, by: &Member, path: &str) -> Response {
    fixture.by(by, Method::GET, path).send().await.unwrap()
}

fn pairs(expected: &[(&str, &str)]) -> Vec<(String, String)> {
    expected.iter().map(|(pointer, code)| ((*pointer).to_owned(), (*code).to_owned())).collect()
}

#[actix_web::test]
async fn nobody_gets_anything_without_a_login() {
    let fixture = Fixture::with_real_logins();
    let unknown = format!("{SESSIONS}/00000000-0000-0000-0000-000000000007");
    let password = format!("{ME}/password");
    let email = format!("{ME}/email");
    let calls = [
        (Method::GET, ME),
        (Method::PUT, ME),
        (Method::PUT, &password),
        (Method::PUT, &email),
        (Method::GET, SESSIONS),
        (Method::DELETE, &unknown),
    ];
    for (method, path) in calls {
        let refused = fixture.anonymous(method, path).send().await.unwrap();
        expect_problem(refused, 401, "unauthenticated").await;
    }
}

#[actix_web::test]
async fn the_password_of_a_session_is_guessed_no_more_often_than_a_strangers() {
    let tries = 10;
    let auth = NonZeroU32::new(tries).unwrap();
    let fixture = Fixture::met(Edges { has_real_logins: true, auth, ..Edges::default() });
    let ada = fixture.member(ADA).await;
    let guess = json!({"current_password": "a wrong guess", "new_password": NEW});
    for _ in 0..tries {
        let refused = put(&fixture, &ada, &format!("{ME}/password"), &guess).await;
        expect_problem(refused, 403, "current_password_wrong").await;
    }
    let new = json!({"email": "new@example.com", "current_password": PASSWORD});
    for (path, body) in [("password", &guess), ("email", &new)] {
        let refused = put(&fixture, &ada, &format!("{ME}/{path}"), body).await;
        assert_eq!(expect_problem(refused, 429, "rate_limited").await["policy"], "auth");
    }
    assert_eq!(get(&fixture, &ada, ME).await.status(), 200, "the rest goes on");
}

#[actix_web::test]
async fn nobody_fills_a_postbox_by_wishing_to_move_there_and_back() {
    let fixture = Fixture::with_real_logins();
    let ada = fixture.member(ADA).await;
    let wish = async |address: &str| {
        put(&fixture, &ada, &format!("{ME}/email"), &json!({"email": address})).await.status().as_u16()
    };
    for _ in 0..5 {
        assert_eq!([wish("victim@example.com").await, wish("other@example.com").await], [202, 202]);
    }
    assert_eq!([wish("victim@example.com").await, wish("third@example.com").await], [429, 202]);
}

#[actix_web::test]
async fn a_profile_is_read_and_changed_at_the_version_that_was_seen() {
    let fixture = Fixture::with_real_logins();
    let ada = fixture.member(ADA).await;
    let found = get(&fixture, &ada, ME).await;
    assert_eq!(found.headers()["etag"], "\"2\"");
    let mut expected = json!({
        "id": ada.id, "email": ADA, "email_verified": true, "display_name": "Ada Lovelace", "time_zone": null,
        "locale": null, "job_title": null, "avatar_url": null, "version": 2, "created_at": "2026-03-02T09:00:00Z",
    });
    assert_eq!(expect(found, 200).await, expected);
    let change = json!({
        "display_name": null, "time_zone": "Asia/Kolkata", "locale": "EN-in", "job_title": " Analyst ",
        "avatar_url": "https://cdn.example.com/ada.png",
    });
    let changed = fixture.by(&ada, Method::PUT, ME).header("if-match", "\"2\"").json(&change);
    let changed = changed.send().await.unwrap();
    assert_eq!(changed.headers()["etag"], "\"3\"");
    for (name, value) in [
        ("display_name", Value::Null),
        ("time_zone", json!("Asia/Kolkata")),
        ("locale", json!("en-IN")),
        ("job_title", json!("Analyst")),
        ("avatar_url", json!("https://cdn.example.com/ada.png")),
        ("version", json!(3)),
    ] {
        expected[name] = value;
    }
    assert_eq!(expect(changed, 200).await, expected);
    assert_eq!(expect(put(&fixture, &ada, ME, &json!({})).await, 200).await, expected, "absent stays");
    let stale = fixture.by(&ada, Method::PUT, ME).header("if-match", "\"2\"").json(&json!({}));
    expect_problem(stale.send().await.unwrap(), 412, "stale_version").await;
    let wrong =
        json!({"time_zone": "Asia/Atlantis", "locale": "en_IN", "avatar_url": "http://example.com/a.png"});
    let wrong = expect_problem(put(&fixture, &ada, ME, &wrong).await, 422, "invalid").await;
    let every = [
        ("/time_zone", "unknown_time_zone"),
        ("/locale", "invalid_format"),
        ("/avatar_url", "invalid_format"),
    ];
    assert_eq!(fields(&wrong), pairs(&every));
    let raised = put(&fixture, &ada, ME, &json!({"platform_role": "admin"})).await;
    let raised = expect_problem(raised, 422, "invalid").await;
    assert_eq!(fields(&raised), pairs(&[("/platform_role", "unknown_field")]));
    assert_eq!(expect(get(&fixture, &ada, ME).await, 200).await, expected);
}

#[actix_web::test]
async fn a_changed_password_leaves_one_login_of_many() {
    let fixture = Fixture::with_real_logins();
    let ada = fixture.member(ADA).await;
    let other = fixture.log_in(ADA, PASSWORD).await;
    let path = format!("{ME}/password");
    let ask = |current: &str, new: &str| json!({"current_password": current, "new_password": new});
    let wrong = put(&fixture, &ada, &path, &ask("wrong horse battery", NEW)).await;
    expect_problem(wrong, 403, "current_password_wrong").await;
    let bad = expect_problem(put(&fixture, &ada, &path, &ask("", "short")).await, 422, "invalid").await;
    assert_eq!(fields(&bad), pairs(&[("/current_password", "required"), ("/new_password", "too_short")]));
    assert_eq!(get(&fixture, &other, ME).await.status(), 200);

    assert_eq!(put(&fixture, &ada, &path, &ask(PASSWORD, NEW)).await.status(), 204);
    assert_eq!(get(&fixture, &ada, ME).await.status(), 200);
    expect_problem(get(&fixture, &other, ME).await, 401, "unauthenticated").await;
    fixture.log_in(ADA, NEW).await;
    fixture.work().await;
    assert_eq!(fixture.mails().pop().unwrap().subject, "Your RaptorFlow password was changed");
}

#[actix_web::test]
async fn an_account_moves_to_an_address_that_was_proven() {
    let fixture = Fixture::with_real_logins();
    let (ada, bob) = (fixture.member(ADA).await, fixture.member("bob@example.com").await);
    let path = format!("{ME}/email");
    let ask = |email: &str| json!({"email": email});
    let taken = expect(put(&fixture, &bob, &path, &ask(ADA)).await, 202).await;
    let free = expect(put(&fixture, &ada, &path, &ask("ada@example.org")).await, 202).await;
    assert_eq!((&taken, &free), (&json!({}), &json!({})));
    let bad = expect_problem(put(&fixture, &ada, &path, &ask("nowhere")).await, 422, "invalid").await;
    assert_eq!(fields(&bad), pairs(&[("/email", "not_an_email_address")]));
    fixture.work().await;
    let notice = "Somebody wants to use your address for RaptorFlow";
    assert!(fixture.mails().iter().any(|mail| mail.to == ADA && mail.subject == notice));

    let token = fixture.mailed_token("ada@example.org");
    assert_eq!(expect(get(&fixture, &ada, ME).await, 200).await["email"], ADA, "nothing has moved");
    let link = format!("/api/v1/auth/verify-email?token={token}");
    let confirmed = fixture.anonymous(Method::GET, &link).send().await.unwrap();
    assert_eq!(expect(confirmed, 200).await, json!({"verified": true}));
    assert_eq!(expect(get(&fixture, &ada, ME).await, 200).await["email"], "ada@example.org");
    fixture.work().await;
    let mail = fixture.mails().pop().unwrap();
    let told = "Your RaptorFlow account has moved to another address";
    assert_eq!((mail.to.as_str(), mail.subject.as_str()), (ADA, told));
    fixture.log_in("ada@example.org", PASSWORD).await;

    let request = ask("bob@example.org");
    assert_eq!(put(&fixture, &bob, &path, &request).await.status(), 202);
    fixture.work().await;
    let late = format!("/api/v1/auth/verify-email?token={}", fixture.mailed_token("bob@example.org"));
    fixture.member("bob@example.org").await;
    let lost = fixture.anonymous(Method::GET, &late).send().await.unwrap();
    expect_problem(lost, 409, "email_taken").await;
    fixture.clock.advance(Duration::from_secs(16 * 60));
    let refreshed = fixture.send("/api/v1/auth/refresh", &json!({"refresh_token": bob.refresh})).await;
    let access = expect(refreshed, 200).await["access_token"].as_str().unwrap().to_owned();
    let bob = Member { access, ..bob };
    expect_problem(put(&fixture, &bob, &path, &request).await, 403, "fresh_authentication_required").await;
    let fresh = fixture.log_in("bob@example.com", PASSWORD).await;
    assert_eq!(put(&fixture, &fresh, &path, &request).await.status(), 202);
}

#[actix_web::test]
async fn sessions_are_listed_and_ended() {
    let fixture = Fixture::with_real_logins();
    let (ada, bob) = (fixture.member(ADA).await, fixture.member("bob@example.com").await);
    fixture.clock.advance(Duration::from_secs(60));
    let phone = fixture.log_in(ADA, PASSWORD).await;
    let page = expect(get(&fixture, &ada, SESSIONS).await, 200).await;
    let items = page["items"].as_array().unwrap();
    let currents: Vec<&Value> = items.iter().map(|item| &item["current"]).collect();
    assert_eq!(currents, [&json!(false), &json!(true)], "the latest login first");
    let whole = json!({
        "id": items[0]["id"], "current": false, "address": "127.0.0.1", "user_agent": items[0]["user_agent"],
        "created_at": "2026-03-02T09:01:00Z", "last_seen_at": "2026-03-02T09:01:00Z",
        "expires_at": "2026-04-01T09:01:00Z",
    });
    assert_eq!(items[0], whole);
    let first = expect(get(&fixture, &ada, &format!("{SESSIONS}?limit=1")).await, 200).await;
    assert_eq!(first["items"], json!([whole]));
    let next = format!("{SESSIONS}?limit=1&cursor={}", first["next_cursor"].as_str().unwrap());
    assert_eq!(expect(get(&fixture, &ada, &next).await, 200).await["items"], json!([items[1]]));
    expect_problem(get(&fixture, &bob, &next).await, 400, "cursor_invalid").await;

    let of = |id: &Value| format!("{SESSIONS}/{}", id.as_str().unwrap());
    let end = async |by: &Member, path: &str| fixture.by(by, Method::DELETE, path).send().await.unwrap();
    let foreign = expect_problem(end(&bob, &of(&items[0]["id"])).await, 404, "not_found").await;
    let unknown = format!("{SESSIONS}/00000000-0000-0000-0000-000000000007");
    let unknown = expect_problem(end(&bob, &unknown).await, 404, "not_found").await;
    assert_eq!((&foreign["title"], &foreign["detail"]), (&unknown["title"], &unknown["detail"]));
    expect_problem(end(&ada, &format!("{SESSIONS}/seven")).await, 400, "invalid_path").await;
    assert_eq!(end(&ada, &of(&items[0]["id"])).await.status(), 204);
    expect_problem(get(&fixture, &phone, ME).await, 401, "unauthenticated").await;
    expect_problem(end(&ada, &of(&items[0]["id"])).await, 404, "not_found").await;
    assert_eq!(expect(get(&fixture, &ada, SESSIONS).await, 200).await["items"], json!([items[1]]));
    assert_eq!(end(&ada, &of(&items[1]["id"])).await.status(), 204, "the own one");
    expect_problem(get(&fixture, &ada, ME).await, 401, "unauthenticated").await;
}
