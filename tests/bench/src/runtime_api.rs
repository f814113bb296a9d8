//! Lambda's Runtime API for one process: hands it one payload at a time and notes when it asked and when it answered.

use std::{
    net::Ipv4Addr,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Instant,
};

use axum::{
    Router,
    body::Bytes,
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
    routing::{get, post},
    serve::ListenerExt,
};
use kernel::{Clock, SystemClock};
use tokio::{
    net::TcpListener,
    sync::{Mutex, mpsc},
    task::JoinHandle,
};

use crate::Failure;

/// What the process did.
pub(crate) enum Event {
    /// It asks for work.
    Polled(Instant),
    /// It was given some.
    Sent(Instant),
    Answered(Instant, Bytes),
    Failed(String),
}

struct Shared {
    events: mpsc::UnboundedSender<Event>,
    payloads: Mutex<mpsc::UnboundedReceiver<String>>,
    served: AtomicUsize,
}

impl Shared {
    fn tell(&self, event: Event) {
        // Nobody listens any more only while the bench ends.
        let _ = self.events.send(event);
    }
}

/// Serves until it is dropped.
pub(crate) struct RuntimeApi {
    pub(crate) address: String,
    pub(crate) payloads: mpsc::UnboundedSender<String>,
    pub(crate) events: mpsc::UnboundedReceiver<Event>,
    server: JoinHandle<()>,
}

impl RuntimeApi {
    pub(crate) async fn start() -> Result<Self, Failure> {
        let listener =
            TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.map_err(|error| error.to_string())?;
        let address = listener.local_addr().map_err(|error| error.to_string())?.to_string();
        // With Nagle's algorithm a reply of two segments would wait for the acknowledgement of the first.
        let listener = listener.tap_io(|stream| {
            let _ = stream.set_nodelay(true);
        });
        let (event_sender, events) = mpsc::unbounded_channel();
        let (payloads, payload_receiver) = mpsc::unbounded_channel();
        let shared = Arc::new(Shared {
            events: event_sender,
            payloads: Mutex::new(payload_receiver),
            served: AtomicUsize::new(0),
        });
        let routes = Router::new()
            .route("/2018-06-01/runtime/invocation/next", get(next))
            .route("/2018-06-01/runtime/invocation/{id}/response", post(response))
            .route("/2018-06-01/runtime/invocation/{id}/error", post(failed))
            .route("/2018-06-01/runtime/init/error", post(failed))
            .with_state(shared);
        let server = tokio::spawn(async move {
            let _ = axum::serve(listener, routes).await;
        });
        Ok(Self { address, payloads, events, server })
    }
}

impl Drop for RuntimeApi {
    fn drop(&mut self) {
        self.server.abort();
    }
}

async fn next(State(shared): State<Arc<Shared>>) -> Response {
    shared.tell(Event::Polled(Instant::now()));
    let Some(payload) = shared.payloads.lock().await.recv().await else {
        return StatusCode::GONE.into_response();
    };
    let number = shared.served.fetch_add(1, Ordering::Relaxed);
    let deadline = SystemClock.now().millis() + 10_000;
    let headers = [
        ("content-type", "application/json".to_owned()),
        ("lambda-runtime-aws-request-id", format!("bench-{number}")),
        ("lambda-runtime-deadline-ms", deadline.to_string()),
        (
            "lambda-runtime-invoked-function-arn",
            "arn:aws:lambda:local:000000000000:function:bench".to_owned(),
        ),
    ];
    shared.tell(Event::Sent(Instant::now()));
    (headers, payload).into_response()
}

async fn response(State(shared): State<Arc<Shared>>, body: Bytes) -> StatusCode {
    shared.tell(Event::Answered(Instant::now(), body));
    StatusCode::ACCEPTED
}

async fn failed(State(shared): State<Arc<Shared>>, body: String) -> StatusCode {
    shared.tell(Event::Failed(body));
    StatusCode::ACCEPTED
}
