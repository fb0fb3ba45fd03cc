mod server;

use super::*;
use base64::{Engine, engine::general_purpose::STANDARD};
use kernel::testing::ManualClock;
use server::{PLAIN, Play, Seen, Server, Skills, Turn, certified, root};
use servers::Authority;
use web::{BreakerState, testing::breakers};

/// For servers that fall silent.
const QUICK: Patience = Patience {
    connect: Duration::from_secs(1),
    command: Duration::from_secs(1),
    accept: Duration::from_secs(1),
};

fn mailer(root: Option<Certificate>, patience: Patience, server: SmtpServer) -> SmtpMailer {
    let clock = Arc::new(ManualClock::at("2026-03-02T09:00:00Z"));
    mailer_under(&breakers(&clock).0, root, patience, server)
}

fn mailer_under(
    breakers: &Breakers,
    root: Option<Certificate>,
    patience: Patience,
    server: SmtpServer,
) -> SmtpMailer {
    let from = Sender::parse("RaptorFlow <hello@example.com>").unwrap();
    let clock = Arc::new(ManualClock::at("2026-03-02T09:00:00Z"));
    SmtpMailer::trusting(root, patience, server, from, clock, breakers).unwrap()
}

fn plain(server: &Server) -> SmtpMailer {
    mailer(None, Patience::USUAL, server.reached(Protection::Local))
}

fn mail(key: &str) -> Mail {
    Mail {
        to: "bob@example.org".to_owned(),
        subject: "Confirm your address".to_owned(),
        text: "Hellö,\n\n.\n..two\nhttps://api.example.com/verify?token=x\n".to_owned(),
        key: key.to_owned(),
    }
}

/// What went wrong; `true` for a refusal.
async fn failure(mailer: &SmtpMailer) -> (bool, String) {
    let (refused, text) = match mailer.send(&mail("a")).await.unwrap_err() {
        MailError::Refused(text) => (true, text),
        MailError::Unavailable(text) => (false, text),
    };
    for secret in ["hunter2", &STANDARD.encode("\0ada\0hunter2"), "bob@", "words"] {
        assert!(!text.contains(secret), "{text}");
    }
    (refused, text)
}

fn usual(_: usize, _: &str) -> Turn {
    Turn::Usual
}

#[tokio::test]
async fn a_mail_is_handed_over_whole_by_somebody_who_has_logged_in() {
    let server = Server::start(PLAIN, usual).await;
    plain(&server).send(&mail("k1")).await.unwrap();
    let Seen { commands, messages, .. } = server.seen();
    let login = format!("AUTH PLAIN {}", STANDARD.encode("\0ada\0hunter2"));
    assert_eq!(
        commands,
        [
            "EHLO [127.0.0.1]",
            &login,
            "MAIL FROM:<hello@example.com> BODY=8BITMIME",
            "RCPT TO:<bob@example.org>",
            "DATA"
        ]
    );
    let (head, body) = messages[0].split_once("\r\n\r\n").unwrap();
    assert!(head.contains("Message-ID: <k1@example.com>"), "{head}");
    assert!(head.contains("From: RaptorFlow <hello@example.com>"), "{head}");
    assert_eq!(body.trim_end(), mail("").text.trim_end().replace('\n', "\r\n"));
}

#[tokio::test]
async fn a_server_that_carries_seven_bits_only_gets_no_more() {
    let server = Server::start(Skills { extensions: &["AUTH LOGIN PLAIN"], ..PLAIN }, usual).await;
    plain(&server).send(&mail("k1")).await.unwrap();
    let Seen { commands, messages, .. } = server.seen();
    assert!(commands.contains(&"MAIL FROM:<hello@example.com>".to_owned()), "{commands:?}");
    assert!(messages[0].is_ascii() && messages[0].contains("Hell=C3=B6"), "{}", messages[0]);
}

#[tokio::test]
async fn mails_share_a_connection_until_the_server_hangs_up() {
    let server = Server::start(PLAIN, |connection, step| match (connection, step) {
        (1, "NOOP") => Turn::HangsUp,
        _ => Turn::Usual,
    })
    .await;
    let mailer = plain(&server);
    for key in ["a", "b", "c"] {
        mailer.send(&mail(key)).await.unwrap();
    }
    let seen = server.seen();
    assert_eq!((seen.connections, seen.messages.len()), (2, 3), "{:?}", seen.commands);
}

#[tokio::test]
async fn a_final_no_to_the_recipient_or_the_text_is_a_refusal() {
    let recipient = Server::start(PLAIN, |_, step| match step {
        "RCPT" => Turn::Says("550 5.1.1 words about bob@example.org"),
        _ => Turn::Usual,
    })
    .await;
    let told = failure(&plain(&recipient)).await;
    assert_eq!(told, (true, "RCPT: the server answered 550 5.1.1".to_owned()));
    let text = Server::start(PLAIN, |_, step| match step {
        "." => Turn::Says("554-5.7.1 words\r\n554 more words"),
        _ => Turn::Usual,
    })
    .await;
    let told = failure(&plain(&text)).await;
    assert_eq!(told, (true, "the message: the server answered 554 5.7.1".to_owned()));
}

#[tokio::test]
async fn every_other_no_may_become_a_yes() {
    let plays: [(Play, &str); 8] = [
        (|_, step| says(step, "HELLO", "554 words"), "connecting: the server answered 554"),
        (|_, step| says(step, "EHLO", "421 words"), "connecting: the server answered 421"),
        (|_, step| says(step, "AUTH", "535 5.7.8 words"), "AUTH: the server answered 535 5.7.8"),
        (|_, step| says(step, "MAIL", "550 5.7.1 words"), "MAIL: the server answered 550 5.7.1"),
        (|_, step| says(step, "RCPT", "450 4.2.1 words"), "RCPT: the server answered 450 4.2.1"),
        (|_, step| says(step, "RCPT", "530 5.7.0 words"), "RCPT: the server answered 530 5.7.0"),
        (|_, step| says(step, "DATA", "554 words"), "DATA: the server answered 554"),
        (|_, step| says(step, ".", "452 4.3.1 words"), "the message: the server answered 452 4.3.1"),
    ];
    for (play, expected) in plays {
        let server = Server::start(PLAIN, play).await;
        assert_eq!(failure(&plain(&server)).await, (false, expected.to_owned()));
    }
}

fn says(step: &str, at: &str, text: &'static str) -> Turn {
    if step == at { Turn::Says(text) } else { Turn::Usual }
}

#[tokio::test]
async fn what_is_no_smtp_is_no_answer() {
    let server = Server::start(PLAIN, |_, step| says(step, "RCPT", "words, not a code")).await;
    assert_eq!(failure(&plain(&server)).await, (false, "RCPT: the answer is no SMTP".to_owned()));
}

#[tokio::test]
async fn a_connection_that_breaks_or_falls_silent_is_replaced_by_another() {
    let plays: [Play; 8] = [
        |connection, step| first(connection, step == "HELLO", Turn::HangsUp),
        |connection, step| first(connection, step == "AUTH", Turn::HangsUp),
        |connection, step| first(connection, step == "RCPT", Turn::HangsUp),
        |connection, step| first(connection, step == ".", Turn::HangsUp),
        |connection, step| first(connection, step == "HELLO", Turn::IsSilent),
        |connection, step| first(connection, step == "AUTH", Turn::IsSilent),
        |connection, step| first(connection, step == "RCPT", Turn::IsSilent),
        |connection, step| first(connection, step == ".", Turn::IsSilent),
    ];
    for play in plays {
        let server = Server::start(PLAIN, play).await;
        let mailer = mailer(None, QUICK, server.reached(Protection::Local));
        let (refused, text) = failure(&mailer).await;
        assert!(!refused, "{text}");
        mailer.send(&mail("b")).await.unwrap();
        assert_eq!(server.seen().connections, 2, "{text}");
    }
}

fn first(connection: usize, at: bool, turn: Turn) -> Turn {
    if connection == 1 && at { turn } else { Turn::Usual }
}

#[tokio::test]
async fn a_mail_that_is_dropped_half_way_leaves_no_half_of_it_to_the_next() {
    let server =
        Server::start(PLAIN, |connection, step| first(connection, step == "RCPT", Turn::IsSilent)).await;
    let mailer = mailer(None, Patience::USUAL, server.reached(Protection::Local));
    let (a, b) = (mail("a"), mail("b"));
    let dropped = tokio::time::timeout(Duration::from_millis(200), mailer.send(&a)).await;
    assert!(dropped.is_err());
    mailer.send(&b).await.unwrap();
    let seen = server.seen();
    assert_eq!((seen.connections, seen.messages.len()), (2, 1));
    assert!(seen.messages[0].contains("<b@example.com>"));
}

#[tokio::test]
async fn what_no_message_can_carry_is_refused_before_anybody_is_called() {
    let server = Server::start(PLAIN, usual).await;
    for to in ["nobody", "bob@example.org\r\nRCPT TO:<eve@example.org>", "böb@example.org"] {
        let answer = plain(&server).send(&Mail { to: to.to_owned(), ..mail("a") }).await;
        assert!(matches!(answer, Err(MailError::Refused(_))), "{to:?}");
    }
    assert_eq!(server.seen().connections, 0);
}

#[tokio::test]
async fn the_check_logs_in_and_sends_nothing() {
    let server = Server::start(PLAIN, usual).await;
    plain(&server).check().await.unwrap();
    assert_eq!(server.seen().commands.len(), 2);
    let wrong = Server::start(PLAIN, |_, step| says(step, "AUTH", "535 words")).await;
    assert!(matches!(plain(&wrong).check().await, Err(MailError::Unavailable(_))));
}

#[tokio::test]
async fn a_login_goes_to_a_server_with_a_trusted_certificate_only() {
    let (ours, theirs) = (Authority::new("an authority"), Authority::new("an authority"));
    for (protection, implicit) in
        [(Protection::Implicit, true), (Protection::Required, false), (Protection::IfOffered, false)]
    {
        let server = Server::start(certified(&ours, "localhost", implicit), usual).await;
        mailer(Some(root(&ours)), Patience::USUAL, server.reached(protection))
            .send(&mail("a"))
            .await
            .unwrap();
        assert_eq!(server.seen().messages.len(), 1, "{protection:?}");
        let strangers =
            [certified(&theirs, "localhost", implicit), certified(&ours, "other.example", implicit)];
        for skills in strangers {
            let server = Server::start(skills, usual).await;
            let stranger = mailer(Some(root(&ours)), Patience::USUAL, server.reached(protection));
            let (refused, text) = failure(&stranger).await;
            assert!(!refused && text.contains("certificate"), "{protection:?}: {text}");
            assert!(!server.seen().commands.iter().any(|c| c.starts_with("AUTH")), "{protection:?}");
        }
    }
}

#[tokio::test]
async fn a_server_without_starttls_hears_no_login_unless_plain_words_are_allowed() {
    let ours = Authority::new("an authority");
    let server = Server::start(PLAIN, usual).await;
    let careful = mailer(Some(root(&ours)), Patience::USUAL, server.reached(Protection::Required));
    let (refused, text) = failure(&careful).await;
    assert!(!refused && text.contains("STARTTLS"), "{text}");
    assert_eq!(server.seen().commands, ["EHLO [127.0.0.1]"]);
    mailer(Some(root(&ours)), Patience::USUAL, server.reached(Protection::IfOffered))
        .send(&mail("a"))
        .await
        .unwrap();
    assert_eq!(server.seen().messages.len(), 1);
}

#[tokio::test]
async fn a_server_that_hangs_up_is_left_alone_until_a_probe_is_answered() {
    let server = Server::start(PLAIN, |connection, step| match (connection, step) {
        (1..=5, "HELLO") => Turn::HangsUp,
        _ => Turn::Usual,
    })
    .await;
    let clock = Arc::new(ManualClock::at("2026-03-02T09:00:00Z"));
    let breakers = breakers(&clock).0;
    let mailer = mailer_under(&breakers, None, Patience::USUAL, server.reached(Protection::Local));
    for _ in 0..20 {
        assert!(matches!(mailer.send(&mail("a")).await, Err(MailError::Unavailable(_))));
    }
    assert_eq!(server.seen().connections, 5);
    let told = mailer.send(&mail("a")).await.unwrap_err().to_string();
    assert!(told.contains("smtp is unavailable until 2026-03-02T09:00:30Z"), "{told}");
    clock.advance(Duration::from_secs(30));
    mailer.send(&mail("a")).await.unwrap();
    assert_eq!((server.seen().messages.len(), breakers.list()[0].state), (1, BreakerState::Closed));
}

#[tokio::test]
async fn a_server_that_says_no_is_there() {
    let plays: [Play; 3] = [
        |_, step| says(step, "RCPT", "550 5.1.1 words"),
        |_, step| says(step, "AUTH", "535 words"),
        |_, step| says(step, ".", "452 4.3.1 words"),
    ];
    for play in plays {
        let server = Server::start(PLAIN, play).await;
        let breakers = breakers(&Arc::new(ManualClock::at("2026-03-02T09:00:00Z"))).0;
        let mailer = mailer_under(&breakers, None, Patience::USUAL, server.reached(Protection::Local));
        for _ in 0..7 {
            assert!(mailer.send(&mail("a")).await.is_err());
        }
        let report = breakers.list().remove(0);
        assert_eq!((report.state, report.failures), (BreakerState::Closed, 0));
    }
}
