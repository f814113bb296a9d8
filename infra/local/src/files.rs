//! The bucket's files on the port of the API, where `pdf_url` leads: one address for all, as the browser knows it. Pages
//! that may call the API may read them, and write what they have a link for, as the bucket's own rules have it in AWS.

use axum::{
    Router,
    body::Body,
    extract::{Request, State},
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
    routing::get,
};
use emulators::{FileBody, Files};
use runtime::{App, gateway::granted};

use crate::services::BUCKET;

/// A link's signature is all that is asked for.
pub(crate) fn pages(app: &'static App, files: Files) -> Router {
    let path = format!("/{BUCKET}/{{*name}}");
    Router::new().route(&path, get(file).put(file).options(preflight)).with_state((app, files))
}

/// What a page of another origin may send along with a link, as the bucket's own rules say it in template.yaml.
async fn preflight(State((app, _)): State<(&'static App, Files)>, request: Request) -> Response {
    let mut response = StatusCode::NO_CONTENT.into_response();
    let headers = response.headers_mut();
    headers.insert(header::ACCESS_CONTROL_ALLOW_METHODS, HeaderValue::from_static("GET, PUT"));
    let sent = HeaderValue::from_static("content-type, if-none-match, range");
    headers.insert(header::ACCESS_CONTROL_ALLOW_HEADERS, sent);
    headers.extend(granted(&app.config, request.headers().get(header::ORIGIN)));
    response
}

async fn file(State((app, files)): State<(&'static App, Files)>, request: Request) -> Response {
    let granted = granted(&app.config, request.headers().get(header::ORIGIN));
    let mut response = match files.answer(request.map(FileBody::http_body_unsync)).await {
        Ok(found) => found.map(Body::new),
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    };
    response.headers_mut().extend(granted);
    response
}
