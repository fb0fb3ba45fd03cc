//! The chain of versions: whole, it verifies; changed anywhere, it does not.

use crate::tea_shop::{at, workspace};
use bcm::{
    ChainCheck, ContextDocument, ContextSource, ContextVersion, Integrity, VersionNote, canonical_json,
    sha256_hex,
};
use kernel::Actor;
use proptest::prelude::*;
use serde_json::{Value, json};

fn document(objective: &str) -> ContextDocument {
    let mut document = ContextDocument::default();
    objective.clone_into(&mut document.goals.objective);
    document
}

fn chain(objectives: &[String]) -> Vec<ContextVersion> {
    let mut chain: Vec<ContextVersion> = Vec::new();
    for (objective, id) in objectives.iter().zip(100..) {
        let note = VersionNote {
            source: ContextSource::Edit,
            reason: "test".to_owned(),
            author: Actor::System,
            at: at(0),
        };
        let id = uuid::Uuid::from_u128(id).into();
        let next = ContextVersion::following(chain.last(), id, workspace(), &document(objective), note);
        chain.push(next.unwrap());
    }
    chain
}

fn check(chain: &[ContextVersion], current: usize) -> Integrity {
    let mut check = ChainCheck::default();
    chain.iter().for_each(|version| check.look_at(version));
    check.finish(Some(i32::try_from(current).unwrap()))
}

#[test]
fn a_hash_is_the_sha_256_of_document_number_and_hash_before() {
    let versions = chain(&["grow".to_owned(), "grow more".to_owned()]);
    let document: Value = serde_json::from_str(&versions[1].document).unwrap();
    let hashed = json!({"number": 2, "previous_hash": versions[0].hash, "document": document});
    assert_eq!(versions[1].hash, sha256_hex(&canonical_json(&hashed).unwrap()));
    assert_eq!((versions[0].number, &versions[0].previous_hash), (1, &None));
    assert_eq!(versions[1].previous_hash.as_ref(), Some(&versions[0].hash));
}

#[test]
fn a_document_that_smuggles_in_another_number_is_seen() {
    let mut versions = chain(&["grow".to_owned()]);
    versions[0].document = format!(r#"{},"number":1,"x":{{}}"#, versions[0].document);
    assert!(!versions[0].is_intact());
}

#[test]
fn white_space_in_a_stored_document_is_a_change() {
    let mut versions = chain(&["grow".to_owned()]);
    versions[0].document.push(' ');
    let rehashed = ContextVersion::hashed_text(1, None, &versions[0].document);
    versions[0].hash = sha256_hex(&rehashed);
    assert!(!versions[0].is_intact(), "not canonical");
}

#[test]
fn an_empty_chain_has_nothing_broken() {
    let nothing = ChainCheck::default().finish(None);
    assert_eq!(nothing, Integrity { ok: true, checked_versions: 0, first_broken_version: None });
}

#[test]
fn every_source_comes_back_from_its_name() {
    for source in ContextSource::ALL {
        assert_eq!(ContextSource::from_name(source.name()), Some(source));
        assert_eq!(serde_json::to_value(source).unwrap(), source.name());
    }
}

/// One change of one version; `None` when it would change nothing.
fn tampered(
    mut chain: Vec<ContextVersion>,
    at: usize,
    kind: u8,
    other: &str,
) -> Option<(Vec<ContextVersion>, i32)> {
    let whole = chain.clone();
    let number = chain[at].number;
    match kind {
        0 => chain[at].document = document(other).canonical().unwrap(),
        1 => chain[at].number += 1,
        2 => chain[at].hash = sha256_hex(other),
        3 => chain[at].previous_hash = Some(sha256_hex(other)),
        4 => drop(chain.remove(at)),
        5 => chain[at].previous_hash = None,
        6 => {
            // Swapping the documents of two versions, with their hashes.
            let next = (at + 1) % chain.len();
            let (low, high) = (at.min(next), at.max(next));
            let (head, tail) = chain.split_at_mut(high);
            std::mem::swap(&mut head.get_mut(low)?.document, &mut tail[0].document);
            std::mem::swap(&mut head[low].hash, &mut tail[0].hash);
        }
        _ => {
            // A careful forger: another document, and the hash that goes with it.
            let forged = document(other).canonical().unwrap();
            let hashed = ContextVersion::hashed_text(number, chain[at].previous_hash.as_deref(), &forged);
            chain[at].hash = sha256_hex(&hashed);
            chain[at].document = forged;
            // At the end of the chain nothing follows that could tell.
            if at + 1 == chain.len() {
                return None;
            }
        }
    }
    (chain != whole).then_some((chain, number))
}

proptest! {
    #[test]
    fn a_chain_as_written_verifies(objectives in prop::collection::vec(".{0,20}", 1..8)) {
        let checked_versions = u32::try_from(objectives.len()).unwrap();
        let whole = check(&chain(&objectives), objectives.len());
        prop_assert_eq!(whole, Integrity { ok: true, checked_versions, first_broken_version: None });
    }

    #[test]
    fn any_single_change_of_any_version_is_seen(
        objectives in prop::collection::vec(".{0,20}", 1..8),
        at in 0_usize..8,
        kind in 0_u8..8,
        other in ".{0,20}",
    ) {
        let at = at % objectives.len();
        if let Some((changed, number)) = tampered(chain(&objectives), at, kind, &other) {
            let found = check(&changed, objectives.len());
            prop_assert!(!found.ok);
            // A forged hash shows in the version after it, a swap in the lower of the two.
            let broken = found.first_broken_version.unwrap();
            prop_assert!((number - 1).max(1) <= broken && broken <= number + 1 || kind == 6, "{} {}", broken, number);
        }
    }

    #[test]
    fn any_changed_byte_of_a_stored_document_is_seen(at in 0_usize..10_000, to in "[a-z0-9 ]") {
        let mut versions = chain(&["grow".to_owned(), "more".to_owned()]);
        let document = versions[0].document.clone();
        let at = at % document.len();
        versions[0].document.replace_range(at..=at, &to);
        prop_assume!(versions[0].document != document);
        prop_assert_eq!(check(&versions, 2).first_broken_version, Some(1));
    }
}
