use super::*;
use serde_json::json;

#[derive(ToSchema, serde::Deserialize)]
#[expect(dead_code, reason = "only its schema is looked at")]
struct Trip {
    #[schema(min_length = 1, max_length = 5)]
    name: String,
    #[schema(maximum = 9)]
    seats: u32,
    mode: Option<Mode>,
    stops: Vec<Stop>,
    note: Option<String>,
    labels: HashMap<String, bool>,
    extra: Option<Value>,
}

#[derive(ToSchema, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
enum Mode {
    Train,
    OnFoot,
}

#[derive(ToSchema, serde::Deserialize)]
#[expect(dead_code, reason = "only its schema is looked at")]
struct Stop {
    id: uuid::Uuid,
    #[schema(value_type = String, format = Date)]
    on: String,
}

fn broken(value: &Value) -> Vec<(String, &'static str)> {
    Contract::of::<Trip>().broken_by(value, "").into_iter().map(|e| (e.pointer, e.code)).collect()
}

#[test]
fn a_value_that_keeps_the_contract_passes() {
    let stop = json!({"id": "01976f6e-1111-7abc-8def-000000000000", "on": "2026-03-02"});
    let trip = json!({
        "name": "Oslo", "seats": 3, "mode": "on_foot", "stops": [stop], "note": null,
        "labels": {"x": true}, "extra": {"any": ["thing"]},
    });
    assert_eq!(broken(&trip), []);
    assert_eq!(broken(&json!({"name": "Oslo", "seats": 3, "stops": [], "labels": {}, "mode": null})), []);
}

#[test]
fn everything_wrong_is_told_at_once_with_its_pointer() {
    let trip = json!({
        "name": "far too long", "seats": "3", "mode": "car", "stops": [{"id": "7", "on": "today", "by": 1}],
        "note": 5, "labels": {"a/b": 1}, "is_admin": true,
    });
    let found = broken(&trip);
    for expected in [
        ("/name", "too_long"),
        ("/seats", "wrong_type"),
        ("/mode", "unknown_value"),
        ("/stops/0/id", "invalid_format"),
        ("/stops/0/on", "invalid_format"),
        ("/stops/0/by", "unknown_field"),
        ("/note", "wrong_type"),
        ("/labels/a~1b", "wrong_type"),
        ("/is_admin", "unknown_field"),
    ] {
        assert!(found.contains(&(expected.0.to_owned(), expected.1)), "{expected:?} is not in {found:?}");
    }
    assert_eq!(found.len(), 9, "{found:?}");
}

#[test]
fn what_is_missing_and_out_of_bounds_is_told() {
    let found = broken(&json!({"name": "", "seats": 10, "stops": {}}));
    let expected =
        [("/labels", "required"), ("/name", "required"), ("/seats", "too_large"), ("/stops", "wrong_type")];
    assert_eq!(found.len(), expected.len(), "{found:?}");
    assert!(expected.iter().all(|(at, code)| found.contains(&((*at).to_owned(), code))), "{found:?}");
    assert_eq!(broken(&json!([])), [(String::new(), "wrong_type")]);
}

#[test]
fn nul_is_refused_at_any_depth_and_the_list_of_errors_is_bounded() {
    let found = broken(&json!({"name": "a\u{0}", "seats": 1, "stops": [], "labels": {}, "extra": ["\u{0}"]}));
    let codes: Vec<_> = found.iter().map(|(at, code)| (at.as_str(), *code)).collect();
    assert_eq!(codes, [("/extra/0", "forbidden_character"), ("/name", "forbidden_character")]);
    let flood: Map<String, Value> = (0..5_000).map(|n| (format!("f{n}"), Value::Null)).collect();
    assert_eq!(broken(&Value::Object(flood)).len(), MOST);
}
