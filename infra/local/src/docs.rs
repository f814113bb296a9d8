//! `/docs`: the API reference, with everything that it loads inside this binary.

use axum::{
    Router,
    http::header,
    response::{Html, IntoResponse, Redirect},
    routing::get,
};
use swagger_ui_dist::{ApiDefinition, OpenApiSource, generate_routes};

/// Nothing from another host, whatever the page says.
pub(crate) const OWN_HOST_ONLY: &str = "default-src 'self'; script-src 'self' 'unsafe-inline'; \
     style-src 'self' 'unsafe-inline'; img-src 'self' data:";

pub(crate) fn pages() -> Router {
    let assets = generate_routes(ApiDefinition {
        uri_prefix: "/docs/assets",
        api_definition: OpenApiSource::Uri("/v1/openapi.json"),
        title: None,
    });
    Router::new()
        .route("/docs", get(page))
        .route("/docs/", get(|| async { Redirect::permanent("/docs") }))
        .merge(assets)
}

async fn page() -> impl IntoResponse {
    ([(header::CONTENT_SECURITY_POLICY, OWN_HOST_ONLY)], Html(include_str!("../pages/docs.html")))
}
