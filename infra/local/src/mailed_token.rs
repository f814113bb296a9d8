//! `/verify-email` and `/reset-password`: where the mails of this machine lead until the school has pages of its own.

use axum::{Router, routing::get};

use crate::page;

pub(crate) fn pages() -> Router {
    let page = get(|| async { page::show(include_str!("../pages/mailed_token.html")) });
    Router::new().route("/verify-email", page.clone()).route("/reset-password", page)
}
