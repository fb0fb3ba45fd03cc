//! A person in a workspace who has just logged in: for what a thief of their session must not do.

use super::arrival::Arrival;
use super::asking;
use super::caller::{Caller, Calling, User};
use super::problem::Problem;
use super::tenant::Tenant;
use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest};
use futures_util::future::LocalBoxFuture;
use kernel::CallContext;

/// A person in the workspace of the request, with a login of the last quarter of an hour; else as [`Tenant`], 403 to
/// programs, or 403 `fresh_authentication_required`.
#[derive(Debug)]
pub struct Fresh(pub Tenant);

impl FromRequest for Fresh {
    type Error = Problem;
    type Future = LocalBoxFuture<'static, Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        asking::caller(request, async |request| {
            let user = User::from_request(request, &mut Payload::None).await?;
            let arrival = Arrival::of(request);
            let arrival = arrival.ok_or_else(|| Problem::internal("no edge stands around the handler"))?;
            let login = user.login;
            let tenant = Tenant::entering(request, Caller::Person(user), None).await?;
            login.require_fresh(arrival.at)?;
            Ok(Self(tenant))
        })
    }
}

impl Calling for Fresh {
    fn call(&self) -> &CallContext {
        self.0.call()
    }

    fn call_mut(&mut self) -> &mut CallContext {
        self.0.call_mut()
    }

    fn owner(&self) -> String {
        self.0.owner()
    }
}
