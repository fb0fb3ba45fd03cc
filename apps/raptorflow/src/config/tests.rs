use super::*;
use kernel::{NoRandomness, Randomness};
use secrecy::ExposeSecret;

fn values(pairs: &[(&str, &str)]) -> Values {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

fn problems(pairs: &[(&str, &str)]) -> Vec<String> {
    Config::parse(&values(pairs)).unwrap_err().0
}

const KEY: &str = "Zk3vQ9xT1mB7rL5wN8yC2hJ6dF0gS4aP";
const SEALS: &str = "k1:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";

const SINGLE_NODE: &[(&str, &str)] = &[
    ("ENVIRONMENT", "production"),
    ("ALLOW_SINGLE_NODE", "true"),
    ("SECRET_KEY", KEY),
    ("ENCRYPTION_KEYS", SEALS),
    ("CORS_ORIGINS", "https://app.example"),
    ("PUBLIC_URL", "https://api.example/"),
    ("MAIL_FROM", "flow@example.com"),
];

#[test]
fn nothing_set_is_the_embedded_mode() {
    let config = Config::parse(&Values::new()).unwrap();
    assert_eq!((config.environment, config.http.port), (Environment::Development, 8000));
    assert_eq!(config.database.app.shown(), "sqlite:./data/raptorflow.db");
    assert_eq!(config.http.cors_origins, ["http://localhost:3000"]);
    assert!(config.secret_key.is_none() && config.warnings.is_empty(), "{:?}", config.warnings);
}

#[test]
fn every_problem_is_reported_at_once_by_its_name() {
    let found = problems(&[
        ("ENVIRONMENT", "prod"),
        ("PORT", "70000"),
        ("DEBUG", "maybe"),
        ("DATABASE_URL", "postgre://app:hunter2@db/x"),
        ("SECRET_KEY", "hunter2"),
        ("JWT_SIGNING_KEYS", "k1:hunter2"),
        ("CORS_ORIGINS", "app.example"),
        ("TRUSTED_PROXIES", "10.0.0.0/99"),
    ]);
    for name in [
        "ENVIRONMENT",
        "PORT",
        "DEBUG",
        "DATABASE_URL",
        "SECRET_KEY",
        "JWT_SIGNING_KEYS",
        "CORS_ORIGINS",
        "TRUSTED_PROXIES",
    ] {
        assert_eq!(
            found.iter().filter(|p| p.starts_with(&format!("{name}: "))).count(),
            1,
            "{name} in {found:?}"
        );
    }
    assert!(!found.join(" ").contains("hunter2"), "a secret shows in {found:?}");
}

#[test]
fn production_names_everything_it_misses() {
    let found = problems(&[("ENVIRONMENT", "production")]).join("\n");
    for name in [
        "SECRET_KEY",
        "DATABASE_URL",
        "REDIS_URL",
        "CORS_ORIGINS",
        "PUBLIC_URL",
        "ENCRYPTION_KEYS",
        "RESEND_API_KEY",
        "MAIL_FROM",
    ] {
        assert!(found.contains(&format!("{name}: ")), "{name} is not named in\n{found}");
    }
}

#[test]
fn production_refuses_each_unsafe_setting() {
    assert!(Config::parse(&values(SINGLE_NODE)).is_ok());
    for (name, unsafe_value) in [
        ("SECRET_KEY", "changeme-changeme-changeme-changeme"),
        ("SECRET_KEY", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"),
        ("CORS_ORIGINS", "https://app.example,*"),
        ("DEBUG", "true"),
        ("ALLOW_SINGLE_NODE", "false"),
        ("DATABASE_URL", "postgres://u:p@db.example/d"),
        ("REDIS_URL", "redis://cache.example"),
        ("SMTP_URL", "http://mail.example"),
        ("PUBLIC_URL", "http://api.example"),
        ("ENCRYPTION_KEYS", "k1:short"),
    ] {
        let mut changed = values(SINGLE_NODE);
        changed.insert(name.to_owned(), unsafe_value.to_owned());
        assert!(Config::parse(&changed).is_err(), "{name}={unsafe_value} is let pass");
    }
}

#[test]
fn what_this_build_lacks_is_said_and_never_pretended() {
    let mut lacking = values(SINGLE_NODE);
    lacking.insert("PHONEPE_MERCHANT_ID".to_owned(), "M1".to_owned());
    let warnings = Config::parse(&lacking).unwrap().warnings;
    assert_eq!(warnings, ["PHONEPE_MERCHANT_ID has no effect in this build: payments are off"]);
}

#[test]
fn production_of_several_processes_starts_with_a_database_redis_and_mail_that_are_reached_by_tls() {
    let mut several = values(SINGLE_NODE);
    several.remove("ALLOW_SINGLE_NODE");
    for (name, value) in [
        ("RESEND_API_KEY", "re_x"),
        ("DATABASE_URL", "postgres://u:p@db.example/d?sslmode=require"),
        ("UPSTASH_REDIS_URL", "rediss://cache.example:6379"),
        ("UPSTASH_REDIS_TOKEN", "hunter2"),
    ] {
        several.insert(name.to_owned(), value.to_owned());
    }
    let config = Config::parse(&several).unwrap();
    assert!(config.redis.is_some());
    several.insert("UPSTASH_REDIS_URL".to_owned(), "redis://cache.example".to_owned());
    let refused = Config::parse(&several).unwrap_err().0;
    assert!(refused.len() == 1 && refused[0].contains("unencrypted"), "{refused:?}");
    several.remove("UPSTASH_REDIS_URL");
    let refused = Config::parse(&several).unwrap_err().0.join(" ");
    assert!(
        refused.contains("REDIS_URL: must be set") && refused.contains("UPSTASH_REDIS_TOKEN"),
        "{refused}"
    );
}

#[test]
fn mails_go_where_the_settings_say() {
    let delivery = |pairs: &[(&str, &str)]| Config::parse(&values(pairs)).unwrap().mail.delivery;
    assert!(matches!(delivery(&[]), Delivery::Files));
    assert!(matches!(delivery(&[("RESEND_API_KEY", "re_x")]), Delivery::Resend(_)));
    let Delivery::Smtp(server) = delivery(&[("SMTP_URL", "smtp://u:p@mail.example")]) else {
        panic!("not SMTP")
    };
    assert_eq!(server.shown(), "mail.example:587 (STARTTLS)");
    let lenient = [("SMTP_URL", "smtp://mailpit:1025"), ("ALLOW_PLAINTEXT_NETWORK", "true")];
    let Delivery::Smtp(server) = delivery(&lenient) else { panic!("not SMTP") };
    assert_eq!(server.shown(), "mailpit:1025 (STARTTLS if it is offered)");
    let config = Config::parse(&values(&lenient)).unwrap();
    assert_eq!(config.warnings, ["MAIL_FROM is not set: mail services refuse a sender at localhost"]);
}

#[test]
fn two_mailers_a_bad_key_and_a_bad_sender_are_problems_and_no_secret_shows() {
    let both = problems(&[("RESEND_API_KEY", "re_hunter2"), ("SMTP_URL", "smtps://u:hunter2@mail.example")]);
    assert!(both.len() == 1 && both[0].starts_with("SMTP_URL: is set beside RESEND_API_KEY"), "{both:?}");
    let bad = problems(&[
        ("RESEND_API_KEY", "re hunter2"),
        ("SMTP_URL", "smtp://hunter2@mail.example"),
        ("MAIL_FROM", "hunter2"),
    ])
    .join(" ");
    assert!(!bad.contains("hunter2"), "{bad}");
    for name in ["RESEND_API_KEY: has", "SMTP_URL: has a user but no password", "MAIL_FROM: a sender looks"] {
        assert!(bad.contains(name), "{name} in {bad}");
    }
}

#[test]
fn a_supabase_project_is_a_url_and_perhaps_a_secret() {
    let project = |pairs: &[(&str, &str)]| Config::parse(&values(pairs)).unwrap().supabase;
    assert!(project(&[]).is_none());
    let keyed = project(&[("SUPABASE_URL", "https://abc.supabase.co/")]).unwrap();
    assert_eq!((keyed.url.as_str(), keyed.secret.is_none()), ("https://abc.supabase.co", true));
    let both = [("SUPABASE_URL", "http://localhost:54321"), ("SUPABASE_JWT_SECRET", KEY)];
    assert!(project(&both).unwrap().secret.is_some());
    assert!(!format!("{:?}", project(&both)).contains(KEY));
    for (pairs, named) in [
        (vec![("SUPABASE_JWT_SECRET", KEY)], "SUPABASE_JWT_SECRET: needs SUPABASE_URL"),
        (
            vec![("SUPABASE_URL", "https://a.b"), ("SUPABASE_JWT_SECRET", "short")],
            "SUPABASE_JWT_SECRET: is shorter",
        ),
        (vec![("SUPABASE_URL", "http://abc.supabase.co")], "SUPABASE_URL: would be unencrypted"),
        (vec![("SUPABASE_URL", "https://abc.supabase.co/auth/v1")], "SUPABASE_URL: must be a URL"),
        (vec![("SUPABASE_URL", "abc.supabase.co")], "SUPABASE_URL: is not a readable URL"),
    ] {
        let found = problems(&pairs);
        assert!(found.len() == 1 && found[0].starts_with(named), "{found:?}");
    }
    let unused = Config::parse(&values(&[("SUPABASE_SERVICE_KEY", "x")])).unwrap().warnings;
    assert!(
        unused[0].starts_with("SUPABASE_SERVICE_KEY has no effect in this build: not needed"),
        "{unused:?}"
    );
}

#[test]
fn a_slip_of_the_keyboard_is_warned_about() {
    let config = Config::parse(&values(&[("DATABASE_ULR", "sqlite:x.db"), ("HOME", "/root")])).unwrap();
    assert_eq!(config.warnings, ["DATABASE_ULR is no setting; did you mean DATABASE_URL?"]);
}

#[test]
fn the_printed_table_masks_secrets() {
    let table = describe::table(&values(&[
        ("SECRET_KEY", KEY),
        ("DATABASE_URL", "postgres://u:pw@h/d"),
        ("PORT", "1"),
    ]));
    assert!(!table.contains(KEY) && !table.contains("pw@"));
    assert!(
        table.contains("SECRET_KEY                 (set)")
            && table.contains("PORT                       1\n")
    );
}

#[test]
fn the_document_has_a_row_for_every_name() {
    let document = describe::markdown();
    for name in settings::SETTINGS.iter().map(|s| s.name).chain(settings::LATER.iter().map(|l| l.name)) {
        assert!(document.contains(&format!("| `{name}`")), "{name}");
    }
}

struct Counting;

impl Randomness for Counting {
    fn fill(&self, buffer: &mut [u8]) -> Result<(), NoRandomness> {
        (0_u8..).zip(buffer).for_each(|(n, byte)| *byte = n);
        Ok(())
    }
}

struct Broken;

impl Randomness for Broken {
    fn fill(&self, _: &mut [u8]) -> Result<(), NoRandomness> {
        Err(NoRandomness)
    }
}

#[test]
fn embedded_secrets_are_made_once_and_readable_by_their_owner_only() {
    let folder = tempfile::tempdir().unwrap();
    let data_dir = folder.path().join("data");
    let config = Config::parse(&values(&[("DATA_DIR", data_dir.to_str().unwrap())])).unwrap();
    let first = Secrets::open(&config, &kernel::SystemRandomness).unwrap();
    let second = Secrets::open(&config, &Counting).unwrap();
    assert_eq!(first.secret_key.expose_secret(), second.secret_key.expose_secret());
    assert_eq!(first.encryption_keys[0].key.expose_secret(), second.encryption_keys[0].key.expose_secret());
    assert_eq!(std::fs::read_dir(&data_dir).unwrap().count(), 1, "the draft was left behind");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = std::fs::metadata(data_dir.join("secrets")).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
}

#[test]
fn without_randomness_no_secret_is_made_and_a_damaged_file_is_no_secret() {
    let folder = tempfile::tempdir().unwrap();
    let config = Config::parse(&values(&[("DATA_DIR", folder.path().to_str().unwrap())])).unwrap();
    assert!(Secrets::open(&config, &Broken).is_err());
    assert!(!folder.path().join("secrets").exists());
    std::fs::write(folder.path().join("secrets"), "SECRET_KEY=\n").unwrap();
    assert!(Secrets::open(&config, &Counting).is_err());
}

#[test]
fn the_clients_pages_are_where_the_server_is_unless_it_is_said() {
    let app = |pairs: &[(&str, &str)]| Config::parse(&values(pairs)).unwrap().http.app_url;
    assert_eq!(app(&[("PUBLIC_URL", "https://api.example/")]), "https://api.example");
    let apart = [("PUBLIC_URL", "https://api.example/"), ("APP_URL", "https://app.example/flow/")];
    assert_eq!(app(&apart), "https://app.example/flow");
    assert!(problems(&[("APP_URL", "app.example")])[0].starts_with("APP_URL: "));
}

#[test]
fn an_operators_token_is_long_random_and_fit_for_a_header() {
    let token = |pairs: &[(&str, &str)]| Config::parse(&values(pairs)).unwrap().operator_token;
    assert!(token(&[]).is_none() && token(&[("OPERATOR_TOKEN", KEY)]).is_some());
    assert!(!format!("{:?}", token(&[("OPERATOR_TOKEN", KEY)])).contains(KEY));
    for bad in
        ["hunter2", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "with a space 0123456789 0123456789 abc"]
    {
        let found = problems(&[("OPERATOR_TOKEN", bad)]);
        assert!(found.len() == 1 && found[0].starts_with("OPERATOR_TOKEN: "), "{found:?}");
        assert!(!found[0].contains(bad), "{found:?}");
    }
}

#[test]
fn an_unknown_feature_is_a_problem() {
    let off = |text: &str| Config::parse(&values(&[("FEATURES", text)])).unwrap().features_off;
    assert_eq!(off("-moves,-agents"), ["agents", "moves"]);
    let found = problems(&[("FEATURES", "-campaign")]);
    assert!(found.len() == 1 && found[0].starts_with("FEATURES: `campaign` is no area"), "{found:?}");
}
