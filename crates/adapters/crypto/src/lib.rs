//! Cryptography behind the ports of `identity` and the kernel.
//!
//! - [`Argon2Hasher`]: passwords by argon2id, a bounded number at once.
//! - [`HmacAccessTokens`]: access tokens as JWTs, signed by HS256 with the server's secret.
//! - [`EdAccessTokens`]: the same, signed by Ed25519 with one of several [`SigningKeys`], which others can check.
//! - [`SupabaseTokens`]: access tokens that a Supabase project has issued.
//! - [`AesGcmCipher`]: secrets that must be readable again, sealed by AES-256-GCM.
//!
//! # How to add an algorithm
//! Passwords: a PHC identifier that `Argon2Hasher::verify` also accepts; hashes of the old one are replaced as their
//! owners log in, because the check answers `rehash`. Access tokens: another implementation of
//! [`identity::ports::AccessTokens`]; each has one algorithm and knows its keys by `kid`. A new way to
//! seal needs a key id of its own: what is sealed says only by which key.

#![forbid(unsafe_code)]

mod access_tokens;
mod cipher;
mod ed_tokens;
mod passwords;
mod signing_keys;
mod supabase;
mod token_form;

pub use access_tokens::HmacAccessTokens;
pub use cipher::{AesGcmCipher, SealingKey, UnusableKeys};
pub use ed_tokens::EdAccessTokens;
pub use passwords::{Argon2Hasher, HashingCost, HashingSettings, UnusableCost};
pub use signing_keys::SigningKeys;
pub use supabase::{SupabaseTokens, UnusableSupabase};
pub use token_form::{AccessTokenSettings, UnusableSecret};
