//! `raptorflow admin`, on the embedded database of a server that has run.

use super::server::{Server, command};
use serde_json::json;
use std::{path::Path, process::Output};

const CANARY: &str = "sk-live-canary-3b1f";
const EMAIL: &str = "ada@example.com";
const K2: &str = "k2:AgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgI=";

fn admin(data_dir: &Path, keys: &str, arguments: &[&str]) -> Output {
    let mut command = command();
    command.env("DATA_DIR", data_dir).env("ENCRYPTION_KEYS", keys);
    command.arg("admin").args(arguments).output().unwrap()
}

/// What it printed, when it went well.
#[track_caller]
fn printed(output: &Output) -> String {
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout.clone()).unwrap()
}

/// What it complained of, when it failed.
#[track_caller]
fn complained(output: &Output) -> String {
    assert!(!output.status.success(), "{output:?}");
    String::from_utf8(output.stderr.clone()).unwrap()
}

/// Every file below the folder that holds the text.
fn holding(folder: &Path, text: &str) -> Vec<std::path::PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(holding(&path, text));
        } else if std::fs::read(&path).unwrap().windows(text.len()).any(|part| part == text.as_bytes()) {
            found.push(path);
        }
    }
    found
}

#[tokio::test]
async fn keys_are_rotated_and_an_administrator_is_made() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let server = Server::embedded(folder).await;
    let mut client = server.client(folder);
    client.join(EMAIL, "correct horse battery").await.unwrap();
    client.put("/api/v1/users/me/secrets/openai", &json!({"value": CANARY})).await.unwrap();
    drop(server);
    assert_eq!(holding(folder, CANARY), [""; 0].map(std::path::PathBuf::from), "it is sealed wherever it is");
    assert!(!holding(folder, EMAIL).is_empty(), "what is not sealed is found by this search");

    let secrets = std::fs::read_to_string(folder.join("secrets")).unwrap();
    let k1 = secrets.lines().find_map(|line| line.strip_prefix("ENCRYPTION_KEYS=")).unwrap();
    let both = format!("{K2},{k1}");
    assert_eq!(printed(&admin(folder, &both, &["rotate-keys"])), "1 sealed anew\n");
    assert_eq!(printed(&admin(folder, &both, &["rotate-keys"])), "0 sealed anew\n");
    assert_eq!(printed(&admin(folder, K2, &["rotate-keys"])), "0 sealed anew\n", "`k1` may go");
    let told = complained(&admin(folder, k1, &["rotate-keys"]));
    let expected =
        "1 could not be opened and stay as they are: 1 sealed under `k2`, which ENCRYPTION_KEYS lacks";
    assert!(told.contains(expected), "{told}");

    assert_eq!(printed(&admin(folder, k1, &["replay-dead-letters"])), "0 wait again\n");
    let make = |email| admin(folder, k1, &["make-platform-admin", email]);
    assert_eq!(printed(&make("Ada@example.com")), "is a platform administrator now\n");
    assert_eq!(printed(&make(EMAIL)), "is a platform administrator already\n");
    assert!(complained(&make("bob@example.com")).contains("nobody has this address"));
    assert!(!make("ada").status.success());
}
