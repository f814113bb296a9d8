//! Stands between a function and the emulator, keeps what the function asks, and answers as late as a network would.

use std::{
    net::Ipv4Addr,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use axum::{
    Router,
    body::Bytes,
    extract::State,
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
    serve::ListenerExt,
};
use serde_json::Value;
use tokio::{
    net::TcpListener,
    task::{JoinHandle, spawn_blocking},
};

use crate::Failure;

/// One call to DynamoDB.
#[derive(Clone, Debug)]
pub(crate) struct Call {
    /// `GetItem`
    pub(crate) operation: String,
    pub(crate) body: Value,
}

struct Shared {
    calls: Mutex<Vec<Call>>,
    http: reqwest::Client,
    target: String,
    /// No answer comes sooner than this after its call.
    each: Duration,
}

/// Records until it is dropped.
pub(crate) struct Recorder {
    pub(crate) endpoint: String,
    shared: Arc<Shared>,
    server: JoinHandle<()>,
}

impl Recorder {
    pub(crate) async fn start(target: &str, each: Duration) -> Result<Self, Failure> {
        let listener =
            TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.map_err(|error| error.to_string())?;
        let endpoint = format!("http://{}", listener.local_addr().map_err(|error| error.to_string())?);
        let shared = Arc::new(Shared {
            calls: Mutex::default(),
            http: reqwest::Client::new(),
            target: target.to_owned(),
            each,
        });
        let routes = Router::new().fallback(pass_on).with_state(Arc::clone(&shared));
        let listener = listener.tap_io(|connection| {
            let _ = connection.set_nodelay(true);
        });
        let server = tokio::spawn(async move {
            let _ = axum::serve(listener, routes).await;
        });
        Ok(Self { endpoint, shared, server })
    }

    /// The calls since the last time.
    pub(crate) fn take(&self) -> Vec<Call> {
        std::mem::take(&mut *self.shared.calls.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Drop for Recorder {
    fn drop(&mut self) {
        self.server.abort();
    }
}

async fn pass_on(State(shared): State<Arc<Shared>>, headers: HeaderMap, body: Bytes) -> Response {
    let due = Instant::now() + shared.each;
    let target = headers.get("x-amz-target").and_then(|value| value.to_str().ok()).unwrap_or_default();
    let call = Call {
        operation: target.rsplit('.').next().unwrap_or_default().to_owned(),
        body: serde_json::from_slice(&body).unwrap_or_default(),
    };
    shared.calls.lock().unwrap_or_else(PoisonError::into_inner).push(call);
    let mut headers = headers;
    headers.remove(header::HOST);
    let sent = shared.http.post(&shared.target).headers(headers).body(body).send().await;
    let Ok(response) = sent else { return StatusCode::BAD_GATEWAY.into_response() };
    let status = response.status();
    let body = response.bytes().await;
    wait_until(due).await;
    match body {
        Ok(body) => (status, [(header::CONTENT_TYPE, "application/x-amz-json-1.0")], body).into_response(),
        Err(_) => StatusCode::BAD_GATEWAY.into_response(),
    }
}

#[expect(clippy::disallowed_methods, reason = "the timer of the runtime is late by up to a millisecond")]
async fn wait_until(due: Instant) {
    let left = due.saturating_duration_since(Instant::now());
    if !left.is_zero() {
        let _ = spawn_blocking(move || std::thread::sleep(left)).await;
    }
}
