//! Plain texts.

use crate::{Target, text};
use kernel::{CorrelationId, EmailAddress, KeyScope, RawToken, TokenKind};
use secrecy::ExposeSecret;

pub(crate) const OPAQUE_TOKEN: Target = Target {
    name: "opaque-token",
    check: opaque_token,
    seeds: &[
        "rfr_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
        "rf_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
        "inv_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAB",
        "eml_______________________________________________",
        "mfa_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=",
        "rf_",
    ],
};

const KINDS: [TokenKind; 5] =
    [TokenKind::Refresh, TokenKind::Email, TokenKind::Challenge, TokenKind::Invitation, TokenKind::ApiKey];

/// A text is a token of one kind at most, and of one form: no other text has the same bits.
fn opaque_token(bytes: &[u8]) {
    let text = text(bytes);
    let taken = KINDS.map(|kind| (kind, RawToken::parse(kind, &text)));
    let taken: Vec<_> = taken.into_iter().filter_map(|(kind, token)| Some((kind, token?))).collect();
    assert!(taken.len() <= 1, "a token of two kinds");
    for (kind, token) in taken {
        assert_eq!(token.secret().expose_secret(), text);
        assert_eq!(text.len(), kind.prefix().len() + 43);
        let digits = text[kind.prefix().len()..].bytes();
        assert!(digits.into_iter().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte)));
    }
}

pub(crate) const KEY_SCOPE: Target = Target {
    name: "key-scope",
    check: key_scope,
    seeds: &[
        "campaigns:read",
        "workspaces:write",
        "campaigns:",
        ":read",
        "Campaigns:Read",
        "campaigns:read ",
    ],
};

/// A scope is written in one way.
fn key_scope(bytes: &[u8]) {
    let text = text(bytes);
    if let Some(scope) = KeyScope::parse(&text) {
        assert_eq!(scope.to_string(), text);
    }
}

pub(crate) const CORRELATION_ID: Target = Target {
    name: "correlation-id",
    check: correlation_id,
    seeds: &["0197b9c2-6f00-7000-8000-000000000000", "a.b_c-d1", "short", "line\nbreak", "späß-1234"],
};

/// What goes to logs and headers as it came can't break them.
fn correlation_id(bytes: &[u8]) {
    let text = text(bytes);
    if let Some(id) = CorrelationId::parse(&text) {
        assert_eq!(id.as_str(), text);
        assert!((8..=64).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic()));
    }
}

pub(crate) const EMAIL_ADDRESS: Target = Target {
    name: "email-address",
    check: email_address,
    seeds: &[
        "ada@example.com",
        " Ada.Lovelace+x@Example.COM ",
        "\"quoted name\"@example.com",
        "ada@[127.0.0.1]",
        "ada@bücher.example",
        "ada@example.com\r\nBcc: eve@example.com",
        "ada@example..com",
        "@example.com",
    ],
};

/// An address is one, is read again as itself, and can't begin a line of a mail's head.
fn email_address(bytes: &[u8]) {
    let Ok(address) = EmailAddress::parse(&text(bytes)) else { return };
    let shown = address.to_string();
    assert!(
        shown.len() <= 254 && !shown.contains(|c: char| c.is_control() || c.is_whitespace()),
        "{shown:?}"
    );
    assert!(shown.split('@').all(|part| !part.is_empty()) && shown.contains('@'), "{shown:?}");
    let again = EmailAddress::parse(&shown).expect("an address that was shown is one");
    assert_eq!((again.to_string(), again.lower()), (shown, address.lower()));
    let lower = address.lower().to_string();
    let lower = EmailAddress::parse(&lower).expect("an address in small letters is one");
    assert_eq!(lower.lower(), address.lower());
}
