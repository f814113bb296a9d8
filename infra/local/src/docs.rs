//! `/docs`: the API reference, with everything that it loads inside this binary.

use axum::{Router, response::Redirect, routing::get};
use swagger_ui_dist::{ApiDefinition, OpenApiSource, generate_routes};

use crate::page;

pub(crate) fn pages() -> Router {
    let assets = generate_routes(ApiDefinition {
        uri_prefix: "/docs/assets",
        api_definition: OpenApiSource::Uri("/v1/openapi.json"),
        title: None,
    });
    Router::new()
        .route("/docs", get(|| async { page::show(include_str!("../pages/docs.html")) }))
        .route("/docs/", get(|| async { Redirect::permanent("/docs") }))
        .merge(assets)
}
