//! The binary's commands, as a shell sees them.

#![expect(clippy::unwrap_used, reason = "the helpers of a test fail by panicking")]

use std::process::{Command, Output};

fn raptorflow(arguments: &[&str], environment: &[(&str, &str)]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_raptorflow"));
    command.args(arguments).env_clear().envs(environment.iter().copied()).output().unwrap()
}

fn printed(arguments: &[&str]) -> String {
    let output = raptorflow(arguments, &[]);
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn config_prints_what_is_in_force_and_masks_secrets() {
    let output = raptorflow(
        &["config"],
        &[("PORT", "9000"), ("SECRET_KEY", "Zk3vQ9xT1mB7rL5wN8yC2hJ6dF0gS4aP"), ("PROT", "1")],
    );
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success());
    assert!(text.contains("PORT                       9000\n"), "{text}");
    assert!(text.contains("HOST                       127.0.0.1 (default)\n"), "{text}");
    assert!(text.contains("warning: PROT is no setting; did you mean PORT?"), "{text}");
    assert!(!text.contains("Zk3vQ9"), "{text}");
}

#[test]
fn a_wrong_configuration_fails_and_names_every_variable() {
    let output = raptorflow(
        &["config"],
        &[("ENVIRONMENT", "production"), ("PORT", "x"), ("DATABASE_URL", "pg://u:hunter2@h/d")],
    );
    let errors = String::from_utf8(output.stderr).unwrap();
    assert!(!output.status.success());
    for name in ["PORT", "DATABASE_URL", "SECRET_KEY", "CORS_ORIGINS", "REDIS_URL"] {
        assert!(errors.contains(&format!("{name}: ")), "{name} is not named in {errors}");
    }
    let all = format!("{errors}{}", String::from_utf8_lossy(&output.stdout));
    assert!(!all.contains("hunter2"), "{all}");
}

#[test]
fn documents_come_out_the_same_every_time() {
    for arguments in
        [&["openapi"][..], &["routes"], &["config", "--markdown"], &["errors", "--markdown"], &["errors"]]
    {
        let first = printed(arguments);
        assert_eq!(first, printed(arguments), "{arguments:?}");
        assert!(first.len() > 500 && first.ends_with('\n'), "{arguments:?}");
    }
    let document: serde_json::Value = serde_json::from_str(&printed(&["openapi"])).unwrap();
    assert_eq!(document["openapi"], "3.1.0");
}

#[test]
fn an_unknown_command_fails() {
    assert!(!raptorflow(&["sreve"], &[]).status.success());
}
