//! `/`: what this is and how to begin.

use std::net::SocketAddr;

use axum::{
    Router,
    http::header,
    response::{Html, IntoResponse},
    routing::get,
};

use crate::{demo::Demo, docs::OWN_HOST_ONLY};

/// The page for a host at `address`; it has logins and a tour where there is a demo school.
pub(crate) fn page(address: SocketAddr, demo: Option<&Demo>) -> Router {
    let school = demo.map_or_else(|| include_str!("../pages/empty_school.html").to_owned(), with_logins);
    let html = include_str!("../pages/index.html")
        .replace("{{school}}", &school)
        .replace("{{origin}}", &format!("http://localhost:{}", address.port()));
    Router::new().route(
        "/",
        get(async move || ([(header::CONTENT_SECURITY_POLICY, OWN_HOST_ONLY)], Html(html)).into_response()),
    )
}

fn with_logins(demo: &Demo) -> String {
    let mut html = include_str!("../pages/demo_school.html").to_owned();
    for (role, login) in demo.logins() {
        html = html
            .replace(&format!("{{{{{role}.email}}}}"), &login.email)
            .replace(&format!("{{{{{role}.password}}}}"), &login.password);
    }
    html
}
