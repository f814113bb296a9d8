//! One line for each request: method, path, status, milliseconds. Never a query or a header: they may hold secrets.

use std::{io::Write, time::Instant};

use axum::{extract::Request, middleware::Next, response::Response};

pub(crate) async fn log(request: Request, next: Next) -> Response {
    let started = Instant::now();
    let (method, path) = (request.method().clone(), request.uri().path().to_owned());
    let response = next.run(request).await;
    // Whoever reads our output may go away; the school stays open.
    let _ = writeln!(
        std::io::stdout(),
        "{method} {path} {} {:.1} ms",
        response.status().as_u16(),
        started.elapsed().as_secs_f64() * 1000.0
    );
    response
}
