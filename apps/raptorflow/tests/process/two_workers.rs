//! A thousand jobs of two servers, two workers, and the sudden death of one of them in between.

use super::{
    cut_off::{EMAIL, PASSWORD},
    server::{Database, redis},
};
use diesel::{QueryableByName, sql_query, sql_types::BigInt};
use diesel_async::RunQueryDsl;
use futures_util::{StreamExt, stream};
use serde_json::json;
use std::{collections::BTreeSet, fs, path::Path, time::Duration};

pub(crate) const JOBS: usize = 1_000;
/// How many a worker runs at once.
pub(crate) const PARALLEL: i64 = 16;

#[derive(QueryableByName)]
pub(crate) struct Counted {
    #[diesel(sql_type = BigInt)]
    pub(crate) done: i64,
    #[diesel(sql_type = BigInt)]
    pub(crate) others: i64,
    #[diesel(sql_type = BigInt)]
    pub(crate) retried: i64,
}

/// How the invitations' jobs are.
pub(crate) const COUNT: &str = "select count(*) filter (where state = 'succeeded') as done,
    count(*) filter (where state <> 'succeeded') as others,
    count(*) filter (where attempts > 1) as retried
    from jobs where kind = 'workspace.send_invitation'";

/// The keys of the mails that went out; one is of the inviter's own address.
pub(crate) fn mailed(folder: &Path) -> Vec<String> {
    let mails = fs::read_dir(folder.join("outbox")).into_iter().flatten();
    let names = mails.map(|mail| mail.unwrap().file_name().into_string().unwrap());
    let mails = names.filter(|name| name.ends_with(".eml"));
    mails.map(|name| name.rsplit('.').nth(1).unwrap().to_owned()).collect()
}

pub(crate) async fn until(what: &str, patience: Duration, is_so: impl Fn() -> bool) {
    let so = async {
        let mut look = tokio::time::interval(Duration::from_millis(20));
        while !is_so() {
            look.tick().await;
        }
    };
    tokio::time::timeout(patience, so).await.unwrap_or_else(|_| panic!("not within {patience:?}: {what}"));
}

#[tokio::test]
async fn a_thousand_jobs_have_a_thousand_effects_though_a_worker_is_killed() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let database = Database::fresh(folder).await;
    let redis = redis(9);
    let settings = [("REDIS_URL", redis.as_str()), ("RATE_LIMIT_PER_MINUTE", "1000000")];
    let servers = [database.server_with(&settings).await, database.server_with(&settings).await];
    let first = database.worker_with(&settings);
    let mut clients = servers.each_ref().map(|server| server.client(folder));
    clients[0].join(EMAIL, PASSWORD).await.unwrap();
    clients[1].log_in(EMAIL, PASSWORD).await.unwrap();
    // Nobody works while the jobs come, so that the two have their hands full then.
    drop(first);
    let workspace = clients[0].post("/api/v1/workspaces", &json!({"name": "Nib"})).await.unwrap();
    let path = format!("/api/v1/workspaces/{}/invitations", workspace["id"].as_str().unwrap());
    let invite = async |n: usize| {
        let invited = json!({"email": format!("guest{n}@example.com"), "role": "member"});
        clients[n % 2].post(&path, &invited).await.unwrap();
    };
    stream::iter(0..JOBS).for_each_concurrent(20, invite).await;
    let (doomed, _other) = (database.worker_with(&settings), database.worker_with(&settings));
    until("some mails are out", Duration::from_secs(60), || mailed(folder).len() > JOBS / 5).await;
    drop(doomed);
    // What the dead one held is taken over when its lease of 30 s has run out.
    until("every mail is out", Duration::from_secs(120), || mailed(folder).len() > JOBS).await;
    let mut system = database.system().await;
    let counted = async {
        let mut look = tokio::time::interval(Duration::from_millis(50));
        loop {
            look.tick().await;
            let counted: Counted = sql_query(COUNT).get_result(&mut system).await.unwrap();
            if counted.others == 0 {
                return counted;
            }
        }
    };
    let counted = tokio::time::timeout(Duration::from_secs(60), counted).await.expect("every job ends");
    assert_eq!(counted.done, i64::try_from(JOBS).unwrap());
    assert!(counted.retried <= PARALLEL, "only what the dead one held was begun again: {}", counted.retried);
    let mails = mailed(folder);
    let keys: BTreeSet<&String> = mails.iter().collect();
    assert_eq!((mails.len(), keys.len()), (JOBS + 1, JOBS + 1), "each effect once");
}
