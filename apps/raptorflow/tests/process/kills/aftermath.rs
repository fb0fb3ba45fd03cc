//! Whether everything is well: read by the API what the API acknowledged, and count in the database what only it knows.

use super::{
    super::data_file::DataFile,
    founder::{Founder, Story},
};
use diesel::{QueryableByName, sql_query, sql_types::BigInt};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use serde_json::Value;
use std::{collections::BTreeSet, fs, path::Path, time::Duration};

/// The database, beside all processes.
pub(crate) enum Book {
    File(DataFile),
    Server(Box<AsyncPgConnection>),
}

#[derive(QueryableByName)]
struct Counted {
    #[diesel(sql_type = BigInt)]
    n: i64,
}

impl Book {
    /// How many rows `of` has.
    async fn count(&mut self, of: &str) -> i64 {
        let query = format!("select count(*) as n from ({of}) as counted");
        let counted: Counted = match self {
            Self::File(file) => file.row(&query),
            Self::Server(conn) => sql_query(query).get_result(conn).await.unwrap(),
        };
        counted.n
    }

    /// Waits until all facts are handed on and every job has ended. What a dead worker held is taken over when its lease of
    /// 30 s has run out.
    pub(crate) async fn is_quiet(&mut self) {
        let quiet = async {
            let mut look = tokio::time::interval(Duration::from_millis(50));
            loop {
                look.tick().await;
                let waiting = "select 1 from jobs where state in ('queued', 'running')
                    union all select 1 from events where published_at is null";
                if self.count(waiting).await == 0 {
                    return;
                }
            }
        };
        tokio::time::timeout(Duration::from_secs(90), quiet).await.expect("every job ends");
    }

    /// What must not be there is not.
    pub(crate) async fn adds_up(&mut self) {
        let faults = [
            ("dead letters or jobs called off", "select 1 from jobs where state <> 'succeeded'"),
            (
                "streams with gaps or twins",
                "select 1 from events group by coalesce(workspace_id, user_id)
                 having min(number) <> 1 or max(number) <> count(*) or count(distinct number) <> count(*)",
            ),
            (
                "things made twice",
                "select 1 from events where event_type like '%.created' or event_type like '%.finalized'
                 group by event_type, subject_id having count(*) > 1",
            ),
            (
                "campaigns executed twice",
                "select 1 from jobs where kind = 'agents.run' group by workspace_id having count(*) > 1",
            ),
        ];
        for (fault, rows) in faults {
            assert_eq!(self.count(rows).await, 0, "{fault}");
        }
        assert!(self.count("select 1 from events where event_type like '%.created'").await > 0);
        assert!(self.count("select 1 from jobs where kind = 'agents.run'").await > 0);
    }
}

/// Every acknowledged write of the founder is there, and has one effect.
pub(crate) async fn is_there(founder: &Founder, stories: &[Story], folder: &Path) {
    assert!(!stories.is_empty(), "{} came to nothing", founder.email);
    let mails = mails(folder);
    for story in stories {
        let tenant = Some(story.workspace.as_str());
        for fact in &story.facts {
            let read = founder.read(&fact.path, tenant).await;
            assert!(shows(&read, &fact.shows), "{} does not show {}: {read}", fact.path, fact.shows);
        }
        for (list, expected) in
            [("/api/v1/campaigns/list", 1), ("/api/v1/agents/runs", 1), ("/api/v1/agents", 7)]
        {
            let read = founder.read(list, tenant).await;
            assert_eq!(read["items"].as_array().unwrap().len(), expected, "{list}: {read}");
        }
        let moves =
            founder.read(&format!("/api/v1/campaigns/{}/moves?limit=100", story.campaign), tenant).await;
        let moves = moves["items"].as_array().unwrap();
        let titles: BTreeSet<_> = moves.iter().map(|m| m["title"].as_str().unwrap()).collect();
        assert!(moves.len() >= 4 && titles.len() == moves.len(), "{moves:?}");
        // The account is there and waits for the click on the link in its mail.
        assert_eq!(founder.login_of(&story.guest).await["code"], "email_not_verified");
        assert!(mails.iter().any(|mail| mail.contains(&story.guest)), "no mail to {}", story.guest);
    }
    let workspaces = everything(founder, "/api/v1/workspaces").await;
    assert_eq!(workspaces, stories.len(), "each workspace of {} was made once", founder.email);
}

async fn everything(founder: &Founder, list: &str) -> usize {
    let (mut count, mut cursor) = (0, String::new());
    loop {
        let page = founder.read(&format!("{list}?limit=100{cursor}"), None).await;
        count += page["items"].as_array().unwrap().len();
        match page["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => return count,
        }
    }
}

fn mails(folder: &Path) -> Vec<String> {
    let files = fs::read_dir(folder.join("outbox")).unwrap().map(|file| file.unwrap().path());
    let mails = files.filter(|path| path.extension().is_some_and(|extension| extension == "eml"));
    mails.map(|path| fs::read_to_string(path).unwrap()).collect()
}

/// Whether `document` has at least all of `expected`: members of objects by name, items of lists somewhere in the list.
fn shows(document: &Value, expected: &Value) -> bool {
    match (document, expected) {
        (Value::Object(members), Value::Object(expected)) => {
            expected.iter().all(|(name, value)| members.get(name).is_some_and(|found| shows(found, value)))
        }
        (Value::Array(items), Value::Array(expected)) => {
            expected.iter().all(|value| items.iter().any(|item| shows(item, value)))
        }
        _ => document == expected,
    }
}
