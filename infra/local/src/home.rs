//! `/`: what this is and how to begin.

use std::{fmt::Write, net::SocketAddr};

use axum::{
    Router,
    http::header,
    response::{Html, IntoResponse},
    routing::get,
};

use crate::{demo::Demo, docs::OWN_HOST_ONLY};

/// The page for a host at `address`; it has no logins where there is no demo school.
pub(crate) fn page(address: SocketAddr, demo: Option<&Demo>) -> Router {
    let (email, password) = demo.map_or(("you@example.org", "your password"), |demo| {
        (demo.learner.email.as_str(), demo.learner.password.as_str())
    });
    let html = include_str!("../pages/index.html")
        .replace("{{logins}}", &logins(demo))
        .replace("{{origin}}", &format!("http://localhost:{}", address.port()))
        .replace("{{email}}", email)
        .replace("{{password}}", password);
    Router::new().route(
        "/",
        get(async move || ([(header::CONTENT_SECURITY_POLICY, OWN_HOST_ONLY)], Html(html)).into_response()),
    )
}

fn logins(demo: Option<&Demo>) -> String {
    let Some(demo) = demo else {
        return "<p>This school has no demo accounts. Make one with <code>POST /v1/auth/register</code>.</p>".to_owned();
    };
    let mut rows = String::new();
    for (role, login) in demo.logins() {
        let _ = write!(
            rows,
            "<tr><th scope=\"row\">{role}</th><td><code>{}</code></td><td><code>{}</code></td></tr>",
            login.email, login.password
        );
    }
    format!(
        "<div class=\"scroll\"><table><thead><tr><th>Role</th><th>Email</th><th>Password</th></tr></thead>\
         <tbody>{rows}</tbody></table></div>"
    )
}
