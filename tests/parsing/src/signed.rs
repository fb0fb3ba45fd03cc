//! What only the server can make.

use crate::{Target, text};
use crypto::{AccessTokenSettings, EdAccessTokens, HmacAccessTokens, SigningKeys};
use identity::ports::AccessTokens;
use kernel::{CursorSeal, testing};
use secrecy::ExposeSecret;
use std::{cell::OnceCell, time::Duration};
use uuid::Uuid;

/// The bytes lie over what the server made, and change what they are not zero in; so a search begins next to the real
/// thing. `None` when nothing was changed, or nothing that is text.
fn spoiled(made: &str, bytes: &[u8]) -> Option<String> {
    let mask = bytes.iter().chain(std::iter::repeat(&0));
    let longer = bytes.get(made.len()..).unwrap_or_default();
    let spoiled: Vec<u8> =
        made.bytes().zip(mask).map(|(byte, mask)| byte ^ mask).chain(longer.iter().copied()).collect();
    String::from_utf8(spoiled).ok().filter(|spoiled| spoiled != made)
}

pub(crate) const CURSOR: Target = Target {
    name: "cursor",
    check: cursor,
    seeds: &[
        "",
        "AAAA",
        "MDEyMzQ1Njc4OWFiY2RlZiJ4Ig",
        "\u{1}",
        "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\u{1}",
        "==",
    ],
};

/// No cursor is taken but one that was made for the list.
fn cursor(bytes: &[u8]) {
    let seal = CursorSeal::new(b"0123456789abcdef0123456789abcdef");
    let position = Uuid::from_u128(7);
    let made = seal.seal("campaigns", &position).expect("a UUID can be a position");
    assert_eq!(seal.open::<Uuid>("campaigns", &made), Ok(position));
    assert!(seal.open::<Uuid>("moves", &made).is_err(), "a cursor of another list");
    for text in [Some(text(bytes)).filter(|text| *text != made), spoiled(&made, bytes)].into_iter().flatten()
    {
        assert!(seal.open::<Uuid>("campaigns", &text).is_err(), "nobody sealed {text:?}");
    }
}

const TOKENS: &[&str] = &[
    "",
    "a.b.c",
    "eyJhbGciOiJub25lIn0.eyJzdWIiOiJ4In0.",
    "eyJhbGciOiJIUzI1NiIsInR5cCI6ImF0K2p3dCJ9.e30.AAAA",
    "eyJhbGciOiJFZERTQSIsInR5cCI6ImF0K2p3dCIsImtpZCI6ImsxIn0.e30.AAAA",
    "\u{1}",
    "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\u{1}",
];

pub(crate) const HMAC_ACCESS_TOKEN: Target =
    Target { name: "hmac-access-token", check: hmac_access_token, seeds: TOKENS };

pub(crate) const ED25519_ACCESS_TOKEN: Target =
    Target { name: "ed25519-access-token", check: ed25519_access_token, seeds: TOKENS };

/// A signer, and a token of its.
type Signer = (Box<dyn AccessTokens>, String);

fn signer<T: AccessTokens + 'static>(tokens: T) -> Signer {
    let issued = tokens.issue(Uuid::from_u128(1).into(), Uuid::from_u128(2).into()).expect("it signs");
    (Box::new(tokens), issued.token.expose_secret().to_owned())
}

fn settings() -> AccessTokenSettings {
    let (issuer, audience) = ("https://api.example.com".to_owned(), "raptorflow".to_owned());
    AccessTokenSettings { issuer, audience, lifetime: Duration::from_secs(1_800) }
}

fn hmac_access_token(bytes: &[u8]) {
    thread_local! { static SIGNER: OnceCell<Signer> = const { OnceCell::new() } }
    let make = || {
        let env = testing::environment().0;
        signer(HmacAccessTokens::new(&[7; 32], settings(), env).expect("the secret is long enough"))
    };
    SIGNER.with(|known| only_its_own(known.get_or_init(make), bytes));
}

fn ed25519_access_token(bytes: &[u8]) {
    thread_local! { static SIGNER: OnceCell<Signer> = const { OnceCell::new() } }
    let make = || {
        let keys = SigningKeys::parse("k1:BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc=").expect("one key");
        signer(EdAccessTokens::new(&keys, settings(), testing::environment().0).expect("it signs"))
    };
    SIGNER.with(|known| only_its_own(known.get_or_init(make), bytes));
}

/// No token is taken but one that was issued.
fn only_its_own((tokens, made): &Signer, bytes: &[u8]) {
    assert!(tokens.verify(made).is_ok());
    for text in [Some(text(bytes)).filter(|text| text != made), spoiled(made, bytes)].into_iter().flatten() {
        assert!(tokens.verify(&text).is_err(), "nobody issued {text:?}");
    }
}
