//! Sits between the SDK and the emulator: counts and names every call, and breaks the one that a test points at.

use std::sync::{
    Arc, Mutex,
    atomic::{AtomicUsize, Ordering},
};

use aws_smithy_runtime_api::client::{
    http::{
        HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient,
        SharedHttpConnector,
    },
    orchestrator::HttpRequest,
    result::ConnectorError,
    runtime_components::RuntimeComponents,
};
use tokio::sync::Notify;

use crate::grants;

/// On which side of a call something happens.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Moment {
    /// The call never leaves.
    BeforeSend,
    /// DynamoDB has done it, but nobody hears so.
    AfterCommit,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Fault {
    /// The process dies: the call never returns and its caller is to be dropped.
    Crash(Moment),
    /// The connection breaks: the SDK sees an error and may retry.
    Break(Moment),
}

#[derive(Debug, Default)]
struct State {
    calls: AtomicUsize,
    armed: Mutex<Option<(usize, Fault)>>,
    operations: Mutex<Vec<String>>,
    crashed: Notify,
}

/// The tap. Clones share it.
#[derive(Clone, Debug)]
pub struct Tap {
    inner: SharedHttpClient,
    state: Arc<State>,
}

impl Tap {
    pub(crate) fn new(inner: SharedHttpClient) -> Self {
        Self { inner, state: Arc::default() }
    }

    /// Counts from zero again and breaks nothing.
    pub fn reset(&self) {
        self.state.calls.store(0, Ordering::SeqCst);
        *self.state.armed.lock().expect("no panic inside") = None;
        self.state.operations.lock().expect("no panic inside").clear();
    }

    /// Calls since the last reset.
    #[must_use]
    pub fn calls(&self) -> usize {
        self.state.calls.load(Ordering::SeqCst)
    }

    /// The DynamoDB operations called since the last reset, in order.
    #[must_use]
    pub fn operations(&self) -> Vec<String> {
        self.state.operations.lock().expect("no panic inside").clone()
    }

    /// Resets, and lets the process die at its `call`-th call from now (the first is 1).
    pub fn crash_at(&self, call: usize, moment: Moment) {
        self.arm(call, Fault::Crash(moment));
    }

    /// Resets, and breaks the connection at the `call`-th call from now, once.
    pub fn break_at(&self, call: usize, moment: Moment) {
        self.arm(call, Fault::Break(moment));
    }

    fn arm(&self, call: usize, fault: Fault) {
        self.reset();
        *self.state.armed.lock().expect("no panic inside") = Some((call, fault));
    }

    /// Returns when the armed crash has come.
    pub async fn crashed(&self) {
        self.state.crashed.notified().await;
    }
}

impl HttpClient for Tap {
    fn http_connector(
        &self,
        settings: &HttpConnectorSettings,
        components: &RuntimeComponents,
    ) -> SharedHttpConnector {
        SharedHttpConnector::new(TapConnector {
            inner: self.inner.http_connector(settings, components),
            state: Arc::clone(&self.state),
        })
    }
}

#[derive(Debug)]
struct TapConnector {
    inner: SharedHttpConnector,
    state: Arc<State>,
}

impl HttpConnector for TapConnector {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let state = Arc::clone(&self.state);
        let number = state.calls.fetch_add(1, Ordering::SeqCst) + 1;
        let target = request.headers().get("x-amz-target").unwrap_or_default();
        let operation = target.rsplit('.').next().unwrap_or_default().to_owned();
        grants::note(&operation, request.body().bytes().unwrap_or_default());
        state.operations.lock().expect("no panic inside").push(operation);
        let armed = state.armed.lock().expect("no panic inside").filter(|(call, _)| *call == number);
        let fault = armed.map(|(_, fault)| fault);
        let broken = || ConnectorError::io("the connection broke, as the test wants it".into());
        let inner = self.inner.clone();
        HttpConnectorFuture::new(async move {
            match fault {
                None => inner.call(request).await,
                Some(Fault::Break(Moment::BeforeSend)) => Err(broken()),
                Some(Fault::Break(Moment::AfterCommit)) => {
                    let _ = inner.call(request).await;
                    Err(broken())
                }
                Some(Fault::Crash(moment)) => {
                    if moment == Moment::AfterCommit {
                        let _ = inner.call(request).await;
                    }
                    state.crashed.notify_one();
                    std::future::pending().await
                }
            }
        })
    }
}
