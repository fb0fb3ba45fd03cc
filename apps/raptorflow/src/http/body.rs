//! What a caller sends: [`Sent`] finds out who calls, then reads the body, then binds the idempotency key to both.

use super::asking::Asking;
use super::caller::{Calling, gate};
use super::codes;
use super::contract::Contract;
use super::idempotency;
use super::json;
use super::limits::BodyLimits;
use super::path;
use super::problem::{Problem, one_field};
use actix_web::dev::Payload;
use actix_web::http::header;
use actix_web::{FromRequest, HttpRequest, web};
use futures_util::StreamExt;
use futures_util::future::LocalBoxFuture;
use kernel::{Actor, code};
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};
use utoipa::ToSchema;

/// A caller (`Tenant`, `User` or `Anyone`) with the body they sent.
///
/// The caller is known before the body is read: who may not call learns nothing of what is wrong with the body, and
/// sends no more than the head of the request. `T` derives `Deserialize` and `ToSchema`; its schema is enforced and
/// every wrong field is told at once. An `Idempotency-Key` is bound to the caller, the route and the body, and waits
/// in `caller.ctx` for a use case that runs once.
#[derive(Debug)]
pub struct Sent<C, T> {
    /// Who sent it.
    pub caller: C,
    /// What they sent.
    pub body: T,
}

impl<C: Calling, T: DeserializeOwned + ToSchema + 'static> FromRequest for Sent<C, T> {
    type Error = Problem;
    type Future = LocalBoxFuture<'static, Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let (asking, request, mut payload) = (Asking::begin(request), request.clone(), payload.take());
        Box::pin(async move {
            let mut caller = C::from_request(&request, &mut Payload::None).await?;
            asking.end();
            let bytes = read(&request, &mut payload).await?;
            let document = document(&request, &bytes)?;
            if caller.call().actor == Actor::Anonymous {
                gate(&request)?.throttle.guess(&request, caller.call(), &document).await?;
            }
            let body = into::<T>(document)?;
            let (actor, owner) = (caller.call().actor, caller.owner());
            let key = idempotency::key(&request, &gate(&request)?.seal, (actor, &owner), &bytes)?;
            caller.call_mut().idempotency = key;
            Ok(Self { caller, body })
        })
    }
}

/// The body of a request that says everything in its path: `{}` or nothing.
#[derive(Debug, serde::Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Nothing {}

/// A field of a `PATCH`: leave it as it is, clear it, or set it.
///
/// Declare it `#[serde(default)] #[schema(value_type = Option<T>, required = false)]`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Change<T> {
    /// The member is absent.
    #[default]
    Keep,
    /// The member is `null`.
    Clear,
    /// The member has a value.
    Set(T),
}

impl<'de, T: serde::Deserialize<'de>> serde::Deserialize<'de> for Change<T> {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Option::deserialize(deserializer)?.map_or(Self::Clear, Self::Set))
    }
}

impl<T> Change<T> {
    /// As the nested option that use cases take: `None` keeps, `Some(None)` clears.
    pub fn into_option(self) -> Option<Option<T>> {
        match self {
            Self::Keep => None,
            Self::Clear => Some(None),
            Self::Set(value) => Some(Some(value)),
        }
    }
}

/// Reads the body up to the route's limit. A longer one is refused as soon as that is known, by its declared length
/// before a byte of it is read.
async fn read(request: &HttpRequest, payload: &mut Payload) -> Result<Vec<u8>, Problem> {
    let limit = request.app_data::<web::Data<BodyLimits>>().map_or(0, |limits| limits.of(path::of(request)));
    let too_large =
        || Problem::new(&codes::BODY_TOO_LARGE).detail(format!("The body may have at most {limit} bytes."));
    let declared = request.headers().get(header::CONTENT_LENGTH).and_then(|length| length.to_str().ok());
    if declared.and_then(|length| length.parse::<u64>().ok()).is_some_and(|length| length > limit as u64) {
        return Err(too_large());
    }
    let mut bytes = Vec::new();
    while let Some(chunk) = payload.next().await {
        let chunk = chunk.map_err(|error| {
            Problem::new(&codes::MALFORMED_REQUEST).detail(format!("The body ended too early: {error}."))
        })?;
        if bytes.len() + chunk.len() > limit {
            return Err(too_large());
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok(bytes)
}

/// The JSON document of the body; no body at all is an empty object, so that what is missing is named.
fn document(request: &HttpRequest, bytes: &[u8]) -> Result<Value, Problem> {
    let media_type = request.headers().get(header::CONTENT_TYPE);
    if bytes.is_empty() && media_type.is_none() {
        return Ok(Value::Object(Map::new()));
    }
    let essence = media_type.and_then(|value| value.to_str().ok()).and_then(|text| text.split(';').next());
    let is_json = essence.is_some_and(|essence| essence.trim().eq_ignore_ascii_case("application/json"));
    let encoding = request.headers().get(header::CONTENT_ENCODING);
    let is_plain = encoding.is_none_or(|encoding| encoding.as_bytes().eq_ignore_ascii_case(b"identity"));
    if !is_json || !is_plain {
        return Err(Problem::new(&codes::UNSUPPORTED_MEDIA_TYPE));
    }
    json::parse(bytes)
}

fn into<T: DeserializeOwned + ToSchema + 'static>(value: Value) -> Result<T, Problem> {
    let errors = Contract::of::<T>().broken_by(&value, "");
    if !errors.is_empty() {
        return Err(Problem::fields(&code::INVALID, errors));
    }
    // What the schema can't say: the reader's own words are kept back, they may repeat the value.
    serde_path_to_error::deserialize(value).map_err(|error| {
        let pointer = pointer(error.path());
        Problem::fields(&code::INVALID, one_field(&pointer, "invalid_format", "has not the form documented"))
    })
}

fn pointer(path: &serde_path_to_error::Path) -> String {
    use serde_path_to_error::Segment;
    let step = |segment: &Segment| match segment {
        Segment::Seq { index } => format!("/{index}"),
        Segment::Map { key } => format!("/{}", key.replace('~', "~0").replace('/', "~1")),
        Segment::Enum { .. } | Segment::Unknown => String::new(),
    };
    path.iter().map(step).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, serde::Deserialize, ToSchema)]
    struct Edit {
        #[serde(default)]
        #[schema(value_type = Option<u32>, required = false)]
        budget: Change<u32>,
        #[serde(default)]
        #[schema(value_type = Vec<String>, required = false)]
        zones: Vec<std::net::IpAddr>,
    }

    fn edit(text: &str) -> Result<Edit, Problem> {
        into(serde_json::from_str(text).unwrap())
    }

    #[test]
    fn a_change_keeps_clears_or_sets() {
        assert_eq!(edit("{}").unwrap().budget.into_option(), None);
        assert_eq!(edit(r#"{"budget": null}"#).unwrap().budget.into_option(), Some(None));
        assert_eq!(edit(r#"{"budget": 5}"#).unwrap().budget, Change::Set(5));
        assert_eq!(edit(r#"{"zones": ["::1"]}"#).unwrap().zones.len(), 1);
    }

    #[actix_web::test]
    async fn what_only_serde_can_judge_has_a_pointer_too() {
        let problem = edit(r#"{"zones": ["::1", "hunter2"]}"#).unwrap_err();
        let body = actix_web::body::to_bytes(problem.render("c", "/").into_body()).await.unwrap();
        let text = String::from_utf8(body.to_vec()).unwrap();
        assert!(text.contains(r#""pointer":"/zones/1""#) && !text.contains("hunter2"), "{text}");
    }
}
