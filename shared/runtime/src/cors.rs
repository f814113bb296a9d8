//! Which origins' pages may call. API Gateway puts the same headers on every answer, from the same list (a parameter of
//! the template), in the place of ours; the local cloud has no other.

use http::{HeaderMap, HeaderName, HeaderValue, header};
use kernel::Result;
use serde_json::{Value, json};

use crate::{App, Call, Components, Config, Output, Reply};

/// The origin to allow: the caller's own, if it is on the list. No wildcard, since calls carry credentials.
pub(crate) fn allowed(config: &Config, origin: Option<&str>) -> Option<HeaderValue> {
    let origin = origin?;
    let known = config.allowed_origins.iter().any(|allowed| is(origin, allowed));
    if known { HeaderValue::from_str(origin).ok() } else { None }
}

/// `http://localhost:*` stands for every port of one host: whoever develops a page moves between ports. API Gateway
/// knows no such form, so only the local cloud has it.
fn is(origin: &str, allowed: &str) -> bool {
    let Some(host) = allowed.strip_suffix(":*") else { return origin == allowed };
    let port = |rest: &str| rest.bytes().all(|byte| byte.is_ascii_digit()) && rest.parse::<u16>().is_ok();
    origin.strip_prefix(host).is_some_and(|rest| rest.is_empty() || rest.strip_prefix(':').is_some_and(port))
}

pub(crate) fn grant(headers: &mut HeaderMap, origin: HeaderValue) {
    headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin);
    headers.insert(header::ACCESS_CONTROL_ALLOW_CREDENTIALS, HeaderValue::from_static("true"));
    headers.insert(
        header::ACCESS_CONTROL_EXPOSE_HEADERS,
        HeaderValue::from_static("etag, location, retry-after, x-request-id, idempotency-replayed"),
    );
}

/// The answer to a preflight: what pages of the caller's origin may send, or nothing.
pub struct Preflight {
    allowed: bool,
}

impl Preflight {
    /// The answer to `call`.
    #[must_use]
    pub fn of(app: &App, call: &Call) -> Self {
        Self { allowed: allowed(&app.config, call.header("origin")).is_some() }
    }
}

const GRANTED: [(HeaderName, &str); 3] = [
    (header::ACCESS_CONTROL_ALLOW_METHODS, "GET, POST, PUT, PATCH, DELETE"),
    (
        header::ACCESS_CONTROL_ALLOW_HEADERS,
        "authorization, content-type, if-match, idempotency-key, x-correlation-id",
    ),
    // The most that browsers keep it for: every preflight is a call of a function.
    (header::ACCESS_CONTROL_MAX_AGE, "7200"),
];

impl Output for Preflight {
    const STATUS: u16 = 204;

    fn content(_: &mut Components) -> Value {
        json!({})
    }

    fn reply(&self) -> Result<Reply> {
        let granted = GRANTED.into_iter().filter(|_| self.allowed);
        let headers = granted.map(|(name, value)| (name, HeaderValue::from_static(value))).collect();
        Ok(Reply { status: Self::STATUS, content_type: "", headers, body: Vec::new() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_port_of_a_host_is_no_other_host() {
        let listed = "http://localhost:*";
        for origin in ["http://localhost", "http://localhost:5173", "http://localhost:65535"] {
            assert!(is(origin, listed), "{origin}");
        }
        for origin in [
            "https://localhost:5173",
            "http://localhost:",
            "http://localhost:65536",
            "http://localhost:+80",
            "http://localhost:5173.evil.example",
            "http://localhost.evil.example",
            "http://localhost.evil.example:80",
            "http://localhost:*",
            "http://app.localhost:5173",
            "null",
        ] {
            assert!(!is(origin, listed), "{origin}");
        }
        assert!(
            is("https://a.example", "https://a.example") && !is("https://a.example:1", "https://a.example")
        );
    }
}
