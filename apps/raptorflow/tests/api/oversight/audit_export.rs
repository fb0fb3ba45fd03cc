//! A workspace's trail as a file.

use super::scene::{join, person, tell, walk};
use crate::fixture::{Fixture, Home, expect, expect_problem, fields};
use kernel::Role;
use reqwest::Method;
use serde_json::{Value, json};

fn path(home: &Home, query: &str) -> String {
    format!("/api/v1/workspaces/{}/audit-logs/export{query}", home.workspace)
}

async fn lines(fixture: &Fixture, home: &Home, query: &str) -> Vec<Value> {
    let response = fixture.get(home, &path(home, query)).await;
    assert_eq!(response.status(), 200);
    assert_eq!(response.headers()["content-type"], "application/x-ndjson");
    let text = response.text().await.unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[actix_web::test]
async fn json_lines_are_the_items_of_the_list_however_many() {
    let fixture = Fixture::with_real_logins();
    let home = fixture.home().await;
    tell(&fixture, &home, 250).await;
    let exported = lines(&fixture, &home, "").await;
    let list = format!("/api/v1/workspaces/{}/audit-logs", home.workspace);
    assert_eq!(exported, walk(&fixture, &home.token, &list, 100).await);
    assert!(exported.len() > 250);
    let told = &exported[0];
    assert_eq!((&told["action"], &told["actor"]["id"]), (&json!("audit.exported"), &json!(home.user)));
    assert_eq!(told["payload"], json!({"format": "jsonl", "filters": []}));

    let some = lines(&fixture, &home, "?format=jsonl&action=workspace.&to=2027-01-01T00:00:00Z").await;
    assert_eq!(some.len(), 1);
    let told = &lines(&fixture, &home, "?action=audit.exported").await[1];
    assert_eq!(told["payload"], json!({"format": "jsonl", "filters": ["action", "to"]}));
}

#[actix_web::test]
async fn a_table_has_a_head_and_no_formula() {
    let fixture = Fixture::with_real_logins();
    let home = fixture.home().await;
    let rename = fixture.call(&home, Method::PUT, &format!("/api/v1/workspaces/{}", home.workspace));
    let rename = rename.header("user-agent", "=HYPERLINK(\"https://evil.example\", \"a\")");
    expect(rename.json(&json!({"name": "Other"})).send().await.unwrap(), 200).await;
    let response = fixture.get(&home, &path(&home, "?format=csv&action=workspace.updated")).await;
    let headers = response.headers().clone();
    assert_eq!(headers["content-type"], "text/csv; charset=utf-8; header=present");
    let file = format!("attachment; filename=\"audit-logs-{}.csv\"", home.workspace);
    assert_eq!(headers["content-disposition"], file.as_str());
    let text = response.text().await.unwrap();
    let mut rows = text.split("\r\n");
    let head = "id,number,occurred_at,action,actor_kind,actor_id,subject_kind,subject_id,workspace_id,address,\
                user_agent,correlation_id,payload";
    assert_eq!(rows.next(), Some(head));
    let row = rows.next().unwrap();
    assert!(row.contains(",\"'=HYPERLINK(\"\"https://evil.example\"\", \"\"a\"\")\","), "{row}");
    assert!(row.ends_with(",\"{\"\"changed\"\":[\"\"name\"\"],\"\"version\"\":2}\""), "{row}");
    assert_eq!((rows.next(), rows.next()), (Some(""), None));
}

#[actix_web::test]
async fn a_member_a_stranger_and_a_wrong_format_are_refused() {
    let fixture = Fixture::with_real_logins();
    let (home, other) = (fixture.home().await, fixture.home().await);
    let member = person(&fixture, "bob").await;
    join(&fixture, &home, member.id, Role::Member).await;
    let refused = fixture.by(&member, Method::GET, &path(&home, "")).send().await.unwrap();
    expect_problem(refused, 403, "forbidden").await;
    expect_problem(fixture.get(&other, &path(&home, "")).await, 404, "not_found").await;
    let problem =
        expect_problem(fixture.get(&home, &path(&home, "?format=xml")).await, 400, "invalid_query").await;
    assert_eq!(fields(&problem), [("format".to_owned(), "unknown_value".to_owned())]);
    let told = lines(&fixture, &home, "?action=a").await;
    assert!(told.is_empty());
    let facts = lines(&fixture, &home, "").await;
    let exports = facts.iter().filter(|fact| fact["action"] == "audit.exported").count();
    assert_eq!(exports, 2, "the refused ones exported nothing");
}
