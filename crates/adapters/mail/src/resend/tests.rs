use super::*;
use kernel::testing::ManualClock;
use serde_json::{Value, json};
use std::{sync::Mutex, time::Duration};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};
use web::{BreakerState, Patience, testing::breakers};

const KEY: &str = "re_hunter2";

/// A stand-in for Resend: answers each request with the same text, or hangs up, or says nothing.
struct Fake {
    base: String,
    is_silent: bool,
    turn: Arc<Mutex<Turn>>,
    /// Head and body of what came.
    seen: Arc<Mutex<Vec<(String, Value)>>>,
}

#[derive(Clone)]
enum Turn {
    Answers(String),
    HangsUp,
    IsSilent,
}

fn answers(status: &str, body: &Value) -> Turn {
    let body = body.to_string();
    let length = body.len();
    Turn::Answers(format!(
        "HTTP/1.1 {status}\r\ncontent-type: application/json\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{body}"
    ))
}

impl Fake {
    async fn start(turn: Turn) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        let seen = Arc::new(Mutex::new(Vec::new()));
        let (shared, is_silent) = (seen.clone(), matches!(turn, Turn::IsSilent));
        let turn = Arc::new(Mutex::new(turn));
        let playing = turn.clone();
        tokio::spawn(async move {
            let mut silent = Vec::new();
            while let Ok((mut socket, _)) = listener.accept().await {
                let request = read(&mut socket).await;
                shared.lock().unwrap().push(request);
                let turn = playing.lock().unwrap().clone();
                match turn {
                    Turn::Answers(text) => socket.write_all(text.as_bytes()).await.unwrap(),
                    Turn::HangsUp => drop(socket),
                    Turn::IsSilent => silent.push(socket),
                }
            }
        });
        Self { base, is_silent, turn, seen }
    }

    fn now_answers(&self, turn: Turn) {
        *self.turn.lock().unwrap() = turn;
    }

    fn mailer(&self) -> ResendMailer {
        let clock = Arc::new(ManualClock::at("2026-03-02T09:00:00Z"));
        self.mailer_under(&breakers(&clock).0)
    }

    fn mailer_under(&self, breakers: &Breakers) -> ResendMailer {
        let total = if self.is_silent { Duration::from_millis(400) } else { Duration::from_secs(10) };
        let patience = Patience { connect: Duration::from_secs(10), total };
        let from = Sender::parse("\"Raptor, Inc.\" <hello@example.com>").unwrap();
        let clock = Arc::new(ManualClock::at("2026-03-02T09:00:00Z"));
        let policy = Policy { attempt: patience, ..Policy::MAIL };
        let key = KEY.to_owned().into();
        ResendMailer::by_policy(policy, &self.base, &key, from, clock, breakers).unwrap()
    }

    fn seen(&self) -> Vec<(String, Value)> {
        self.seen.lock().unwrap().clone()
    }
}

async fn read(socket: &mut TcpStream) -> (String, Value) {
    let mut bytes = Vec::new();
    loop {
        bytes.push(socket.read_u8().await.unwrap());
        if bytes.ends_with(b"\r\n\r\n") {
            break;
        }
    }
    let head = String::from_utf8(bytes).unwrap().to_ascii_lowercase();
    let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")).unwrap();
    let mut body = vec![0; length.parse().unwrap()];
    socket.read_exact(&mut body).await.unwrap();
    (head, serde_json::from_slice(&body).unwrap())
}

fn mail() -> Mail {
    Mail {
        to: "bob@example.org".to_owned(),
        subject: "Grüße".to_owned(),
        text: "Hellö,\n\nhttps://api.example.com/verify?token=x\n".to_owned(),
        key: "01976f6e-1111-7abc-8def-000000000000".to_owned(),
    }
}

/// What went wrong; `true` for a refusal.
async fn failure(turn: Turn) -> (bool, String) {
    let fake = Fake::start(turn).await;
    let (refused, text) = match fake.mailer().send(&mail()).await.unwrap_err() {
        MailError::Refused(text) => (true, text),
        MailError::Unavailable(text) => (false, text),
    };
    assert!(!text.contains("hunter2") && !text.contains("bob@"), "{text}");
    assert_eq!(fake.seen().len(), 1, "it was asked once: {text}");
    (refused, text)
}

#[tokio::test]
async fn a_mail_is_handed_over_with_its_key() {
    let fake = Fake::start(answers("200 OK", &json!({"id": "x"}))).await;
    fake.mailer().send(&mail()).await.unwrap();
    let seen = fake.seen();
    let [(head, body)] = seen.as_slice() else { panic!("{seen:?}") };
    assert!(head.starts_with("post /emails http/1.1\r\n"), "{head}");
    for line in [
        "authorization: bearer re_hunter2\r\n",
        "idempotency-key: 01976f6e-1111-7abc-8def-000000000000\r\n",
        "content-type: application/json\r\n",
        "user-agent: raptorflow/",
    ] {
        assert!(head.contains(line), "{head}");
    }
    assert_eq!(
        *body,
        json!({
            "from": "\"Raptor, Inc.\" <hello@example.com>",
            "to": ["bob@example.org"],
            "subject": "Grüße",
            "text": mail().text,
            "headers": {"Auto-Submitted": "auto-generated"},
        })
    );
}

#[tokio::test]
async fn the_same_mail_sent_again_is_the_same_request() {
    let fake = Fake::start(answers("200 OK", &json!({"id": "x"}))).await;
    for _ in 0..2 {
        fake.mailer().send(&mail()).await.unwrap();
    }
    let seen = fake.seen();
    assert_eq!(seen[0], seen[1]);
}

#[tokio::test]
async fn a_no_to_the_mail_is_a_refusal() {
    for (status, name) in [
        ("400 Bad Request", "validation_error"),
        ("409 Conflict", "invalid_idempotent_request"),
        ("422 Unprocessable", "invalid_parameter"),
        ("451 Unavailable", "security_error"),
    ] {
        let problem = json!({"name": name, "message": "bob@example.org is no address"});
        let told = failure(answers(status, &problem)).await;
        assert_eq!(told, (true, format!("Resend answered {} {name}", &status[..3])));
    }
}

#[tokio::test]
async fn every_other_no_may_become_a_yes() {
    for (status, name) in [
        ("302 Found", "moved"),
        ("401 Unauthorized", "missing_api_key"),
        ("403 Forbidden", "invalid_api_key"),
        ("408 Request Timeout", "slow"),
        ("409 Conflict", "concurrent_idempotent_requests"),
        ("429 Too Many Requests", "rate_limit_exceeded"),
        ("500 Internal Server Error", "application_error"),
        ("503 Service Unavailable", "away"),
    ] {
        let told = failure(answers(status, &json!({"name": name, "message": "re_hunter2"}))).await;
        assert_eq!(told, (false, format!("Resend answered {} {name}", &status[..3])));
    }
}

#[tokio::test]
async fn nothing_but_a_plain_name_is_taken_out_of_an_answer() {
    for body in [
        json!({"name": "re_hunter2 bob@example.org"}),
        json!({"name": "x".repeat(65)}),
        json!({"name": 1}),
        json!("x"),
        json!({"message": "m".repeat(PROBLEM_LIMIT)}),
    ] {
        let told = failure(answers("500 Internal Server Error", &body)).await;
        assert_eq!(told, (false, "Resend answered 500".to_owned()));
    }
}

#[tokio::test]
async fn a_lost_or_a_late_answer_is_a_service_that_is_away() {
    for turn in [Turn::HangsUp, Turn::IsSilent, Turn::Answers("no HTTP at all\r\n\r\n".to_owned())] {
        let (refused, text) = failure(turn).await;
        assert!(!refused, "{text}");
    }
}

#[tokio::test]
async fn what_no_message_can_carry_is_refused_before_anybody_is_called() {
    let fake = Fake::start(answers("200 OK", &json!({"id": "x"}))).await;
    for mail in [
        Mail { to: "bob@example.org, eve@example.org".to_owned(), ..mail() },
        Mail { subject: "Hi\r\nBcc: eve@example.org".to_owned(), ..mail() },
        Mail { key: "a\r\nX: y".to_owned(), ..mail() },
    ] {
        assert!(matches!(fake.mailer().send(&mail).await, Err(MailError::Refused(_))), "{mail:?}");
    }
    assert!(fake.seen().is_empty());
}

#[test]
fn a_key_that_no_header_can_hold_is_refused_without_being_repeated() {
    let from = Sender::parse("hello@example.com").unwrap();
    let clock = Arc::new(ManualClock::at("2026-03-02T09:00:00Z"));
    let key = SecretString::from("re_hunter2\r\nx: y");
    let error =
        ResendMailer::new(ResendMailer::BASE, &key, from, clock.clone(), &breakers(&clock).0).err().unwrap();
    assert!(!error.to_string().contains("hunter2"), "{error}");
}

#[tokio::test]
async fn a_service_that_is_away_is_left_alone_and_then_sent_the_same_again() {
    let away = answers("503 Service Unavailable", &json!({"name": "away"}));
    let (fake, clock) = (Fake::start(away).await, Arc::new(ManualClock::at("2026-03-02T09:00:00Z")));
    let (breakers, pauses) = breakers(&clock);
    let mailer = fake.mailer_under(&breakers);
    for _ in 0..20 {
        assert!(matches!(mailer.send(&mail()).await, Err(MailError::Unavailable(_))));
    }
    assert_eq!(fake.seen().len(), 5, "and no attempt was repeated by the mailer: the job does that");
    assert!(pauses.noted().is_empty());
    let told = mailer.send(&mail()).await.unwrap_err().to_string();
    assert!(told.contains("resend is unavailable until 2026-03-02T09:00:30Z"), "{told}");

    clock.advance(Duration::from_secs(30));
    fake.now_answers(answers("200 OK", &json!({"id": "x"})));
    mailer.send(&mail()).await.unwrap();
    let seen = fake.seen();
    assert!(seen.len() == 6 && seen.iter().all(|request| *request == seen[0]), "the key is the same, too");
    assert_eq!(breakers.list()[0].state, BreakerState::Closed);
}

#[tokio::test]
async fn a_no_is_an_answer_and_leaves_nobody_alone() {
    for status in ["401 Unauthorized", "422 Unprocessable", "429 Too Many Requests"] {
        let fake = Fake::start(answers(status, &json!({"name": "no"}))).await;
        let mailer = fake.mailer();
        for _ in 0..10 {
            assert!(mailer.send(&mail()).await.is_err());
        }
        assert_eq!(fake.seen().len(), 10, "{status}");
    }
}
