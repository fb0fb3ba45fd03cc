//! `compose.yml` and `.env.example`: the settings of the services.

use crate::services::{ours, services};
use crate::{docs, members, yaml};
use raptorflow::config::settings::SETTINGS;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;

/// Every text in it.
fn all_texts<'v>(value: &'v Value, into: &mut Vec<&'v str>) {
    match value {
        Value::String(text) => into.push(text),
        Value::Array(items) => items.iter().for_each(|item| all_texts(item, into)),
        Value::Object(members) => members.values().for_each(|member| all_texts(member, into)),
        _ => {}
    }
}

/// What stands between `${` and `}`.
fn taken(text: &str) -> impl Iterator<Item = &str> {
    text.split("${").skip(1).filter_map(|rest| rest.split('}').next())
}

/// The variables that whoever starts it must have set, as `${NAME:?}` says.
fn wanted() -> BTreeSet<String> {
    let (file, mut texts) = (yaml("deploy/compose.yml"), Vec::new());
    all_texts(&file, &mut texts);
    let variables = texts.iter().flat_map(|text| taken(text));
    variables
        .map(|variable| {
            let name = variable.strip_suffix(":?");
            name.unwrap_or_else(|| panic!("`{variable}` would be empty where it is not set")).to_owned()
        })
        .collect()
}

/// What `.env.example` names, with the values that it proposes.
fn example() -> BTreeMap<String, String> {
    let text = docs("deploy/.env.example");
    let lines = text.lines().filter(|line| !line.starts_with('#') && !line.is_empty());
    lines.map(|line| line.split_once('=').unwrap()).map(|(name, value)| (name.into(), value.into())).collect()
}

#[test]
fn the_example_names_every_variable_that_is_wanted_and_no_other() {
    let (wanted, example) = (wanted(), example());
    assert!(wanted.len() > 8, "{wanted:?}");
    assert_eq!(wanted, example.into_keys().collect());
}

#[test]
fn every_setting_of_a_service_has_an_effect_and_the_required_ones_are_there() {
    let (services, documented) = (services(), docs("configuration.md"));
    for (name, service, _) in ours(&services) {
        let given: BTreeSet<&str> = members(&service["environment"]).map(|(name, _)| name).collect();
        for setting in &given {
            let known = SETTINGS.iter().any(|s| s.name == *setting || s.aliases.contains(setting));
            assert!(known && documented.contains(&format!("`{setting}`")), "{setting} of {name}");
        }
        for setting in SETTINGS.iter().filter(|setting| setting.required_in_production) {
            assert!(given.contains(setting.name), "{name} lacks {}", setting.name);
        }
    }
}

/// What somebody would fill in, where the example leaves it to them.
fn filled_in(name: &str, proposed: &str) -> String {
    match name {
        _ if !proposed.is_empty() => proposed.to_owned(),
        "SECRET_KEY" => "Zk3vQ9xT1mB7rL5wN8yC2hJ6dF0gS4aPZk3vQ9xT1mB7rL5wN8yC2hJ6dF0gS4aP".to_owned(),
        "ENCRYPTION_KEYS" => "k1:AgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgI=".to_owned(),
        _ => "3f9c1e7ab24d60586f0d9b3c7e1a42d58c60b7f93e2a1d45".to_owned(),
    }
}

#[test]
fn the_binary_takes_the_settings_of_each_service() {
    let services = services();
    for (name, service, _) in ours(&services) {
        let environment = members(&service["environment"]).map(|(setting, value)| {
            let mut value = value.as_str().unwrap().to_owned();
            for (variable, proposed) in example() {
                let place = format!("${{{variable}:?}}");
                value = value.replace(&place, &filled_in(&variable, &proposed));
            }
            (setting.to_owned(), value)
        });
        let mut command = Command::new(env!("CARGO_BIN_EXE_raptorflow"));
        let output = command.arg("config").env_clear().envs(environment).output().unwrap();
        assert!(output.status.success(), "{name}: {output:?}");
        let shown = String::from_utf8(output.stdout).unwrap();
        assert!(!shown.contains("warning: "), "{name}: {shown}");
    }
}

#[test]
fn every_command_that_a_service_calls_exists() {
    let services = services();
    for (name, _, command) in ours(&services) {
        let mut binary = Command::new(env!("CARGO_BIN_EXE_raptorflow"));
        let output = binary.args([command, "--help"]).output().unwrap();
        assert!(output.status.success(), "{name} calls {command}: {output:?}");
    }
}
