//! Pages, cursors and query parameters.

use super::probe::{expect_problem, fields, probe, workspace};
use reqwest::Method;
use serde_json::Value;

const LIST: &str = "/api/v1/probe/campaigns";

#[actix_web::test]
async fn a_list_is_walked_page_by_page_to_its_end() {
    let probe = probe().await;
    let (mut seen, mut cursor, mut pages) = (0, String::new(), 0);
    loop {
        let path = format!("{LIST}?limit=25{cursor}");
        let page: Value = probe.call(Method::GET, &path).send().await.unwrap().json().await.unwrap();
        seen += page["items"].as_array().unwrap().len();
        pages += 1;
        match page["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => break,
        }
    }
    assert_eq!((seen, pages), (60, 3));
    let first: Value = probe.call(Method::GET, LIST).send().await.unwrap().json().await.unwrap();
    assert_eq!(first["items"].as_array().unwrap().len(), 20);
}

#[actix_web::test]
async fn a_cursor_works_only_where_it_was_made() {
    let probe = probe().await;
    let page: Value = probe.call(Method::GET, LIST).send().await.unwrap().json().await.unwrap();
    let cursor = page["next_cursor"].as_str().unwrap();
    let same = probe.call(Method::GET, &format!("{LIST}?cursor={cursor}&limit=5")).send().await.unwrap();
    assert_eq!(same.status(), 200);
    let other = workspace(11);
    let changed = format!("{}A", &cursor[..cursor.len() - 1]);
    let foreign_places = [
        format!("{LIST}?cursor={cursor}&workspace_id={other}"),
        format!("{LIST}?cursor={cursor}&goal=leads"),
        format!("{LIST}?cursor={changed}x"),
        format!("{LIST}?cursor=nonsense"),
    ];
    for path in foreign_places {
        expect_problem(probe.call(Method::GET, &path).send().await.unwrap(), 400, "cursor_invalid").await;
    }
}

#[actix_web::test]
async fn parameters_that_are_unknown_repeated_or_wrong_are_all_told() {
    let probe = probe().await;
    for limit in ["0", "101", "-1", "ten", "1.5", "", "99999999999999999999"] {
        let response = probe.call(Method::GET, &format!("{LIST}?limit={limit}")).send().await.unwrap();
        let problem = expect_problem(response, 400, "invalid_query").await;
        assert_eq!(fields(&problem)[0].0, "limit", "{limit}");
    }
    let path = format!("{LIST}?limit=0&goal=fame&sort=name&goal=leads");
    let problem =
        expect_problem(probe.call(Method::GET, &path).send().await.unwrap(), 400, "invalid_query").await;
    let mut found = fields(&problem);
    found.sort();
    let expected =
        [("goal", "repeated"), ("goal", "unknown_value"), ("limit", "too_small"), ("sort", "unknown_field")];
    assert_eq!(found, expected.map(|(name, code)| (name.to_owned(), code.to_owned())));
}

#[actix_web::test]
async fn of_a_thousand_unknown_parameters_a_hundred_are_told() {
    let many: Vec<String> = (0..1000).map(|n| format!("bogus{n}=1")).collect();
    let response =
        probe().await.call(Method::GET, &format!("{LIST}?{}", many.join("&"))).send().await.unwrap();
    assert_eq!(fields(&expect_problem(response, 400, "invalid_query").await).len(), 100);
}
