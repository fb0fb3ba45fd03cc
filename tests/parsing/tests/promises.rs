//! Every target over its seeds, over seeds with a change, and over random bytes.

use parsing::{TARGETS, Target};
use proptest::{prelude::*, test_runner::TestRunner};

#[test]
fn seeds_keep_the_promises() {
    for Target { check, seeds, .. } in TARGETS {
        seeds.iter().for_each(|seed| check(seed.as_bytes()));
    }
}

/// A seed with some bytes replaced, cut off, or put in.
fn changed(seeds: &'static [&'static str]) -> impl Strategy<Value = Vec<u8>> {
    let change = (any::<prop::sample::Index>(), 0..3_usize, prop::collection::vec(any::<u8>(), 0..4));
    let changes = prop::collection::vec(change, 0..4);
    (prop::sample::select(seeds), changes).prop_map(|(seed, changes)| {
        let mut bytes = seed.as_bytes().to_vec();
        for (at, removed, added) in changes {
            let from = at.index(bytes.len() + 1);
            let to = (from + removed).min(bytes.len());
            bytes.splice(from..to, added);
        }
        bytes
    })
}

#[test]
fn whatever_comes_the_promises_hold() {
    for target in TARGETS {
        let bytes = prop_oneof![changed(target.seeds), prop::collection::vec(any::<u8>(), 0..200)];
        let held = TestRunner::default().run(&bytes, |bytes| {
            (target.check)(&bytes);
            Ok(())
        });
        assert!(held.is_ok(), "{}: {}", target.name, held.unwrap_err());
    }
}

#[test]
fn each_target_has_a_name_of_its_own_and_somewhere_to_begin() {
    for target in TARGETS {
        assert_eq!(TARGETS.iter().filter(|other| other.name == target.name).count(), 1);
        assert!(!target.seeds.is_empty() && parsing::target(target.name).is_some());
    }
}
