//! Reading the business context and its versions.

use super::walk::{NOW, bakery, describe, finalize, read, refused, wrong_fields};
use crate::fixture::{Fixture, Home, expect};
use bcm::{ContextVersion, canonical_json, sha256_hex};
use reqwest::Method;
use serde_json::{Value, json};

async fn at(fixture: &Fixture, owner: &Home, rest: &str) -> Value {
    read(fixture, owner, &format!("/api/v1/bcm/{}{rest}", owner.workspace)).await
}

/// The profile of a brief as the document holds it.
fn profile(icp: &Value) -> Value {
    let mut profile = icp.clone();
    for member in ["workspace_id", "version", "created_at", "updated_at"] {
        profile.as_object_mut().unwrap().remove(member);
    }
    profile
}

fn hash(number: i32, previous: Option<&str>, document: &Value) -> String {
    sha256_hex(&ContextVersion::hashed_text(number, previous, &canonical_json(document).unwrap()))
}

#[actix_web::test]
async fn the_current_version_holds_what_was_told_and_its_hash() {
    let fixture = Fixture::start();
    let owner = fixture.home().await;
    let id = describe(&fixture, &owner, &bakery()).await;
    let built = finalize(&fixture, &owner, &id).await;
    let told = &built["foundation"];
    let gaps = json!(["icps.pains", "icps.objections", "icps.triggers", "icps.channels"]);
    let document = json!({
        "schema": 1, "company": told["company"], "offer": told["offer"], "positioning": told["positioning"],
        "icps": [profile(&built["icps"][0]), profile(&built["icps"][1])], "channels": told["channels"],
        "goals": told["goals"], "voice": told["voice"], "constraints": told["constraints"], "gaps": gaps,
    });
    let response =
        fixture.call(&owner, Method::GET, &format!("/api/v1/bcm/{}", owner.workspace)).send().await.unwrap();
    assert_eq!(response.headers()["etag"], "\"1\"");
    let current = expect(response, 200).await;
    let expected = json!({
        "workspace_id": owner.workspace, "version": 1, "hash": hash(1, None, &document), "previous_hash": null,
        "document": document, "completeness": 89, "source": "onboarding", "reason": "Onboarding was finalised",
        "author": {"kind": "user", "id": owner.user}, "created_at": NOW,
    });
    assert_eq!(current, expected);
    assert_eq!(at(&fixture, &owner, "/versions/1").await, expected);
    let mut info = expected;
    let document = info.as_object_mut().unwrap().remove("document").unwrap();
    info["icps"] = 2.into();
    info["gaps"] = gaps;
    info["document_bytes"] = canonical_json(&document).unwrap().len().into();
    assert_eq!(at(&fixture, &owner, "/info").await, info);
}

#[actix_web::test]
async fn a_second_walk_makes_a_second_version_bound_to_the_first() {
    let fixture = Fixture::start();
    let owner = fixture.home().await;
    assert_eq!(at(&fixture, &owner, "/integrity").await, json!({"ok": true, "checked_versions": 0}));
    let empty = json!({"items": [], "next_cursor": null});
    assert_eq!(at(&fixture, &owner, "/versions").await, empty);
    for name in ["Crumb & Co", "Crumb & Daughters"] {
        let mut brief = bakery();
        brief["company"]["name"] = name.into();
        let id = describe(&fixture, &owner, &brief).await;
        finalize(&fixture, &owner, &id).await;
    }
    let (first, second) = (at(&fixture, &owner, "/versions/1").await, at(&fixture, &owner, "").await);
    assert_eq!(second["version"], 2);
    assert_eq!(second["previous_hash"], first["hash"]);
    assert_eq!(second["hash"], hash(2, first["hash"].as_str(), &second["document"]));
    assert_eq!(second["document"]["company"]["name"], "Crumb & Daughters");
    assert_eq!(at(&fixture, &owner, "/integrity").await, json!({"ok": true, "checked_versions": 2}));
    assert_eq!(read(&fixture, &owner, "/api/v1/foundation").await["version"], 2);

    let summary = |version: &Value| {
        let mut summary = version.clone();
        summary.as_object_mut().unwrap().retain(|name, _| name != "document" && name != "workspace_id");
        summary
    };
    let newest = at(&fixture, &owner, "/versions?limit=1").await;
    assert_eq!(newest["items"], json!([summary(&second)]));
    let cursor = newest["next_cursor"].as_str().unwrap();
    let rest = at(&fixture, &owner, &format!("/versions?limit=1&cursor={cursor}")).await;
    assert_eq!(rest, json!({"items": [summary(&first)], "next_cursor": null}));
}

#[actix_web::test]
async fn before_onboarding_there_is_no_context_and_no_foundation() {
    let fixture = Fixture::start();
    let owner = fixture.home().await;
    let context = format!("/api/v1/bcm/{}", owner.workspace);
    for path in [&context, &format!("{context}/info"), &format!("{context}/versions/1"), "/api/v1/foundation"]
    {
        refused(fixture.call(&owner, Method::GET, path), 404, "not_found").await;
    }
    assert_eq!(read(&fixture, &owner, "/api/v1/icps").await, json!({"items": [], "next_cursor": null}));
}

#[actix_web::test]
async fn a_version_is_a_number_and_ids_are_uuids() {
    let fixture = Fixture::start();
    let owner = fixture.home().await;
    let versions = format!("/api/v1/bcm/{}/versions", owner.workspace);
    for bad in ["one", "1.5", "99999999999"] {
        let request = fixture.call(&owner, Method::GET, &format!("{versions}/{bad}"));
        let wrong = refused(request, 400, "invalid_path").await;
        assert_eq!(wrong_fields(&wrong), ["version invalid_format"], "{bad}");
    }
    for unknown in ["0", "-1", "2147483647"] {
        refused(fixture.call(&owner, Method::GET, &format!("{versions}/{unknown}")), 404, "not_found").await;
    }
    let wrong = refused(fixture.call(&owner, Method::GET, "/api/v1/icps/finn"), 400, "invalid_path").await;
    assert_eq!(wrong_fields(&wrong), ["icp_id invalid_format"]);
    refused(fixture.call(&owner, Method::GET, "/api/v1/bcm/mine"), 400, "invalid_workspace_id").await;
    let list = fixture.call(&owner, Method::GET, &format!("{versions}?limit=0&sort=up"));
    let wrong = refused(list, 400, "invalid_query").await;
    assert_eq!(wrong_fields(&wrong), ["limit too_small", "sort unknown_field"]);
}
