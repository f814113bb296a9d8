//! SSM: parameters that are read by name, at most so many in a second where a test says so. Served over HTTP too, for
//! functions that run elsewhere.

use std::{
    collections::BTreeMap,
    io,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use aws_smithy_runtime_api::client::{http::SharedHttpClient, orchestrator::HttpRequest};
use axum::{
    Router,
    body::Bytes,
    http::{HeaderMap, StatusCode, header},
};
use serde_json::{Value, json};
use tokio::{net::TcpListener, time::Instant};

use crate::connector::{Answer, Emulator};

#[derive(Debug, Default)]
struct State {
    values: BTreeMap<String, String>,
    /// How many are read in a second, and as many at once after a quiet one.
    per_second: Option<u32>,
    left: f64,
    counted_at: Option<Instant>,
    refused: usize,
}

/// The parameters. Clones share them.
#[derive(Clone, Debug, Default)]
pub struct Ssm(Arc<Mutex<State>>);

impl Ssm {
    /// Parameters by name and value, all of them SecureStrings.
    #[must_use]
    pub fn holding(values: impl IntoIterator<Item = (String, String)>) -> Self {
        let state = State { values: values.into_iter().collect(), ..State::default() };
        Self(Arc::new(Mutex::new(state)))
    }

    /// The same where so many are read in a second.
    #[must_use]
    pub fn allowing(self, per_second: u32) -> Self {
        self.state().per_second = Some(per_second);
        self
    }

    /// How many requests were too many.
    #[must_use]
    pub fn refused(&self) -> usize {
        self.state().refused
    }

    /// For the SDK's configuration.
    #[must_use]
    pub fn http_client(&self) -> SharedHttpClient {
        SharedHttpClient::new(Emulator(self.clone()))
    }

    /// Serves them on `listener` as long as the process lives, and returns where.
    ///
    /// # Errors
    /// The listener has no address.
    pub fn serve(&self, listener: TcpListener) -> io::Result<String> {
        let endpoint = format!("http://{}", listener.local_addr()?);
        let ssm = self.clone();
        let answer = async move |headers: HeaderMap, body: Bytes| {
            let operation = headers.get("x-amz-target").and_then(|value| value.to_str().ok());
            let (status, body) = ssm.respond(operation.unwrap_or_default(), &body);
            let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
            (status, [(header::CONTENT_TYPE, "application/x-amz-json-1.1")], body.to_string())
        };
        tokio::spawn(axum::serve(listener, Router::new().fallback(answer)).into_future());
        Ok(endpoint)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn respond(&self, operation: &str, body: &[u8]) -> (u16, Value) {
        let mut state = self.state();
        if !state.admits() {
            return (400, json!({ "__type": "ThrottlingException", "message": "Rate exceeded" }));
        }
        if operation != "AmazonSSM.GetParameters" {
            return (400, json!({ "__type": "UnsupportedOperation", "message": operation }));
        }
        let body: Value = serde_json::from_slice(body).unwrap_or_default();
        let names = body["Names"].as_array().into_iter().flatten().filter_map(Value::as_str);
        let (known, unknown): (Vec<_>, Vec<_>) = names.partition(|name| state.values.contains_key(*name));
        let parameter = |name: &str| {
            // Whoever forgets to ask for it gets what is kept, which is of no use.
            let clear = body["WithDecryption"] == true;
            let value = if clear { state.values[name].as_str() } else { "encrypted" };
            json!({ "Name": name, "Type": "SecureString", "Value": value, "Version": 1 })
        };
        let found: Vec<Value> = known.into_iter().map(parameter).collect();
        (200, json!({ "Parameters": found, "InvalidParameters": unknown }))
    }
}

impl State {
    fn admits(&mut self) -> bool {
        let Some(rate) = self.per_second.map(f64::from) else { return true };
        let now = Instant::now();
        let since = self.counted_at.replace(now).map_or(Duration::from_secs(1), |before| now - before);
        self.left = (self.left + since.as_secs_f64() * rate).min(rate);
        let admitted = self.left >= 1.0;
        if admitted {
            self.left -= 1.0;
        } else {
            self.refused += 1;
        }
        admitted
    }
}

impl Answer for Ssm {
    fn answer(&self, request: &HttpRequest) -> (u16, Value) {
        let operation = request.headers().get("x-amz-target").unwrap_or_default();
        self.respond(operation, request.body().bytes().unwrap_or_default())
    }
}
