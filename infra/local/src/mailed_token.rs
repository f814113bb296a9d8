//! `/verify-email` and `/reset-password`: where the mails of this machine lead until the school has pages of its own.

use axum::{
    Router,
    http::header,
    response::{Html, IntoResponse},
    routing::get,
};

use crate::docs::OWN_HOST_ONLY;

pub(crate) fn pages() -> Router {
    Router::new().route("/verify-email", get(page)).route("/reset-password", get(page))
}

async fn page() -> impl IntoResponse {
    ([(header::CONTENT_SECURITY_POLICY, OWN_HOST_ONLY)], Html(include_str!("../pages/mailed_token.html")))
}
