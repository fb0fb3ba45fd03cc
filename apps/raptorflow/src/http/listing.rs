//! Lists: `?limit=` and `?cursor=` in, `{"items": [...], "next_cursor": ...}` out.

use super::asking::{Reading, reading};
use super::caller::{Calling, Gate};
use super::path;
use super::problem::Problem;
use super::query::{self, NoFilter};
use super::reply::Reply;
use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest, web};
use kernel::{CursorSeal, Limit, Page, PageRequest};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

/// The parameters that every list takes.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct PageParams {
    /// Items per page at most.
    #[param(minimum = 1, maximum = 100, default = 20)]
    limit: Option<u32>,
    /// The `next_cursor` of the page before.
    #[param(max_length = 2048)]
    cursor: Option<String>,
}

/// One page of a list.
#[derive(Debug, Serialize, ToSchema)]
pub struct PageBody<T> {
    /// In the list's stable order.
    pub items: Vec<T>,
    /// Give it as `cursor` for the next page; `null` on the last.
    pub next_cursor: Option<String>,
}

/// A request for a page of a list with filters `F`; name `PageParams` and `F` in the operation's `params`.
///
/// The cursor is sealed to the route, the caller or their workspace, and the filters: it goes on nowhere else.
pub struct Listing<F = NoFilter> {
    /// The list's own parameters.
    pub filter: F,
    page: PageParams,
    name: String,
    seal: CursorSeal,
}

impl<F: DeserializeOwned + IntoParams + 'static> FromRequest for Listing<F> {
    type Error = Problem;
    type Future = Reading<Self>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        reading(request, Self::of(request))
    }
}

impl<F: DeserializeOwned + IntoParams> Listing<F> {
    fn of(request: &HttpRequest) -> Result<Self, Problem> {
        let Some(gate) = request.app_data::<web::Data<Gate>>() else {
            return Err(Problem::internal("the app has no gate"));
        };
        let is_paging = |name: &str| matches!(name, "limit" | "cursor");
        let (paging, mut filters): (Vec<_>, Vec<_>) =
            query::pairs::<F>(request)?.into_iter().partition(|(name, _)| is_paging(name));
        let (page, filter) = match (query::read(&paging), query::read(&filters)) {
            (Ok(page), Ok(filter)) => (page, filter),
            (Err(paging), Err(filter)) => return Err(paging.with_errors_of(filter)),
            (Err(problem), _) | (_, Err(problem)) => return Err(problem),
        };
        filters.sort();
        let name = format!("{} {filters:?}", path::of(request));
        Ok(Self { filter, page, name, seal: gate.seal.clone() })
    }
}

impl<F> Listing<F> {
    /// The page that was asked for.
    ///
    /// # Errors
    /// `cursor_invalid` when the cursor was not made by this list for this caller.
    pub fn page<K: DeserializeOwned>(&self, caller: &impl Calling) -> Result<PageRequest<K>, Problem> {
        let name = self.name_for(caller);
        let after = self.page.cursor.as_ref().map(|cursor| self.seal.open(&name, cursor)).transpose()?;
        // The parameter's documented bounds are the limit's; they were checked.
        let limit = self.page.limit.and_then(Limit::new).unwrap_or(Limit::DEFAULT);
        Ok(PageRequest { limit, after })
    }

    /// Answers a page of what the use case found.
    pub fn answer<T, K: Serialize>(&self, caller: &impl Calling, page: Page<T, K>) -> Reply<PageBody<T>> {
        let next_cursor = page.next.and_then(|key| self.seal.seal(&self.name_for(caller), &key));
        Reply::ok(PageBody { items: page.items, next_cursor })
    }

    fn name_for(&self, caller: &impl Calling) -> String {
        format!("{} {}", caller.owner(), self.name)
    }
}

/// The sort key of lists that are in order of their items' ids.
pub type ById = Uuid;
