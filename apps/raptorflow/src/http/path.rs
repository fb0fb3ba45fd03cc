//! The path: as routes are found by it, and its typed ids.

use super::asking::{Reading, reading};
use super::codes;
use super::problem::{Problem, one_field};
use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest, web};
use serde::de::DeserializeOwned;

/// The path as routes are found by it: with its escapes resolved. The text that was sent is another one for each way to escape the
/// same path, and whoever is held to something by it could choose.
pub(super) fn of(request: &HttpRequest) -> &str {
    request.match_info().as_str()
}

/// The id in the path, or several as a tuple in the path's order: `PathId<CampaignId>`,
/// `PathId<(WorkspaceId, UserId)>`. What is no UUID answers 400 `invalid_path`; it could name nothing.
#[derive(Debug, Clone, Copy)]
pub struct PathId<T>(pub T);

impl<T: DeserializeOwned + 'static> FromRequest for PathId<T> {
    type Error = Problem;
    type Future = Reading<Self>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let parsed = web::Path::<T>::from_request(request, payload).into_inner();
        reading(request, parsed.map(|path| Self(path.into_inner())).map_err(|_| problem(request)))
    }
}

fn problem(request: &HttpRequest) -> Problem {
    let ids = request.match_info().iter().filter(|(name, _)| name.ends_with("_id"));
    let wrong = ids.filter(|(_, value)| value.parse::<uuid::Uuid>().is_err());
    let errors = wrong.flat_map(|(name, _)| one_field(name, "invalid_format", "must be a UUID")).collect();
    Problem::fields(&codes::INVALID_PATH, errors)
}
