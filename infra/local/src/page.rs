//! What the pages of this host have in common.

use axum::{
    Router,
    http::header,
    response::{Html, IntoResponse},
    routing::get,
};

/// Nothing from another host, whatever a page says.
const OWN_HOST_ONLY: &str = "default-src 'self'; script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline'; \
     img-src 'self' data:";

/// A page that may load what this host has.
pub(crate) fn show(html: impl Into<String>) -> impl IntoResponse {
    ([(header::CONTENT_SECURITY_POLICY, OWN_HOST_ONLY)], Html(html.into()))
}

/// The style of all of them.
pub(crate) fn style() -> Router {
    let css = ([(header::CONTENT_TYPE, "text/css")], include_str!("../pages/page.css"));
    Router::new().route("/page.css", get(css))
}
