//! What came back.

use http::{HeaderMap, Response};
use lambda_http::Body;
use serde_json::Value;
use store::Meter;

use crate::redacted;

/// A response with its cost.
#[derive(Debug)]
pub struct Answer {
    pub what: String,
    pub status: u16,
    pub headers: HeaderMap,
    pub body: Vec<u8>,
    /// The body as JSON; null when it is not JSON.
    pub json: Value,
    pub cost: Meter,
    /// The most calls to DynamoDB that had to wait for one another.
    pub waves: u32,
}

impl Answer {
    pub(crate) fn new(what: String, response: Response<Body>, cost: Meter, waves: u32) -> Self {
        let (parts, body) = response.into_parts();
        let body = body.to_vec();
        let json = serde_json::from_slice(&body).unwrap_or_default();
        Self { what, status: parts.status.as_u16(), headers: parts.headers, body, json, cost, waves }
    }

    /// The body as text.
    #[must_use]
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// Itself, if the status is the expected one.
    ///
    /// # Panics
    /// It is another.
    #[track_caller]
    #[must_use]
    pub fn expect(self, status: u16) -> Self {
        assert_eq!(self.status, status, "{} answered {}", self.what, self.text());
        self
    }

    /// The JSON of an answer with the expected status.
    ///
    /// # Panics
    /// The status is another.
    #[track_caller]
    #[must_use]
    pub fn json(self, status: u16) -> Value {
        self.expect(status).json
    }

    /// Checks that it refuses with `status` and `code`, and returns the pointers and codes of its violations.
    ///
    /// # Panics
    /// It does not.
    #[track_caller]
    pub fn refused(&self, status: u16, code: &str) -> Vec<(String, String)> {
        let got = (self.status, self.json["code"].as_str().unwrap_or_default());
        assert_eq!(got, (status, code), "{} answered {}", self.what, self.text());
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let errors = self.json["errors"].as_array();
        errors.into_iter().flatten().map(|error| (text(&error["pointer"]), text(&error["code"]))).collect()
    }

    /// A header that is text.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// The revision in its `ETag`.
    ///
    /// # Panics
    /// It has none.
    #[track_caller]
    #[must_use]
    pub fn rev(&self) -> u64 {
        let etag = self.header("etag").expect("an ETag");
        etag.trim_matches('"').parse().expect("a revision")
    }

    /// Status and body without what differs from run to run: for snapshots.
    #[must_use]
    pub fn snapshot(&self) -> Value {
        serde_json::json!({ "status": self.status, "body": redacted(&self.json) })
    }

    pub(crate) fn assert_is_problem(&self) {
        let text = self.text();
        assert_eq!(self.header("content-type"), Some("application/problem+json"), "{}: {text}", self.what);
        assert_eq!(self.json["status"], self.status, "{}: {text}", self.what);
        for member in ["type", "title", "detail", "code", "instance"] {
            assert!(self.json[member].is_string(), "{} has no {member}: {text}", self.what);
        }
    }
}
