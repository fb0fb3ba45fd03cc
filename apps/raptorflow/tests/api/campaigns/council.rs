//! The council of a workspace.

use super::scene::{NOW, items};
use crate::fixture::{Fixture, expect};
use agents::Lord;
use serde_json::{Value, json};

#[actix_web::test]
async fn a_new_workspace_has_its_seven_agents_in_order() {
    let fixture = Fixture::start();
    let home = fixture.home().await;
    let council = expect(fixture.get(&home, "/api/v1/agents").await, 200).await;
    let expected: Vec<Value> = Lord::ALL
        .iter()
        .zip(council["items"].as_array().unwrap())
        .map(|(lord, agent)| {
            let charter = lord.charter();
            json!({
                "id": agent["id"], "workspace_id": home.workspace, "key": lord.name(), "name": charter.name,
                "title": charter.title, "instructions": charter.instructions,
                "model_alias": charter.alias.name(), "tools": charter.tools, "enabled": true, "version": 1,
                "created_at": NOW, "updated_at": NOW,
            })
        })
        .collect();
    assert_eq!(expected.len(), 7);
    assert_eq!(council, json!({"items": expected, "next_cursor": null}));
    for agent in expected {
        let response = fixture.get(&home, &format!("/api/v1/agents/{}", agent["id"].as_str().unwrap())).await;
        assert_eq!(response.headers()["etag"], "\"1\"");
        assert_eq!(expect(response, 200).await, agent);
    }
}

#[actix_web::test]
async fn the_council_comes_in_pages_too() {
    let fixture = Fixture::start();
    let home = fixture.home().await;
    let all = items(&fixture, &home, "/api/v1/agents").await;
    let first = expect(fixture.get(&home, "/api/v1/agents?limit=4").await, 200).await;
    assert_eq!(first["items"].as_array().unwrap(), &all[..4]);
    let path = format!("/api/v1/agents?limit=4&cursor={}", first["next_cursor"].as_str().unwrap());
    assert_eq!(
        expect(fixture.get(&home, &path).await, 200).await,
        json!({"items": &all[4..], "next_cursor": null})
    );
}
