//! What must hold of every parser that a stranger reaches with tokens, headers and cursors, whatever bytes come.
//!
//! A [`Target`] is a function of bytes that panics when the parser breaks a promise: takes what it must refuse, repeats
//! something else than what came, or is led by what nobody has signed. Ordinary tests run each over its seeds and over
//! random bytes; `make fuzz TARGET=cursor SECONDS=60` has libFuzzer look for more (`tests/fuzz`).
//!
//! # How to add a parser
//! A function here and a line in [`TARGETS`], with seeds that get deep into it. What a fuzzer finds becomes a seed.

#![forbid(unsafe_code)]

mod headers;
mod signed;
mod texts;

/// A parser under bytes.
#[derive(Debug, Clone, Copy)]
pub struct Target {
    /// As `make fuzz` calls it.
    pub name: &'static str,
    /// Panics when a promise is broken.
    pub check: fn(&[u8]),
    /// Inputs from which a search goes on.
    pub seeds: &'static [&'static str],
}

/// All of them.
pub const TARGETS: &[Target] = &[
    texts::OPAQUE_TOKEN,
    texts::KEY_SCOPE,
    texts::CORRELATION_ID,
    texts::EMAIL_ADDRESS,
    signed::CURSOR,
    signed::HMAC_ACCESS_TOKEN,
    signed::ED25519_ACCESS_TOKEN,
    headers::FORWARDED_FOR,
    headers::IDEMPOTENCY_KEY,
    headers::IF_MATCH,
    headers::CREDENTIALS,
];

/// The target of this name.
#[must_use]
pub fn target(name: &str) -> Option<Target> {
    TARGETS.iter().find(|target| target.name == name).copied()
}

/// A text of any bytes; what is no UTF-8 is replaced.
fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}
