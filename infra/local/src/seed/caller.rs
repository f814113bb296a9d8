//! Requests to the routes, as a client would send them, without a socket in between.

use axum::http::{HeaderMap, HeaderValue, header};
use domain::event::EventKind;
use runtime::gateway::{Gateway, HttpRequest};
use serde_json::Value;

use crate::Failure;

#[derive(Clone, Copy)]
pub(super) struct Caller<'a> {
    gateway: &'a Gateway,
}

impl<'a> Caller<'a> {
    pub(super) fn new(gateway: &'a Gateway) -> Self {
        Self { gateway }
    }

    pub(super) async fn get(&self, target: &str, token: Option<&str>) -> Result<Value, Failure> {
        self.send("GET", target, token, None).await
    }

    /// Sends a request; anything but success is a failure that says what was answered.
    pub(super) async fn send(
        &self,
        method: &str,
        target: &str,
        token: Option<&str>,
        body: Option<&Value>,
    ) -> Result<Value, Failure> {
        let mut headers = HeaderMap::new();
        headers.insert(header::HOST, HeaderValue::from_static("localhost"));
        headers.insert(header::USER_AGENT, HeaderValue::from_static("lectern-seed"));
        if body.is_some() {
            headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
        }
        if let Some(token) = token {
            let value =
                HeaderValue::from_str(&format!("Bearer {token}")).map_err(|error| error.to_string())?;
            headers.insert(header::AUTHORIZATION, value);
        }
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        let response = self
            .gateway
            .answer(HttpRequest {
                method: method.to_owned(),
                path: path.to_owned(),
                query: query.to_owned(),
                headers,
                body: body.map(|body| body.to_string().into_bytes()).unwrap_or_default(),
                source_ip: "127.0.0.1".to_owned(),
                request_id: self.gateway.app().id::<EventKind>().uuid().to_string(),
            })
            .await;
        let answer = response.body().as_ref();
        if !response.status().is_success() {
            let (status, answer) = (response.status(), String::from_utf8_lossy(answer));
            return Err(format!("{method} {path} was answered {status}: {answer}"));
        }
        if answer.is_empty() {
            return Ok(Value::Null);
        }
        serde_json::from_slice(answer).map_err(|error| format!("{method} {path}: {error}"))
    }
}
