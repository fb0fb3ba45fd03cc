//! Headers of requests, one line each.

use crate::Target;
use actix_web::{
    HttpRequest,
    http::header::{HeaderName, HeaderValue},
    test::TestRequest,
};
use kernel::{Actor, CursorSeal};
use raptorflow::http::{
    address::TrustedProxies,
    credentials::{Credentials, KEY_HEADER},
    idempotency, precondition,
};
use secrecy::ExposeSecret;
use std::net::{IpAddr, SocketAddr};

const PEER: SocketAddr = SocketAddr::new(IpAddr::V4(std::net::Ipv4Addr::new(10, 0, 0, 1)), 9);

/// The request's one header of this name, without the space around it, which belongs to no value (RFC 9110, 5.5).
fn value<'r>(request: &'r HttpRequest, name: &str) -> &'r str {
    let mut lines = request.headers().get_all(name);
    let line = lines.next().and_then(|line| line.to_str().ok()).expect("one was read");
    assert!(lines.next().is_none(), "one of several was read");
    line.trim()
}

/// A request with each line as a header of this name; lines that no header can hold are left out, as the server's reader
/// of HTTP refuses them.
fn request(name: &'static str, bytes: &[u8]) -> HttpRequest {
    let values = bytes.split(|byte| *byte == b'\n').filter_map(|line| HeaderValue::from_bytes(line).ok());
    let request = values.fold(TestRequest::post().uri("/a"), |request, value| {
        request.append_header((HeaderName::from_static(name), value))
    });
    request.peer_addr(PEER).to_http_request()
}

pub(crate) const FORWARDED_FOR: Target = Target {
    name: "forwarded-for",
    check: forwarded_for,
    seeds: &[
        "198.51.100.1",
        "6.6.6.6, 198.51.100.1, 10.0.0.7",
        "6.6.6.6\n198.51.100.1",
        "::ffff:198.51.100.1, 10.0.0.7",
        "2001:db8::1",
        "unknown, 10.0.0.7",
        ", ,",
        "198.51.100.1:443",
    ],
};

/// Nobody is believed unless trusted, and whatever a client writes before what a proxy has seen changes nothing.
fn forwarded_for(bytes: &[u8]) {
    const NAME: &str = "x-forwarded-for";
    let client = |proxies: &str, bytes: &[u8]| {
        let proxies = TrustedProxies::parse(proxies).expect("addresses");
        proxies.client(request(NAME, bytes).head()).expect("the peer is known")
    };
    assert_eq!(client("", bytes), PEER.ip());
    let found = client("10.0.0.0/8", bytes);
    let trusted = |address: IpAddr| matches!(address, IpAddr::V4(v4) if v4.octets()[0] == 10);
    let prefixed = client("10.0.0.0/8", &[b"6.6.6.6\n", bytes].concat());
    if trusted(found) {
        assert!(trusted(prefixed) || prefixed == IpAddr::from([6, 6, 6, 6]));
    } else {
        assert_eq!(prefixed, found, "what the client says first decides");
    }
}

pub(crate) const IDEMPOTENCY_KEY: Target = Target {
    name: "idempotency-key",
    check: idempotency_key,
    seeds: &["8f6c-1", "\"8f6c-1\"", r#""a\"b\\c""#, "\"open", "a b", "a\na", "", "\u{e9}"],
};

/// A key is short and visible, and one line of one header.
fn idempotency_key(bytes: &[u8]) {
    let request = request("idempotency-key", bytes);
    let seal = CursorSeal::new(b"secret");
    let read = || idempotency::key(&request, &seal, (Actor::System, "owner"), b"{}");
    let Ok(Some(key)) = read() else { return };
    assert!((1..=255).contains(&key.key.len()) && key.key.bytes().all(|byte| byte.is_ascii_graphic()));
    assert!(!value(&request, "idempotency-key").is_empty());
    assert_eq!(read().expect("as before"), Some(key), "the same request has the same key");
}

pub(crate) const IF_MATCH: Target = Target {
    name: "if-match",
    check: if_match,
    seeds: &[
        "\"3\"",
        "W/\"3\"",
        "*",
        "\"-1\"",
        "\"3\", \"4\"",
        "\"99999999999\"",
        "\"+3\"",
        "3",
        "\"3\"\n\"3\"",
    ],
};

/// Only a tag in quotes names a version.
fn if_match(bytes: &[u8]) {
    let request = request("if-match", bytes);
    let Ok(precondition::IfMatch(Some(version))) = precondition::IfMatch::of(&request) else { return };
    let (value, tag) = (value(&request, "if-match"), precondition::tag(version));
    assert!(value == tag || value == format!("W/{tag}"), "{value:?} is no tag of ours");
}

pub(crate) const CREDENTIALS: Target = Target {
    name: "credentials",
    check: credentials,
    seeds: &[
        "Bearer abc",
        "bearer  rf_abc",
        "Basic abc",
        "Bearer",
        "Bearer a\nBearer b",
        "rf_abc",
        "",
        "Bearer \u{e9}",
    ],
};

/// What is shown is what came, and never nothing; the lines are either header's.
fn credentials(bytes: &[u8]) {
    for name in ["authorization", "x-api-key"] {
        assert!(name == "authorization" || KEY_HEADER.eq_ignore_ascii_case(name));
        let request = request(name, bytes);
        let Ok(shown) = Credentials::of(&request) else { continue };
        let (Credentials::Token(shown) | Credentials::Key(shown)) = shown;
        let (shown, value) = (shown.expose_secret(), value(&request, name));
        assert!(!shown.is_empty() && value.ends_with(shown), "{shown:?} is not what came: {value:?}");
    }
}
