//! API Gateway's part on one machine: finds the route, makes the payload (HTTP API, format 2.0) and hands it to the
//! feature just as Lambda would. The local cloud and the tests go through here, so that what they exercise is what
//! is deployed.

use std::collections::HashMap;

use base64::{Engine, engine::general_purpose::STANDARD};
use http::{HeaderMap, HeaderValue, Response, header};
use kernel::Error;
use lambda_http::Body;
use serde_json::{Value, json};

use crate::{
    App, Config, EndpointEntry, Registry, cors,
    dispatch::{finish, handle},
    problem,
};

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
    fallback: EndpointEntry,
}

impl Gateway {
    /// A gateway to every endpoint of `registry`.
    ///
    /// # Panics
    /// Two routes exclude each other, or nothing answers what they leave: found by the first test that runs.
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
        let fallback = registry.fallback.expect("the registry has an endpoint for what no route takes");
        Self { app, routes, fallback }
    }

    /// The app behind it.
    #[must_use]
    pub fn app(&self) -> &'static App {
        self.app
    }

    /// The feature that a request goes to.
    #[must_use]
    pub fn find(&self, request: &HttpRequest) -> EndpointEntry {
        self.matching(request).map_or(self.fallback, |(entry, _)| *entry)
    }

    /// `HEAD` goes where `GET` does, if everybody may read it: on AWS no other has such a route.
    fn matching<'a>(&self, request: &'a HttpRequest) -> Option<(&EndpointEntry, matchit::Params<'_, 'a>)> {
        let found = self.routes.at(&request.path).ok()?;
        let is_head = request.method == "HEAD";
        let method = if is_head { "GET" } else { &request.method };
        let fits = |entry: &&EndpointEntry| entry.route.method.as_str() == method;
        let entry = found.value.iter().find(fits).filter(|entry| !is_head || entry.answers_head())?;
        Some((entry, found.params))
    }

    /// Answers a request.
    pub async fn answer(&self, request: HttpRequest) -> Response<Body> {
        let (entry, payload) = match self.matching(&request) {
            Some((entry, parameters)) => (entry, payload(&request, entry, parameters.iter())),
            None => (&self.fallback, payload(&request, &self.fallback, std::iter::empty())),
        };
        match lambda_http::request::from_str(&payload.to_string()) {
            Ok(event) => handle(self.app, entry, event).await,
            Err(error) => self.refuse(&request, &Error::internal(error)),
        }
    }

    /// The answer to a request that reaches no feature. On AWS it is `{"message": …}` by API Gateway, which lets nobody
    /// say it otherwise.
    #[must_use]
    pub fn refuse(&self, request: &HttpRequest, error: &Error) -> Response<Body> {
        let origin = request.headers.get(header::ORIGIN).and_then(|origin| origin.to_str().ok());
        let reply = problem::render(error, &request.path, &request.request_id);
        finish(reply, false, cors::allowed(&self.app.config, origin), &request.request_id)
    }
}

/// The headers that let pages of the caller's origin read what no function answers, such as a file; none for others.
#[must_use]
pub fn granted(config: &Config, origin: Option<&HeaderValue>) -> HeaderMap {
    let mut headers = HeaderMap::new();
    if let Some(origin) = cors::allowed(config, origin.and_then(|origin| origin.to_str().ok())) {
        cors::grant(&mut headers, origin);
    }
    headers
}

/// The payload that a Lambda gets for `request` (format 2.0).
#[must_use]
pub fn payload<'a>(
    request: &HttpRequest,
    entry: &EndpointEntry,
    parameters: impl Iterator<Item = (&'a str, &'a str)>,
) -> Value {
    let mut headers: HashMap<&str, String> = HashMap::new();
    // Cookies stand apart in this format.
    let cookies = request.headers.get_all(header::COOKIE).iter();
    let cookies: Vec<_> = cookies.map(|value| String::from_utf8_lossy(value.as_bytes())).collect();
    let cookies: Vec<&str> = cookies.iter().flat_map(|value| value.split(';')).map(str::trim).collect();
    for (name, value) in request.headers.iter().filter(|(name, _)| *name != header::COOKIE) {
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
    let mut payload = json!({
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
    });
    if !cookies.is_empty() {
        payload["cookies"] = json!(cookies);
    }
    payload
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
