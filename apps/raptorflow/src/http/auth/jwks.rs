//! `GET /.well-known/jwks.json`.

use crate::http::reply::Reply;
use crate::wiring::Services;
use actix_web::{get, web};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use identity::ports::PublishedKey;
use serde::Serialize;
use utoipa::ToSchema;

/// A set of keys (RFC 7517).
#[derive(Serialize, ToSchema)]
struct JwksBody {
    /// Exactly those under which access tokens are accepted; empty when a secret signs them.
    keys: Vec<JwkBody>,
}

/// A public key of Ed25519 (RFC 8037).
#[derive(Serialize, ToSchema)]
struct JwkBody {
    /// Always `OKP`.
    kty: &'static str,
    /// Always `Ed25519`.
    crv: &'static str,
    /// The public key in base64url.
    x: String,
    /// What tokens call it.
    kid: String,
    /// Always `sig`.
    #[serde(rename = "use")]
    usage: &'static str,
    /// Always `EdDSA`.
    alg: &'static str,
}

impl From<PublishedKey> for JwkBody {
    fn from(key: PublishedKey) -> Self {
        Self {
            kty: "OKP",
            crv: "Ed25519",
            x: URL_SAFE_NO_PAD.encode(key.ed25519),
            kid: key.id,
            usage: "sig",
            alg: "EdDSA",
        }
    }
}

/// How long others may keep the set, in seconds. A new key is added this long before it signs.
const KEPT_FOR: u32 = 300;

/// By which keys can access tokens be checked?
///
/// A token that passes may be of a session that has ended; only this service knows that.
#[utoipa::path(tag = "auth", operation_id = "jwks", responses((status = 200, body = JwksBody)),
    extensions(("x-access" = json!("public"))))]
#[get("/.well-known/jwks.json")]
pub(super) async fn jwks(services: web::Data<Services>) -> Reply<JwksBody> {
    let keys = services.sessions.published_keys().into_iter().map(JwkBody::from);
    Reply::ok(JwksBody { keys: keys.collect() }).kept_for(KEPT_FOR)
}
