//! The real binary, as an operator runs it: the main job, a kill in the middle, bad settings.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "the helpers of a test fail by panicking"
)]

mod admin;
mod breakers;
mod canary;
mod crash;
mod cut_off;
mod data_file;
mod doctor;
mod embedded;
mod features;
mod gate;
mod graceful;
mod health;
mod job;
mod keys;
mod kills;
mod mails;
mod metrics;
mod outages;
mod overspending;
mod poison;
mod replicas;
mod revocation;
mod runs;
mod same_question;
mod schedules;
mod server;
mod slow;
mod supabase;
mod tracing;
mod two_workers;

mod demo {
    use super::server::command;
    use serde_json::Value;

    #[test]
    fn the_demo_prints_one_document_with_a_month_of_moves() {
        let output = command().args(["demo", "--json"]).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let story: Value = serde_json::from_slice(&output.stdout).unwrap();
        assert_eq!(story["business_context"]["version"], 1);
        assert_eq!(story["business_context"]["hash"].as_str().map(str::len), Some(64));
        assert_eq!(
            (&story["run"]["status"], &story["run"]["origin"]),
            (&"completed".into(), &"baseline".into())
        );
        let moves = story["moves"].as_array().unwrap();
        assert!(moves.len() >= 12, "{} moves", moves.len());
        let channels = story["campaign"]["channels"].as_array().unwrap();
        assert!(moves.iter().all(|m| channels.contains(&m["channel"]) && m["origin"] == "baseline"));
        for forbidden in ["discount", "cold e-mail", "tracker"] {
            assert!(!story["moves"].to_string().to_lowercase().contains(forbidden), "{forbidden}");
        }
        assert!(!story["daily_wins"].as_array().unwrap().is_empty());
    }

    #[test]
    fn the_demo_reports_what_a_brief_lacks_and_what_it_does_not_know() {
        let folder = tempfile::tempdir().unwrap();
        let brief = folder.path().join("brief.json");
        let text = r#"{"company": {"name": "Nib"}, "offer": {"summary": "Pens"}, "mascot": "a crow",
            "audience": [{"name": "Scribes"}], "goals": {"measures": ["letters"]}}"#;
        std::fs::write(&brief, text).unwrap();
        let output = command().arg("demo").arg("--brief").arg(&brief).output().unwrap();
        let (out, err) =
            (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr).into_owned());
        assert!(output.status.success(), "{err}");
        assert!(err.contains("`mascot` is no onboarding step"), "{err}");
        assert!(err.contains("the step `goals` stays open"), "{err}");
        assert!(out.contains("Foundation: Nib") && out.contains("Today's wins"), "{out}");
    }
}

mod settings {
    use super::server::command;

    fn refused(name: &str, value: &str) -> String {
        let folder = tempfile::tempdir().unwrap();
        let output = command().current_dir(folder.path()).env(name, value).arg("serve").output().unwrap();
        assert!(!output.status.success());
        let made: Vec<_> = std::fs::read_dir(folder.path()).unwrap().collect();
        assert!(made.is_empty(), "a refused start made {made:?}");
        String::from_utf8_lossy(&output.stderr).into_owned()
    }

    #[test]
    fn a_typo_in_the_database_url_is_an_error_and_not_a_new_file() {
        let told = refused("DATABASE_URL", "postgre://app:hunter2@db/raptorflow");
        assert!(told.contains("DATABASE_URL") && !told.contains("hunter2"), "{told}");
        assert!(refused("DATABASE_URL", "sqllite:data.db").contains("DATABASE_URL"));
        assert!(refused("DATABASE_URL", "sqlite:raptorflow.bd").contains("there is no raptorflow.bd"));
        assert!(refused("DATABASE_URL", "sqlite:typo/a/b.db").contains("there is no typo/a/b.db"));
    }

    #[test]
    fn an_area_that_is_not_there_can_not_be_switched_off() {
        let told = refused("FEATURES", "-moves,-campaign");
        assert!(told.contains("FEATURES: `campaign` is no area that can be switched off"), "{told}");
        assert!(refused("FEATURES", "campaigns").contains("FEATURES: `campaigns`"));
        assert!(refused("FEATURES", "-auth").contains("FEATURES: `auth`"), "nobody would get in");
    }

    #[test]
    fn production_names_every_missing_setting_at_once() {
        let told = refused("ENVIRONMENT", "production");
        for name in ["SECRET_KEY", "DATABASE_URL", "CORS_ORIGINS", "PUBLIC_URL", "ENCRYPTION_KEYS"] {
            assert!(told.contains(name), "{name} is not named in {told}");
        }
    }
}

mod sqlite {
    use super::{cut_off, job, kills, server::Server};
    use std::path::Path;

    #[tokio::test]
    async fn a_hundred_kills_in_the_middle_of_the_main_job_lose_and_double_nothing() {
        let folder = tempfile::tempdir().unwrap();
        kills::of_an_embedded_server(folder.path()).await;
    }

    #[tokio::test]
    async fn a_server_that_is_told_to_end_as_soon_as_it_is_ready_ends_of_its_own_will() {
        let folder = tempfile::tempdir().unwrap();
        Server::offering(folder.path()).await.terminate().await;
    }

    #[tokio::test]
    async fn the_main_job_survives_a_kill_in_its_middle() {
        let folder = tempfile::tempdir().unwrap();
        let start = || Server::embedded_with(folder.path(), &cut_off::SETTINGS);
        job::survives_a_kill(start, folder.path()).await;
    }

    #[tokio::test]
    async fn two_thousand_requests_that_are_cut_off_leave_nothing_behind() {
        let folder = tempfile::tempdir().unwrap();
        let server = Server::embedded_with(folder.path(), &cut_off::SETTINGS).await;
        cut_off::leaves_nothing_behind(&server, folder.path()).await;
    }

    #[tokio::test]
    async fn a_second_start_keeps_secrets_and_sessions() {
        let folder = tempfile::tempdir().unwrap();
        let folder: &Path = folder.path();
        let first = Server::embedded(folder).await;
        let mut client = first.client(folder);
        client.join("ada@example.com", "correct horse battery").await.unwrap();
        drop(first);
        let second = Server::embedded(folder).await;
        client.move_to(&second.base);
        assert_eq!(client.get("/api/v1/auth/me").await.unwrap()["user"]["email"], "ada@example.com");
    }
}

mod postgres {
    use super::{
        cut_off, job, kills, revocation,
        server::{Database, redis},
    };

    #[tokio::test]
    async fn a_hundred_kills_of_server_and_worker_beside_redis_lose_and_double_nothing() {
        let folder = tempfile::tempdir().unwrap();
        kills::of_server_and_worker(folder.path(), &redis(7)).await;
    }

    #[tokio::test]
    async fn two_thousand_requests_that_are_cut_off_leave_nothing_behind() {
        let folder = tempfile::tempdir().unwrap();
        let database = Database::fresh(folder.path()).await;
        let _worker = database.worker();
        let server = database.server_with(&cut_off::SETTINGS).await;
        cut_off::leaves_nothing_behind(&server, folder.path()).await;
    }

    #[tokio::test]
    async fn a_logout_at_one_server_bites_at_the_other() {
        let folder = tempfile::tempdir().unwrap();
        let database = Database::fresh(folder.path()).await;
        let _worker = database.worker();
        let start = || database.server_with(&cut_off::SETTINGS);
        let servers = [start().await, start().await];
        revocation::crosses(servers, &mut database.system().await, folder.path()).await;
    }

    #[tokio::test]
    async fn the_main_job_runs_on_a_server_and_a_worker_and_survives_a_kill() {
        let folder = tempfile::tempdir().unwrap();
        let database = Database::fresh(folder.path()).await;
        let _worker = database.worker();
        job::survives_a_kill(|| database.server_with(&cut_off::SETTINGS), folder.path()).await;
    }
}
