//! API Gateway's part on one machine: finds the route, makes the payload (HTTP API, format 2.0) and hands it to the
//! feature just as Lambda would. The local cloud and the tests go through here, so that what they exercise is what
//! is deployed.

use std::collections::HashMap;

use base64::{Engine, engine::general_purpose::STANDARD};
use http::{HeaderMap, Response, header};
use kernel::{Code, Error};
use lambda_http::Body;
use serde_json::{Value, json};

pub use crate::cors::preflight;
use crate::{App, EndpointEntry, Registry, dispatch::handle, problem};

/// An HTTP request before it is a payload.
#[derive(Clone, Debug, Default)]
pub struct HttpRequest {
    pub method: String,
    pub path: String,
    pub query: String,
    pub headers: HeaderMap,
    pub body: Vec<u8>,
    pub source_ip: String,
    pub request_id: String,
}

/// The routes of a registry.
pub struct Gateway {
    app: &'static App,
    routes: matchit::Router<Vec<EndpointEntry>>,
}

impl Gateway {
    /// A gateway to every endpoint of `registry`.
    ///
    /// # Panics
    /// Two routes exclude each other: found by the first test that runs.
    #[must_use]
    pub fn new(app: &'static App, registry: &Registry) -> Self {
        let mut by_path: HashMap<&str, Vec<EndpointEntry>> = HashMap::new();
        for entry in &registry.endpoints {
            by_path.entry(entry.route.path).or_default().push(*entry);
        }
        let mut routes = matchit::Router::new();
        for (path, entries) in by_path {
            routes.insert(path, entries).unwrap_or_else(|error| panic!("{path}: {error}"));
        }
        Self { app, routes }
    }

    /// The app behind it.
    #[must_use]
    pub fn app(&self) -> &'static App {
        self.app
    }

    /// The feature that a request goes to.
    #[must_use]
    pub fn find(&self, request: &HttpRequest) -> Option<EndpointEntry> {
        let found = self.routes.at(&request.path).ok()?;
        found.value.iter().find(|entry| entry.route.method.as_str() == request.method).copied()
    }

    /// Answers a request. API Gateway itself answers those without a route; here a problem document does.
    pub async fn answer(&self, request: HttpRequest) -> Response<Body> {
        let Ok(found) = self.routes.at(&request.path) else {
            return refuse(&request.path, &request.request_id, &Error::not_found("route"));
        };
        let Some(entry) = found.value.iter().find(|entry| entry.route.method.as_str() == request.method)
        else {
            let error = Error::new(Code::MethodNotAllowed, "see the API reference for this path");
            let mut response = refuse(&request.path, &request.request_id, &error);
            let allowed: Vec<&str> = found.value.iter().map(|entry| entry.route.method.as_str()).collect();
            response.headers_mut().extend(allowed.join(", ").parse().map(|allowed| (header::ALLOW, allowed)));
            return response;
        };
        let payload = payload(&request, entry, found.params.iter());
        match lambda_http::request::from_str(&payload.to_string()) {
            Ok(event) => handle(self.app, entry, event).await,
            Err(error) => refuse(&request.path, &request.request_id, &Error::internal(error)),
        }
    }
}

/// The problem document for a request that reaches no feature.
#[must_use]
pub fn refuse(path: &str, request_id: &str, error: &Error) -> Response<Body> {
    let reply = problem::render(error, path, request_id);
    Response::builder()
        .status(reply.status)
        .header(header::CONTENT_TYPE, reply.content_type)
        .body(Body::Text(String::from_utf8(reply.body).unwrap_or_default()))
        .unwrap_or_default()
}

/// The payload that a Lambda gets for `request` (format 2.0).
#[must_use]
pub fn payload<'a>(
    request: &HttpRequest,
    entry: &EndpointEntry,
    parameters: impl Iterator<Item = (&'a str, &'a str)>,
) -> Value {
    let mut headers: HashMap<&str, String> = HashMap::new();
    for (name, value) in &request.headers {
        let value = String::from_utf8_lossy(value.as_bytes());
        let joined = headers.entry(name.as_str()).or_default();
        if !joined.is_empty() {
            joined.push(',');
        }
        joined.push_str(&value);
    }
    let host = headers.get("host").cloned().unwrap_or_else(|| "localhost".to_owned());
    let text = std::str::from_utf8(&request.body).ok();
    let parameters: HashMap<&str, String> =
        parameters.map(|(name, value)| (name, percent_decode(value))).collect();
    json!({
        "version": "2.0",
        "routeKey": entry.route.to_string(),
        "rawPath": request.path,
        "rawQueryString": request.query,
        "headers": headers,
        "pathParameters": parameters,
        "requestContext": {
            "accountId": "000000000000",
            "apiId": "local",
            "domainName": host,
            "domainPrefix": "local",
            "http": {
                "method": request.method,
                "path": request.path,
                "protocol": "HTTP/1.1",
                "sourceIp": request.source_ip,
                "userAgent": headers.get("user-agent"),
            },
            "requestId": request.request_id,
            "routeKey": entry.route.to_string(),
            "stage": "$default",
            "time": "01/Jan/2026:00:00:00 +0000",
            "timeEpoch": 1_767_225_600_000_i64,
        },
        "body": text.map_or_else(|| STANDARD.encode(&request.body), str::to_owned),
        "isBase64Encoded": text.is_none(),
    })
}

/// API Gateway hands path parameters over decoded.
fn percent_decode(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut decoded = Vec::with_capacity(bytes.len());
    let mut n = 0;
    while n < bytes.len() {
        let hex = text.get(n + 1..n + 3).filter(|_| bytes[n] == b'%');
        match hex.and_then(|hex| u8::from_str_radix(hex, 16).ok()) {
            Some(byte) => {
                decoded.push(byte);
                n += 3;
            }
            None => {
                decoded.push(bytes[n]);
                n += 1;
            }
        }
    }
    String::from_utf8_lossy(&decoded).into_owned()
}
