//! `/assets/dev`: the site's scripts and styles, as they are in `infra/site` at this moment: an edit is seen after a reload.
//! Beside them the bar that only this host has.

use std::path::Path;

use axum::{
    Json, Router,
    http::{HeaderValue, header},
    response::IntoResponse,
    routing::get,
};
use serde_json::json;
use tower_http::{services::ServeDir, set_header::SetResponseHeaderLayer};

use crate::demo::Demo;

/// What pages know their scripts and styles by.
pub(crate) const VERSION: &str = "dev";

const BAR: &str = include_str!("../pages/bar.js");

pub(crate) fn pages(demo: Option<&Demo>) -> Router {
    let site = Path::new(env!("CARGO_MANIFEST_DIR")).join("../site");
    let app = site.join("app.js");
    let with_bar = move || {
        let script = std::fs::read_to_string(&app).unwrap_or_default();
        async move { ([(header::CONTENT_TYPE, "text/javascript")], script + "\nimport \"/local/bar.js\";\n") }
    };
    let logins: Vec<_> = demo
        .iter()
        .flat_map(|demo| demo.logins())
        .map(|(role, login)| json!({ "role": role, "email": login.email, "password": login.password }))
        .collect();
    Router::new()
        .route("/assets/dev/app.js", get(with_bar))
        .nest_service("/assets/dev", ServeDir::new(site))
        .route(
            "/local/bar.js",
            get(|| async { ([(header::CONTENT_TYPE, "text/javascript")], BAR).into_response() }),
        )
        .route("/local/logins.json", get(async move || Json(logins)))
        .layer(SetResponseHeaderLayer::overriding(
            header::CACHE_CONTROL,
            HeaderValue::from_static("no-cache"),
        ))
}
