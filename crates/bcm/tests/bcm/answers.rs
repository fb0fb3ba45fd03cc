//! What the check of answers lets pass, refuses and trims.

use crate::tea_shop;
use bcm::{Demand, Field, Kind, MAX_BYTES, Shape, StepKey, check_answers};
use proptest::prelude::*;
use serde_json::{Map, Value, json};

fn errors(step: StepKey, answers: &Value, demand: Demand) -> Vec<(String, &'static str)> {
    let Err(errors) = check_answers(step, answers, demand) else { return Vec::new() };
    errors.as_slice().iter().map(|error| (error.pointer.clone(), error.code)).collect()
}

#[test]
fn a_whole_brief_passes_as_it_is() {
    for step in StepKey::ALL {
        let answers = tea_shop::answers(step);
        assert_eq!(check_answers(step, &answers, Demand::Complete).unwrap(), answers, "{step:?}");
    }
}

/// Answers of a step that break one rule; where, and which.
type Broken = (StepKey, Value, &'static str, &'static str);

fn broken_texts() -> Vec<Broken> {
    use StepKey::{Company, Offer};
    let long = "x".repeat(3000);
    vec![
        (Company, json!("PostHog"), "/answers", "wrong_type"),
        (Company, json!({"name": 7}), "/answers/name", "wrong_type"),
        (Company, json!({"name": " "}), "/answers/name", "required"),
        (Company, json!({"name": null}), "/answers/name", "required"),
        (Company, json!({"name": "A", "ceo": "B"}), "/answers/ceo", "unknown_field"),
        (Company, json!({"name": "A", "a/b~": 1}), "/answers/a~1b~0", "unknown_field"),
        (Company, json!({"name": long}), "/answers/name", "too_long"),
        (Company, json!({"name": "A\u{0}B"}), "/answers/name", "forbidden_character"),
        (Company, json!({"name": "A", "time_zone": "Mars/Olympus"}), "/answers/time_zone", "not_a_time_zone"),
        (Company, json!({"name": "A", "website": "posthog.com"}), "/answers/website", "not_a_url"),
        (Offer, json!({}), "/answers/summary", "required"),
        (Offer, json!({"summary": "A", "proof_points": "one"}), "/answers/proof_points", "wrong_type"),
        (Offer, json!({"summary": "A", "proof_points": ["a", " "]}), "/answers/proof_points/1", "required"),
        (Offer, json!({"summary": "A", "proof_points": vec!["a"; 21]}), "/answers/proof_points", "too_many"),
    ]
}

fn broken_lists_and_numbers() -> Vec<Broken> {
    use StepKey::{Audience, Channels, Constraints, Goals, Positioning, Voice};
    vec![
        (Audience, json!({}), "/answers", "wrong_type"),
        (Audience, json!([]), "/answers", "required"),
        (Audience, json!([{"name": "A"}, {"titles": []}]), "/answers/1/name", "required"),
        (Audience, json!([{"name": "A", "priority": 0}]), "/answers/0/priority", "not_in_range"),
        (Audience, json!([{"name": "A", "priority": 1.0}]), "/answers/0/priority", "wrong_type"),
        (
            Audience,
            json!([{"name": "A", "firmographics": {"x": {}}}]),
            "/answers/0/firmographics/x",
            "wrong_type",
        ),
        (
            Audience,
            json!([{"name": "A", "firmographics": {" ": "b"}}]),
            "/answers/0/firmographics/ ",
            "required",
        ),
        (
            Audience,
            json!([{"name": "A", "firmographics": {"x": "1", "x ": "2"}}]),
            "/answers/0/firmographics/x ",
            "duplicate",
        ),
        (Audience, json!(vec![json!({"name": "A"}); 13]), "/answers", "too_many"),
        (Positioning, json!({"statement": {"to": "x"}}), "/answers/statement/to", "unknown_field"),
        (Positioning, json!({"pillars": [{"message": "m"}]}), "/answers/pillars/0/name", "required"),
        (
            Channels,
            json!([{"channel": "email", "budget_usd_per_experiment": -1}]),
            "/answers/0/budget_usd_per_experiment",
            "not_in_range",
        ),
        (Goals, json!({"objective": "A", "horizon_days": u64::MAX}), "/answers/horizon_days", "not_in_range"),
        (Voice, json!({"traits": [["warm"]]}), "/answers/traits/0", "wrong_type"),
        (Constraints, json!({"monthly_budget_usd": "8000"}), "/answers/monthly_budget_usd", "wrong_type"),
    ]
}

#[test]
fn each_broken_rule_has_its_code_and_place() {
    let cases = broken_texts().into_iter().chain(broken_lists_and_numbers());
    for (step, answers, pointer, code) in cases {
        assert_eq!(
            errors(step, &answers, Demand::Complete),
            [(pointer.to_owned(), code)],
            "{step:?} {answers}"
        );
    }
}

#[test]
fn everything_wrong_is_said_at_once() {
    let answers = json!([{"name": "", "titles": [1, "ok", 2], "age": 3}, 4]);
    let found = errors(StepKey::Audience, &answers, Demand::Complete);
    let expected = [
        ("/answers/0/age", "unknown_field"),
        ("/answers/0/name", "required"),
        ("/answers/0/titles/0", "wrong_type"),
        ("/answers/0/titles/2", "wrong_type"),
        ("/answers/1", "wrong_type"),
    ];
    assert_eq!(found, expected.map(|(pointer, code)| (pointer.to_owned(), code)));
}

#[test]
fn a_draft_may_leave_required_answers_open_but_not_be_wrong() {
    assert_eq!(check_answers(StepKey::Company, &json!({}), Demand::Draft).unwrap(), json!({}));
    assert_eq!(check_answers(StepKey::Audience, &json!([]), Demand::Draft).unwrap(), json!([]));
    assert_eq!(
        errors(StepKey::Company, &json!({"stage": 1}), Demand::Draft),
        [("/answers/stage".to_owned(), "wrong_type")]
    );
}

#[test]
fn answers_come_back_trimmed_and_without_what_was_not_said() {
    let given = json!({"name": " Leaf ", "website": "", "stage": null, "time_zone": "europe/london"});
    let clean = check_answers(StepKey::Company, &given, Demand::Complete).unwrap();
    assert_eq!(clean, json!({"name": "Leaf", "time_zone": "Europe/London"}));
    let given = json!([{"name": "Olive", "firmographics": {" size ": " 20 ", "place": " ", "x": null}}]);
    let clean = check_answers(StepKey::Audience, &given, Demand::Complete).unwrap();
    assert_eq!(clean, json!([{"name": "Olive", "firmographics": {"size": "20"}}]));
}

#[test]
fn only_full_web_addresses_are_addresses() {
    let website =
        |address: &str| errors(StepKey::Company, &json!({"website": address}), Demand::Draft).is_empty();
    for good in
        ["https://a.example", "http://a.example:8080/x?y#z", "HTTPS://münchen.example/ä", " https://a.b "]
    {
        assert!(website(good), "{good}");
    }
    for bad in [
        "a.example",
        "ftp://a.example",
        "https://",
        "https://localhost",
        "https://a..b",
        "https://me@a.example",
        "https://a.example:port",
        "https://a.example/x y",
        "javascript:alert(1)",
        "https:/a.example",
        "https://.",
    ] {
        assert!(!website(bad), "{bad}");
    }
}

#[test]
fn an_answer_of_megabytes_gets_a_short_refusal() {
    let members: Map<String, Value> = (0..20_000).map(|n| (format!("field{n}"), json!(1))).collect();
    assert_eq!(errors(StepKey::Voice, &Value::Object(members), Demand::Draft).len(), 100);
    let name = "n".repeat(1_000_000);
    assert!(errors(StepKey::Voice, &json!({ name: 1 }), Demand::Draft)[0].0.len() < 100);
    let texts = vec!["x".repeat(300); 20];
    let rich = json!({"name": "A", "pains": texts, "goals": texts, "objections": texts, "triggers": texts});
    let found = errors(StepKey::Audience, &json!(vec![rich; 12]), Demand::Draft);
    assert_eq!(found, [("/answers".to_owned(), "too_long")], "more than {MAX_BYTES} bytes");
}

#[test]
fn a_value_nested_a_thousand_deep_is_refused_without_a_walk_to_its_ground() {
    let deep = (0..1_000).fold(json!(1), |inner, _| json!([inner]));
    let answers = json!({"summary": "A", "proof_points": deep});
    assert_eq!(
        errors(StepKey::Offer, &answers, Demand::Complete),
        [("/answers/proof_points/0".to_owned(), "wrong_type")]
    );
}

/// JSON of any shape whose names are often those of fields, so that the check gets past the first level.
fn any_answers() -> impl Strategy<Value = Value> {
    let name = prop_oneof![
        prop::sample::select(vec![
            "name",
            "titles",
            "statement",
            "for",
            "pillars",
            "support",
            "firmographics",
            "priority",
            "channel",
            "website",
            "time_zone",
            "objective",
            "forbidden",
            "competitors",
            "strong",
        ])
        .prop_map(str::to_owned),
        ".{0,5}",
    ];
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        (0_i64..20).prop_map(Value::from),
        ".{0,8}".prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 40, 5, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::vec((name.clone(), inner), 0..5)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

/// Answers that fit a definition, with blanks around and sometimes nothing.
fn fitting(kind: &Kind) -> BoxedStrategy<Value> {
    match kind.clone() {
        Kind::Text { format: None, .. } => " ?[a-zé/~\"]{0,8} ?".prop_map(Value::from).boxed(),
        Kind::Text { format: Some(_), .. } => Just(json!(" ")).boxed(),
        Kind::TextList { max_items, .. } => {
            prop::collection::vec(" ?[a-z]{1,5} ?", 0..=max_items.min(4)).prop_map(|list| json!(list)).boxed()
        }
        Kind::Integer { min, max } => (min..=max).prop_map(Value::from).boxed(),
        Kind::Record { fields } => record(&fields),
        Kind::RecordList { fields, max_items } => {
            prop::collection::vec(record(&fields), 0..=max_items.min(3)).prop_map(Value::from).boxed()
        }
        Kind::Open { .. } => prop::collection::btree_map("[a-z]{1,4}", " ?[a-z]{0,5}", 0..4)
            .prop_map(|members| json!(members))
            .boxed(),
    }
}

fn record(fields: &[Field]) -> BoxedStrategy<Value> {
    let answers: Vec<_> = fields
        .iter()
        .map(|field| (Just(field.key.clone()), prop::option::of(fitting(&field.kind))))
        .collect();
    answers
        .prop_map(|members| Value::Object(members.into_iter().filter_map(|(k, v)| Some((k, v?))).collect()))
        .boxed()
}

fn fitting_step() -> impl Strategy<Value = (StepKey, Value)> {
    prop::sample::select(StepKey::ALL.to_vec()).prop_flat_map(|step| {
        let one = record(&step.definition().fields);
        let answers = match step.definition().shape {
            Shape::Record => one,
            Shape::Records { .. } => prop::collection::vec(one, 0..4).prop_map(Value::from).boxed(),
        };
        (Just(step), answers)
    })
}

proptest! {
    #[test]
    fn any_json_is_passed_or_refused_with_places_and_never_panics(answers in any_answers()) {
        for step in StepKey::ALL {
            match check_answers(step, &answers, Demand::Complete) {
                Ok(clean) => prop_assert_eq!(check_answers(step, &clean, Demand::Complete).unwrap(), clean),
                Err(errors) => {
                    prop_assert!(errors.as_slice().iter().all(|error| error.pointer.starts_with("/answers")));
                }
            }
        }
    }

    #[test]
    fn answers_that_fit_pass_as_a_draft_and_what_comes_back_is_settled((step, answers) in fitting_step()) {
        let clean = check_answers(step, &answers, Demand::Draft).unwrap();
        prop_assert_eq!(&check_answers(step, &clean, Demand::Draft).unwrap(), &clean);
    }
}
