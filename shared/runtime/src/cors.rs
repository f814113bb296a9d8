//! Which origins' pages may call. API Gateway answers preflights from the same list (a parameter of the template);
//! the local gateway uses [`preflight`].

use http::{HeaderMap, HeaderValue, Response, StatusCode, header};
use lambda_http::Body;

use crate::Config;

/// The origin to allow: the caller's own, if it is on the list. No wildcard, since calls carry credentials.
pub(crate) fn allowed(config: &Config, origin: Option<&str>) -> Option<HeaderValue> {
    let origin = origin?;
    let known = config.allowed_origins.iter().any(|allowed| allowed == origin);
    if known { HeaderValue::from_str(origin).ok() } else { None }
}

pub(crate) fn grant(headers: &mut HeaderMap, origin: HeaderValue) {
    headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin);
    headers.insert(header::ACCESS_CONTROL_ALLOW_CREDENTIALS, HeaderValue::from_static("true"));
    headers.insert(
        header::ACCESS_CONTROL_EXPOSE_HEADERS,
        HeaderValue::from_static("etag, retry-after, x-request-id, idempotency-replayed"),
    );
}

/// The answer to a preflight.
#[must_use]
pub fn preflight(config: &Config, origin: Option<&str>) -> Response<Body> {
    let mut response = Response::new(Body::Empty);
    *response.status_mut() = StatusCode::NO_CONTENT;
    response.headers_mut().insert(header::VARY, HeaderValue::from_static("origin"));
    if let Some(origin) = allowed(config, origin) {
        let headers = response.headers_mut();
        grant(headers, origin);
        headers.insert(
            header::ACCESS_CONTROL_ALLOW_METHODS,
            HeaderValue::from_static("GET, POST, PUT, PATCH, DELETE"),
        );
        headers.insert(
            header::ACCESS_CONTROL_ALLOW_HEADERS,
            HeaderValue::from_static(
                "authorization, content-type, if-match, idempotency-key, x-correlation-id",
            ),
        );
        headers.insert(header::ACCESS_CONTROL_MAX_AGE, HeaderValue::from_static("600"));
    }
    response
}
