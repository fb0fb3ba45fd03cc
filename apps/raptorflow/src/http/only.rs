//! A middleware around those requests only whose header it is about; others pass it by at no cost.

use actix_web::Error;
use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{Service, ServiceRequest, ServiceResponse, Transform};
use actix_web::http::header::HeaderName;
use futures_util::future::{Either, LocalBoxFuture, Map};
use futures_util::{FutureExt, TryFutureExt};
use std::rc::Rc;
use std::task::{Context, Poll};

/// The middleware, and the header it is about.
pub(super) struct Only<M> {
    header: HeaderName,
    middleware: M,
}

impl<M> Only<M> {
    /// A middleware for those requests that have the header.
    pub(super) const fn with(header: HeaderName, middleware: M) -> Self {
        Self { header, middleware }
    }
}

impl<S, M, B> Transform<S, ServiceRequest> for Only<M>
where
    S: Service<ServiceRequest, Response = ServiceResponse<BoxBody>, Error = Error> + 'static,
    M: Transform<Rc<S>, ServiceRequest, Response = ServiceResponse<B>, Error = Error>,
    M::Future: 'static,
    B: MessageBody + 'static,
{
    type Response = ServiceResponse<BoxBody>;
    type Error = Error;
    type Transform = OnlyService<M::Transform, S>;
    type InitError = M::InitError;
    type Future = LocalBoxFuture<'static, Result<Self::Transform, M::InitError>>;

    fn new_transform(&self, service: S) -> Self::Future {
        let (header, plain) = (self.header.clone(), Rc::new(service));
        let middleware = self.middleware.new_transform(Rc::clone(&plain));
        middleware.map_ok(move |middleware| OnlyService { header, middleware, plain }).boxed_local()
    }
}

/// What is behind, with the middleware and without it.
pub(super) struct OnlyService<M, S> {
    header: HeaderName,
    middleware: M,
    plain: Rc<S>,
}

/// With the body behind a pointer: one that is compressed is large, and answers are moved often.
type Boxed<F, B> = Map<F, fn(Answered<B>) -> Answered<BoxBody>>;
type Answered<B> = Result<ServiceResponse<B>, Error>;

impl<M, S, B> Service<ServiceRequest> for OnlyService<M, S>
where
    M: Service<ServiceRequest, Response = ServiceResponse<B>, Error = Error>,
    S: Service<ServiceRequest, Response = ServiceResponse<BoxBody>, Error = Error>,
    B: MessageBody + 'static,
{
    type Response = ServiceResponse<BoxBody>;
    type Error = Error;
    type Future = Either<Boxed<M::Future, B>, S::Future>;

    /// The middleware's, which waits for what is behind it.
    fn poll_ready(&self, cx: &mut Context<'_>) -> Poll<Result<(), Error>> {
        self.middleware.poll_ready(cx)
    }

    fn call(&self, request: ServiceRequest) -> Self::Future {
        if request.headers().contains_key(&self.header) {
            let boxed: fn(Answered<B>) -> _ = |answer| answer.map(ServiceResponse::map_into_boxed_body);
            Either::Left(self.middleware.call(request).map(boxed))
        } else {
            Either::Right(self.plain.call(request))
        }
    }
}
