//! One process that does everything, killed in the middle of its background work and started again on the same file.

use super::{
    cut_off::{EMAIL, PASSWORD, access_token},
    data_file::DataFile,
    job::{create_campaign, onboard},
    runs::{Following, STATES, Told},
    schedules::Instants,
    server::Server,
    two_workers::{self, Counted, JOBS, PARALLEL, mailed},
};
use futures_util::{StreamExt, stream};
use serde_json::{Value, json};
use servers::until;
use std::{collections::BTreeSet, path::Path, time::Duration};

/// No limit that a client would meet.
const SETTINGS: [(&str, &str); 1] = [("RATE_LIMIT_PER_MINUTE", "1000000")];

async fn start(folder: &Path) -> Server {
    Server::embedded_with(folder, &SETTINGS).await
}

/// Jobs of this kind wait, whatever the server does, until [`RELEASE`].
const WAIT: &str =
    "create trigger waiting after insert on jobs when new.kind = 'workspace.send_invitation' begin
    update jobs set run_at = 9000000000000000 where id = new.id; end";
const RELEASE: &str =
    "drop trigger waiting; update jobs set run_at = 0 where kind = 'workspace.send_invitation'";

#[tokio::test]
async fn a_thousand_jobs_have_a_thousand_effects_though_the_process_is_killed() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let (mut server, file) = (start(folder).await, DataFile::of(folder));
    let mut client = server.client(folder);
    client.join(EMAIL, PASSWORD).await.unwrap();
    let workspace = client.post("/api/v1/workspaces", &json!({"name": "Nib"})).await.unwrap();
    file.change(WAIT);
    let path = format!("/api/v1/workspaces/{}/invitations", workspace["id"].as_str().unwrap());
    let invite = async |n: usize| {
        let invited = json!({"email": format!("guest{n}@example.com"), "role": "member"});
        client.post(&path, &invited).await.unwrap();
    };
    stream::iter(0..JOBS).for_each_concurrent(20, invite).await;
    file.change(RELEASE);
    two_workers::until("some mails are out", Duration::from_secs(60), || mailed(folder).len() > JOBS / 5)
        .await;
    server.kill();
    let done = |file: &DataFile| file.row::<Counted>(two_workers::COUNT);
    assert!(done(&file).others > 0, "it was killed when everything was done");

    let _server = start(folder).await;
    // What the dead one held is taken over when its lease of 30 s has run out.
    two_workers::until("every job ends", Duration::from_secs(90), || done(&file).others == 0).await;
    let counted = done(&file);
    assert_eq!(counted.done, i64::try_from(JOBS).unwrap());
    assert!(counted.retried <= PARALLEL, "only what the dead one held was begun again: {}", counted.retried);
    let mails = mailed(folder);
    let keys: BTreeSet<&String> = mails.iter().collect();
    assert_eq!((mails.len(), keys.len()), (JOBS + 1, JOBS + 1), "each effect once");
}

/// Twice as many as are planned in one transaction, each missed three times.
const DUE: &str = "insert into schedules (id, name, kind, payload, timing, misfire, priority, next_run)
    with recursive numbers(n) as (select 1 union all select n + 1 from numbers where n < 200)
    select randomblob(16), n, 'test.event', jsonb_object('first', unixepoch() - 9000 - n),
        jsonb_object('every_seconds', 3600), 'catch_up', 'low', (unixepoch() - 9000 - n) * 1000000
    from numbers";

/// Every instant that was missed or that has a job.
const INSTANTS: &str = "with hours(n) as (values (0), (1), (2)),
    missed as (
        select name, strftime('%Y-%m-%dT%H:%M:%SZ', payload->>'first' + n * 3600, 'unixepoch') as instant
        from schedules, hours where kind = 'test.event'),
    made as (
        select payload->>'schedule' as name, payload->>'at' as instant, count(*) as jobs,
            min(state = 'succeeded') as is_done
        from jobs where kind = 'test.event' group by 1, 2)
    select count(*) filter (where jobs = 1 and missed.name is not null) as once,
        count(*) filter (where jobs is not 1 or missed.name is null) as otherwise,
        count(*) filter (where is_done) as done
    from missed full join made on missed.name = made.name and missed.instant = made.instant";

#[tokio::test]
async fn every_instant_has_one_job_though_the_process_is_killed_while_it_plans() {
    let folder = tempfile::tempdir().unwrap();
    let (mut server, file) = (start(folder.path()).await, DataFile::of(folder.path()));
    // The longest due comes first: it stands in the middle of its second hundred.
    file.hold_up("update on schedules", "old.name = '50'");
    file.change(DUE);
    let instants = || file.row::<Instants>(INSTANTS);
    until(async || instants().once > 0).await;
    server.kill();
    let halfway = instants();
    assert_eq!((halfway.once, halfway.otherwise), (300, 300), "of the second hundred nothing is there");
    file.bury();
    let _server = start(folder.path()).await;
    until(async || instants().done == 600).await;
    assert_eq!(instants(), Instants { once: 600, otherwise: 0, done: 600 });
}

/// The numbers of facts.
fn numbers(told: &Told) -> Vec<i64> {
    told.iter().map(|(number, _)| *number).collect()
}

#[tokio::test]
async fn streams_go_on_after_the_last_fact_though_the_process_died_in_the_middle_of_the_run() {
    let folder = tempfile::tempdir().unwrap();
    let (mut server, file) = (start(folder.path()).await, DataFile::of(folder.path()));
    let mut client = server.client(folder.path());
    client.join(EMAIL, PASSWORD).await.unwrap();
    let workspace = client.post("/api/v1/workspaces", &json!({"name": "Nib"})).await.unwrap();
    onboard(&client).await;
    let campaign = create_campaign(&client).await;
    let token = access_token(&server).await;
    let third = "new.event_type = 'agent_run.step_finished' and new.payload->>'number' = 3";
    file.hold_up("insert on events", third);
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let execute = format!("/api/v1/campaigns/execute/{}", text(&campaign["id"]));
    let run = client.post(&execute, &json!({})).await.unwrap();
    let of_run = format!("/api/v1/agents/runs/{}/stream", text(&run["run_id"]));
    let of_all = format!("/api/v1/workspaces/{}/events/stream", text(&workspace["id"]));

    let mut steps = Following::at(&server, &of_run, &token, None).await.take(4).await;
    let last = steps[3].0;
    let so_far = usize::try_from(last).unwrap();
    let mut all = Following::at(&server, &of_all, &token, Some(0)).await.take(so_far).await;
    server.kill();
    file.bury();
    let server = start(folder.path()).await;
    let resumed = Following::at(&server, &of_all, &token, Some(last)).await;
    steps.extend(Following::at(&server, &of_run, &token, Some(last)).await.take(usize::MAX).await);
    let states: Vec<&str> = steps.iter().map(|(_, state)| state.as_str()).collect();
    assert_eq!(states, STATES);
    let end = steps.last().unwrap().0;
    all.extend(resumed.take(usize::try_from(end - last).unwrap()).await);
    assert_eq!(numbers(&all), (1..=numbers(&all).len().try_into().unwrap()).collect::<Vec<i64>>());
    assert!(steps.iter().all(|step| all.contains(step)), "{steps:?} of {all:?}");
    let whole = Following::at(&server, &of_run, &token, None).await.take(usize::MAX).await;
    assert_eq!(steps, whole, "the same as who follows it afterwards is told");
}
