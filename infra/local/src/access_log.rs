//! One line for each request: method, path, status, milliseconds. Never a query or a header: they may hold secrets.

use std::time::Instant;

use axum::{extract::Request, middleware::Next, response::Response};

use crate::banner;

pub(crate) async fn log(request: Request, next: Next) -> Response {
    let started = Instant::now();
    let (method, path) = (request.method().clone(), request.uri().path().to_owned());
    let response = next.run(request).await;
    let millis = started.elapsed().as_secs_f64() * 1000.0;
    banner::say(format_args!("{method} {path} {} {millis:.1} ms", response.status().as_u16()));
    response
}
