//! `/local`: what this is and how to begin.

use std::net::SocketAddr;

use axum::{Router, routing::get};

use crate::{demo::Demo, page};

/// The page for a host at `address`. It says what a person can do here, then how: with the logins of the demo school and
/// a tour, or with an account of their own.
pub(crate) fn pages(address: SocketAddr, demo: Option<&Demo>) -> Router {
    let (logins, begin) = match demo {
        Some(_) => (include_str!("../pages/demo_logins.html"), include_str!("../pages/demo_tour.html")),
        None => ("", include_str!("../pages/empty_school.html")),
    };
    let mut html = include_str!("../pages/index.html")
        .replace("{{logins}}", logins)
        .replace("{{begin}}", begin)
        .replace("{{origin}}", &format!("http://localhost:{}", address.port()));
    for (role, login) in demo.iter().flat_map(|demo| demo.logins()) {
        html = html
            .replace(&format!("{{{{{role}.email}}}}"), &login.email)
            .replace(&format!("{{{{{role}.password}}}}"), &login.password);
    }
    Router::new().route("/local", get(async move || page::show(html)))
}
