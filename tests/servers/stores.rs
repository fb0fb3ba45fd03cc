//! `stores` counts the same tests whichever runner printed them, and notices a store that was left out.

use std::io::Write;
use std::process::{Command, Stdio};

/// The last line and the exit code.
fn stores(input: &str) -> (String, i32) {
    let mut child = Command::new(concat!(env!("CARGO_MANIFEST_DIR"), "/stores"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    let printed = String::from_utf8(output.stdout).unwrap();
    assert!(printed.starts_with(input), "the runner's own output is passed on");
    (printed[input.len()..].to_owned(), output.status.code().unwrap())
}

const NEXTEST: &str = "\
    Starting 7 tests across 5 binaries
        PASS [   0.011s] (1/7) memory::conformance memory::keys::a_key_is_found_by_its_hash
        PASS [   0.011s] (2/7) sqlite::store suite::sqlite::keys::a_key_is_found_by_its_hash
        FAIL [   0.018s] (3/7) postgres::store suite::postgres::keys::a_key_is_found_by_its_hash
        PASS [   0.018s] (4/7) postgres::store suite::postgres::keys::a_key_is_unique
        PASS [   0.018s] (5/7) agents model::memory::tests::a_memory_fades
        PASS [   0.018s] (6/7) raptorflow::bin/raptorflow wiring::memory::tests::starts
        PASS [   0.018s] (7/7) raptorflow::api memory_of_an_agent
     Summary [   2.133s] 7 tests run: 6 passed, 1 failed, 0 skipped
        FAIL [   0.018s] (3/7) postgres::store suite::postgres::keys::a_key_is_found_by_its_hash
";

const LIBTEST: &str = "
     Running unittests src/lib.rs (target/debug/deps/agents-8a40c2a37d7ac2be)
test model::memory::tests::a_memory_fades ... ok
     Running tests/conformance.rs (target/debug/deps/conformance-1a40c2a37d7ac2be)
test memory::keys::a_key_is_found_by_its_hash ... ok
     Running tests/store/main.rs (target/debug/deps/store-2a40c2a37d7ac2be)
test suite::sqlite::keys::a_key_is_found_by_its_hash ... ok
     Running tests/store/main.rs (target/debug/deps/store-3a40c2a37d7ac2be)
test suite::postgres::keys::a_key_is_found_by_its_hash ... FAILED
test suite::postgres::keys::a_key_is_unique ... ok
     Running tests/api/main.rs (target/debug/deps/api-3a40c2a37d7ac2be)
test memory_of_an_agent ... ok
   Doc-tests memory
test crates/adapters/memory/src/lib.rs - memory::Store (line 3) ... ok
";

#[test]
fn both_runners_give_the_same_counts() {
    let expected = ("stores: memory 1, sqlite 1, postgres 2\n".to_owned(), 0);
    assert_eq!(stores(NEXTEST), expected);
    assert_eq!(stores(LIBTEST), expected);
}

#[test]
fn a_store_that_ran_no_test_is_an_error() {
    let without: String =
        NEXTEST.lines().filter(|l| !l.contains("postgres")).map(|l| l.to_owned() + "\n").collect();
    let (line, code) = stores(&without);
    assert_eq!(line, "stores: memory 1, sqlite 1, postgres 0\na store ran no tests\n");
    assert_eq!(code, 1);
}

#[test]
fn a_run_without_any_store_is_none() {
    assert_eq!(stores(""), ("stores: memory 0, sqlite 0, postgres 0\n".to_owned(), 0));
}
