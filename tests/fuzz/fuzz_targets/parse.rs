//! libFuzzer over one target of `parsing`: the one that `FUZZ_TARGET` names. Its seeds are written to the folder
//! `FUZZ_CORPUS` before the search begins.

#![no_main]

use libfuzzer_sys::fuzz_target;
use parsing::{TARGETS, Target, target};
use std::{env, fs, path::Path, sync::OnceLock};

static CHOSEN: OnceLock<Target> = OnceLock::new();

fn choose() {
    let names: Vec<_> = TARGETS.iter().map(|target| target.name).collect();
    let name = env::var("FUZZ_TARGET").unwrap_or_default();
    let chosen = target(&name).unwrap_or_else(|| panic!("FUZZ_TARGET must be one of {names:?}"));
    let folder = env::var("FUZZ_CORPUS").expect("FUZZ_CORPUS names a folder");
    for (number, seed) in chosen.seeds.iter().enumerate() {
        fs::write(Path::new(&folder).join(format!("seed-{number}")), seed).expect("a seed can be written");
    }
    let _ = CHOSEN.set(chosen);
}

fuzz_target!(init: choose(), |bytes: &[u8]| {
    if let Some(chosen) = CHOSEN.get() {
        (chosen.check)(bytes);
    }
});
