//! What the product's figures are held against: the same libraries in the same build, and nothing of the product.

use actix_web::{App, HttpResponse, HttpServer, Responder, error::ErrorInternalServerError, get, web};
use diesel::prelude::*;
use diesel_async::{
    AsyncPgConnection, RunQueryDsl,
    pooled_connection::{AsyncDieselConnectionManager, ManagerConfig, RecyclingMethod, deadpool::Pool},
};
use serde_json::json;
use uuid::Uuid;

#[get("/health/live")]
async fn live() -> impl Responder {
    HttpResponse::Ok().json(json!({"status": "ok"}))
}

/// Serves a handler that does nothing.
pub(crate) async fn bare(port: u16) -> anyhow::Result<()> {
    let server = HttpServer::new(|| App::new().service(live)).tcp_nodelay(true);
    Ok(server.bind(("127.0.0.1", port))?.run().await?)
}

diesel::table! {
    workspaces (id) {
        id -> Uuid,
        name -> Text,
        slug -> Text,
        time_zone -> Text,
        settings -> Jsonb,
        version -> Integer,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
    }
}

#[get("/api/v1/workspaces/{id}")]
async fn one(
    pool: web::Data<Pool<AsyncPgConnection>>,
    id: web::Path<Uuid>,
) -> actix_web::Result<HttpResponse> {
    use workspaces as w;
    let mut conn = pool.get().await.map_err(ErrorInternalServerError)?;
    let query = w::table.find(*id).select((w::id, w::name, w::slug, w::time_zone, w::settings, w::version));
    let row: (Uuid, String, String, String, serde_json::Value, i32) =
        query.first(&mut conn).await.map_err(ErrorInternalServerError)?;
    let (id, name, slug, time_zone, settings, version) = row;
    Ok(HttpResponse::Ok().json(json!({"id": id, "name": name, "slug": slug, "time_zone": time_zone,
        "settings": settings, "role": "owner", "version": version})))
}

/// Serves workspaces to whoever asks; the URL's role must not be bound by row-level security.
pub(crate) async fn row(port: u16, url: &str) -> anyhow::Result<()> {
    let mut config = ManagerConfig::<AsyncPgConnection>::default();
    config.recycling_method = RecyclingMethod::Fast;
    let manager = AsyncDieselConnectionManager::new_with_config(url, config);
    let pool = web::Data::new(Pool::builder(manager).max_size(20).build()?);
    let server = HttpServer::new(move || App::new().app_data(pool.clone()).service(one)).tcp_nodelay(true);
    Ok(server.bind(("127.0.0.1", port))?.run().await?)
}
