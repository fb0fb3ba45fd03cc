//! Cryptography behind the ports of `identity`.
//!
//! - [`Argon2Hasher`]: passwords by argon2id, a bounded number at once.
//! - [`HmacAccessTokens`]: access tokens as JWTs, signed by HS256 with the server's secret.
//!
//! # How to add an algorithm
//! Passwords: a PHC identifier that `Argon2Hasher::verify` also accepts; hashes of the old one are replaced as their
//! owners log in, because the check answers `rehash`. Access tokens: another implementation of
//! [`identity::ports::AccessTokens`]; each has one algorithm and knows its keys by `kid`.

#![forbid(unsafe_code)]

mod access_tokens;
mod passwords;

pub use access_tokens::{AccessTokenSettings, HmacAccessTokens, UnusableSecret};
pub use passwords::{Argon2Hasher, HashingCost, HashingSettings, UnusableCost};
