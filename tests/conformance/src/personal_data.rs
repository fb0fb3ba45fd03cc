//! What is held of a person: their export, their trail, and what their erasure takes away.

use crate::{
    Stores, Tenant,
    identity::{SYSTEM, stored},
    identity_mfa::enrolled,
    identity_tokens::logged_in,
};
use identity::{EmailToken, EmailTokenPurpose, MfaChallenge, Person, PersonExport, SecretName, UserSecret};
use kernel::{
    CallContext, EventId, IdempotencyKey, Job, JobId, JobState, Limit, NewEvent, NewJob, PageRequest,
    StoreResult, TokenHash, UserId, UserScope, testing,
};
use serde_json::{Value, json};
use std::time::Duration;

#[macro_export]
macro_rules! personal_data_cases {
    ($open:path) => {
        $crate::cases!(personal_data, $open;
            an_export_waits_for_its_person_and_nobody_else,
            an_export_takes_the_place_of_the_one_before,
            an_expired_export_is_dropped_and_a_fresh_one_is_not,
            a_persons_trail_is_what_is_about_them_and_what_they_did_anywhere,
            sessions_of_a_person_come_the_oldest_first,
            erasing_takes_the_client_from_sessions_and_facts_and_leaves_others_alone,
            erasing_removes_mail_tokens_exports_and_remembered_answers,
            erasing_removes_the_second_factor_and_own_secrets,
            erasing_finds_what_names_the_person_among_however_many_rows,
        );
    };
}

fn own(user: UserId) -> UserScope {
    UserScope::of(&testing::call_by(user)).unwrap()
}

fn document() -> Value {
    json!({"account": {"email": "Ada@Example.com"}, "trail": [{"n": 1.5}, null, "“ü”"]})
}

async fn save(stores: &Stores, export: &PersonExport) {
    let saved: StoreResult<()> =
        stores.identity.run(&SYSTEM, async |tx| tx.personal_data().save_export(export).await).await;
    saved.unwrap();
}

async fn erase(stores: &Stores, person: &Person) {
    stores.traces.forget_traces(&SYSTEM, person).await.unwrap();
    let erased: StoreResult<()> =
        stores.identity.run(&SYSTEM, async |tx| tx.personal_data().erase(person).await).await;
    erased.unwrap();
}

pub async fn an_export_waits_for_its_person_and_nobody_else(stores: Stores) {
    let (mine, theirs) = (stored(&stores).await.user.id, stored(&stores).await.user.id);
    let export = PersonExport::new(mine, document(), stores.env.now());
    assert_eq!(stores.personal_data.find_export(&own(mine)).await.unwrap(), None);
    save(&stores, &export).await;
    assert_eq!(stores.personal_data.find_export(&own(mine)).await.unwrap(), Some(export));
    assert_eq!(stores.personal_data.find_export(&own(theirs)).await.unwrap(), None);
}

pub async fn an_export_takes_the_place_of_the_one_before(stores: Stores) {
    let user = stored(&stores).await.user.id;
    save(&stores, &PersonExport::new(user, document(), stores.env.now())).await;
    stores.clock.advance(PersonExport::KEPT_FOR);
    let later = PersonExport::new(user, json!({"format": 1}), stores.env.now());
    save(&stores, &later).await;
    assert_eq!(stores.personal_data.find_export(&own(user)).await.unwrap(), Some(later));
}

pub async fn an_expired_export_is_dropped_and_a_fresh_one_is_not(stores: Stores) {
    let (old, new) = (stored(&stores).await.user.id, stored(&stores).await.user.id);
    save(&stores, &PersonExport::new(old, document(), stores.env.now())).await;
    stores.clock.advance(PersonExport::KEPT_FOR);
    let fresh = PersonExport::new(new, document(), stores.env.now());
    save(&stores, &fresh).await;
    let now = stores.env.now();
    let dropped: StoreResult<()> =
        stores.identity.run(&SYSTEM, async |tx| tx.personal_data().drop_expired_exports(now).await).await;
    dropped.unwrap();
    assert_eq!(stores.personal_data.find_export(&own(old)).await.unwrap(), None);
    assert_eq!(stores.personal_data.find_export(&own(new)).await.unwrap(), Some(fresh));
}

fn seen(by: UserId) -> CallContext {
    CallContext {
        address: Some("192.0.2.77".parse().unwrap()),
        user_agent: Some("Firefox".into()),
        ..testing::call_by(by)
    }
}

fn fact(stores: &Stores, ctx: &CallContext) -> NewEvent {
    NewEvent::new(&stores.env, ctx, "thing.happened", ("thing", stores.env.ids.uuid()), json!({}))
}

async fn tell_of(stores: &Stores, person: UserId, by: UserId) -> EventId {
    let event = fact(stores, &seen(by)).about_user(person);
    let id = event.id;
    let told: StoreResult<()> =
        stores.identity.run(&SYSTEM, async |tx| tx.events().append(event).await).await;
    told.unwrap();
    id
}

/// A fact in a workspace of nobody in particular.
async fn tell_at_work(stores: &Stores, by: UserId) -> EventId {
    let event = fact(stores, &seen(by));
    let (id, tenant) = (event.id, stores.tenant());
    let told: StoreResult<()> =
        stores.workspace.run(&tenant.scope, async |tx| tx.events().append(event).await).await;
    told.unwrap();
    id
}

pub async fn a_persons_trail_is_what_is_about_them_and_what_they_did_anywhere(stores: Stores) {
    let (mine, theirs): (UserId, UserId) = (stores.env.id(), stores.env.id());
    let mut expected = [
        tell_of(&stores, mine, mine).await,
        tell_of(&stores, mine, theirs).await,
        tell_at_work(&stores, mine).await,
    ];
    tell_of(&stores, theirs, theirs).await;
    tell_at_work(&stores, theirs).await;
    expected.sort();
    let mut request = PageRequest { limit: Limit::new(2).unwrap(), after: None };
    let mut trail = Vec::new();
    loop {
        let page = stores.personal_data.page_trail(&SYSTEM, mine, &request).await.unwrap();
        trail.extend(page.items.iter().map(|entry| entry.event.id));
        assert!(page.items.iter().all(|entry| entry.address.is_some()));
        let Some(next) = page.next else { break };
        request.after = Some(next);
    }
    assert_eq!(trail, expected);
    assert_eq!(stores.personal_data.count_trail(&SYSTEM, mine).await, Ok(3));
    assert_eq!(stores.personal_data.count_trail(&SYSTEM, stores.env.id()).await, Ok(0));
}

pub async fn sessions_of_a_person_come_the_oldest_first(stores: Stores) {
    let (person, other) = (stored(&stores).await, stored(&stores).await);
    let first = logged_in(&stores, &person).await.0;
    stores.clock.advance(Duration::from_secs(1));
    let second = logged_in(&stores, &person).await.0;
    logged_in(&stores, &other).await;
    let sessions = stores.personal_data.list_sessions(&SYSTEM, person.user.id).await.unwrap();
    assert_eq!(sessions, [first, second]);
}

pub async fn erasing_takes_the_client_from_sessions_and_facts_and_leaves_others_alone(stores: Stores) {
    let (person, other) = (stored(&stores).await, stored(&stores).await);
    let (mine, theirs) = (person.user.id, other.user.id);
    let (session, others_session) = (logged_in(&stores, &person).await.0, logged_in(&stores, &other).await.0);
    assert!(session.address.is_some() && session.user_agent.is_some());
    tell_of(&stores, mine, mine).await;
    tell_at_work(&stores, mine).await;
    tell_at_work(&stores, theirs).await;
    erase(&stores, &person).await;
    erase(&stores, &person).await;
    let sessions = stores.personal_data.list_sessions(&SYSTEM, mine).await.unwrap();
    assert_eq!((sessions[0].address, sessions[0].user_agent.as_deref()), (None, None));
    let kept = stores.personal_data.list_sessions(&SYSTEM, theirs).await.unwrap();
    assert_eq!(kept, [others_session]);
    let trail = async |user| {
        stores.personal_data.page_trail(&SYSTEM, user, &PageRequest::default()).await.unwrap().items
    };
    let (my_trail, their_trail) = (trail(mine).await, trail(theirs).await);
    assert_eq!((my_trail.len(), their_trail.len()), (2, 1));
    assert!(my_trail.iter().all(|entry| entry.address.is_none() && entry.user_agent.is_none()));
    assert!(their_trail.iter().all(|entry| entry.address.is_some() && entry.user_agent.is_some()));
}

/// Runs a unit that remembers its answer under a key of this caller.
async fn answered(stores: &Stores, caller: &str, answer: &str) -> Result<String, kernel::StoreError> {
    let key = IdempotencyKey { caller: caller.into(), key: "k".into(), request_hash: "h".into() };
    let ctx = CallContext { idempotency: Some(key), ..testing::call_by(stores.env.id()) };
    stores.identity.run_once(&SYSTEM, &ctx, stores.env.now(), async |_| Ok(answer.to_owned())).await
}

pub async fn erasing_removes_mail_tokens_exports_and_remembered_answers(stores: Stores) {
    let (person, other) = (stored(&stores).await, stored(&stores).await);
    let hash = |person: &Person| {
        let half = person.user.id.uuid();
        TokenHash::from_bytes([half.as_bytes().as_slice(); 2].concat().try_into().unwrap())
    };
    for person in [&person, &other] {
        let now = stores.env.now();
        let purpose = EmailTokenPurpose::VerifyEmail;
        let token = EmailToken::issue(stores.env.id(), person.user.id, purpose, hash(person), now);
        let kept: StoreResult<()> = stores
            .identity
            .run(&SYSTEM, async |tx| tx.email_tokens().insert_superseding(&token, now).await)
            .await;
        kept.unwrap();
        save(&stores, &PersonExport::new(person.user.id, document(), now)).await;
    }
    let caller = format!("a {}", other.user.id);
    let shouted = person.user.email.as_str().to_uppercase();
    assert_eq!(answered(&stores, &caller, &shouted).await.unwrap(), shouted);
    let id = person.user.id.to_string();
    let foreign = format!("x {}", other.user.id);
    assert_eq!(answered(&stores, &foreign, &id).await.unwrap(), id);
    let unrelated = format!("y {}", other.user.id);
    answered(&stores, &unrelated, "kept").await.unwrap();
    erase(&stores, &person).await;
    let token = async |person: &Person| {
        let hash = hash(person);
        let found: StoreResult<_> =
            stores.identity.run(&SYSTEM, async |tx| tx.email_tokens().find(&hash).await).await;
        found.unwrap()
    };
    assert_eq!(token(&person).await, None);
    assert!(token(&other).await.is_some());
    assert_eq!(stores.personal_data.find_export(&own(person.user.id)).await.unwrap(), None);
    assert!(stores.personal_data.find_export(&own(other.user.id)).await.unwrap().is_some());
    assert_eq!(answered(&stores, &caller, "anew").await.unwrap(), "anew");
    assert_eq!(answered(&stores, &foreign, "anew").await.unwrap(), "anew");
    assert_eq!(answered(&stores, &unrelated, "anew").await.unwrap(), "kept");
}

/// So many ended jobs of a tenant whose payload has this text, by id, and as many remembered answers of one caller.
async fn done(stores: &Stores, mine: &Tenant, text: &str, count: usize) -> (Vec<JobId>, Vec<IdempotencyKey>) {
    let payload = json!({ "to": text });
    let job = || NewJob::new(&stores.env, &mine.ctx, "test.job", payload.clone());
    let jobs: Vec<NewJob> = (0..count).map(|_| job()).collect();
    let key = |number| IdempotencyKey {
        caller: format!("{} {text}", mine.scope.workspace()),
        key: format!("{number:05}"),
        request_hash: "h".into(),
    };
    let keys: Vec<IdempotencyKey> = (0..count).map(key).collect();
    let done: StoreResult<()> = stores
        .workspace
        .run(&mine.scope, async |tx| {
            for job in &jobs {
                tx.jobs().enqueue(job.clone()).await?;
                let queued = tx.job_records().find(job.id).await?.unwrap();
                tx.job_records().save(&Job { state: JobState::Succeeded, ..queued }).await?;
            }
            for key in &keys {
                tx.idempotency().store(key, &payload, stores.env.now().plus(Duration::from_secs(60))).await?;
            }
            Ok(())
        })
        .await;
    done.unwrap();
    let mut ids: Vec<JobId> = jobs.into_iter().map(|job| job.id).collect();
    ids.sort();
    (ids, keys)
}

pub async fn erasing_finds_what_names_the_person_among_however_many_rows(stores: Stores) {
    let (person, mine) = (stored(&stores).await, stores.tenant());
    let (jobs, keys) = done(&stores, &mine, &person.user.email.as_str().to_uppercase(), 1_203).await;
    let (others, other_keys) = done(&stores, &mine, "somebody else", 2).await;
    erase(&stores, &person).await;
    let payload =
        async |job: &JobId| stores.job_reader.find(&mine.scope, *job).await.unwrap().unwrap().payload;
    for named in [&jobs[0], &jobs[999], &jobs[1_000], &jobs[1_202]] {
        assert_eq!(payload(named).await, json!({}));
    }
    assert_eq!(payload(&others[0]).await, json!({"to": "somebody else"}));
    let remembered = async |key: &IdempotencyKey| {
        let now = stores.env.now();
        let found: StoreResult<_> =
            stores.workspace.run(&mine.scope, async |tx| tx.idempotency().claim(key, now).await).await;
        found.unwrap().is_some()
    };
    for named in [&keys[0], &keys[999], &keys[1_000], &keys[1_202]] {
        assert!(!remembered(named).await);
    }
    assert!(remembered(&other_keys[1]).await);
}

/// Gives the person a factor, a recovery code, a waiting login and a secret of their own.
async fn equip(stores: &Stores, person: &Person) -> MfaChallenge {
    let (user, now) = (person.user.id, stores.env.now());
    let sealed = enrolled(stores, user).await.secret;
    let name = SecretName::parse("openai").unwrap();
    let secret = UserSecret { user_id: user, name, sealed, created_at: now, updated_at: now };
    let mut bytes = [0xdd; 32];
    bytes[..16].copy_from_slice(user.uuid().as_bytes());
    let hash = TokenHash::from_bytes(bytes);
    let challenge = MfaChallenge::issue(stores.env.id(), &person.user, hash, now);
    let kept: StoreResult<()> = stores
        .identity
        .run(&SYSTEM, async |tx| {
            tx.recovery_codes().replace(user, &[hash], now).await?;
            tx.challenges().insert(&challenge, now).await?;
            tx.secrets().put(&secret).await
        })
        .await;
    kept.unwrap();
    challenge
}

/// Whether the person has a factor, recovery codes, a waiting login, secrets.
async fn has(stores: &Stores, person: &Person, challenge: &MfaChallenge) -> [bool; 4] {
    let user = person.user.id;
    let found: StoreResult<[bool; 3]> = stores
        .identity
        .run(&SYSTEM, async |tx| {
            Ok([
                tx.factors().find(user).await?.is_some(),
                tx.recovery_codes().count_open(user).await? > 0,
                tx.challenges().find(&challenge.token_hash).await?.is_some(),
            ])
        })
        .await;
    let [factor, codes, waiting] = found.unwrap();
    [factor, codes, waiting, !stores.secrets.list(&own(user)).await.unwrap().is_empty()]
}

pub async fn erasing_removes_the_second_factor_and_own_secrets(stores: Stores) {
    let (person, other) = (stored(&stores).await, stored(&stores).await);
    let (mine, theirs) = (equip(&stores, &person).await, equip(&stores, &other).await);
    assert_eq!(has(&stores, &person, &mine).await, [true; 4]);
    erase(&stores, &person).await;
    assert_eq!(has(&stores, &person, &mine).await, [false; 4]);
    assert_eq!(has(&stores, &other, &theirs).await, [true; 4]);
}
