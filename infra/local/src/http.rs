//! API Gateway's place: HTTP in, the features' answers out.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use axum::{
    Router,
    body::{Body, to_bytes},
    extract::{ConnectInfo, Request, State},
    middleware,
    response::Response,
    serve::ListenerExt,
};
use domain::event::EventKind;
use kernel::{Code, Error};
use runtime::gateway::{Gateway, HttpRequest};
use tokio::{
    net::TcpListener,
    sync::{Notify, oneshot},
    time,
};

use crate::{Failure, access_log, stop::Signals};

/// API Gateway takes no larger body.
const MAX_BODY_BYTES: usize = 10 * 1024 * 1024;
/// A request is answered in less; a connection that sends nothing is not waited for.
const GRACE: Duration = Duration::from_secs(6);

/// What requests are answered with.
pub(crate) struct Host {
    pub(crate) gateway: Gateway,
    /// Wakes the pump.
    pub(crate) wake: Arc<Notify>,
}

/// Serves `pages` and, on every other path, the API until a signal comes.
pub(crate) async fn serve(
    listener: TcpListener,
    host: Host,
    pages: Router,
    mut signals: Signals,
) -> Result<(), Failure> {
    let router = pages
        .with_state::<Arc<Host>>(())
        .fallback(answer)
        .method_not_allowed_fallback(answer)
        .with_state(Arc::new(host))
        .layer(middleware::from_fn(access_log::log))
        .into_make_service_with_connect_info::<SocketAddr>();
    // Small answers must not wait for company.
    let listener = listener.tap_io(|connection| {
        let _ = connection.set_nodelay(true);
    });
    let (stop, stopped) = oneshot::channel();
    let server = axum::serve(listener, router).with_graceful_shutdown(async {
        let _ = stopped.await;
    });
    let told_to_stop = async {
        signals.next().await;
        let _ = stop.send(());
        time::sleep(GRACE).await;
    };
    tokio::select! {
        ended = server => ended.map_err(|error| format!("the server failed: {error}")),
        () = told_to_stop => Ok(()),
    }
}

async fn answer(
    State(host): State<Arc<Host>>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    request: Request,
) -> Response {
    let (parts, body) = request.into_parts();
    let mut request = HttpRequest {
        method: parts.method.to_string(),
        path: parts.uri.path().to_owned(),
        query: parts.uri.query().unwrap_or_default().to_owned(),
        headers: parts.headers,
        body: Vec::new(),
        source_ip: peer.ip().to_string(),
        request_id: host.gateway.app().id::<EventKind>().uuid().to_string(),
    };
    let response = match to_bytes(body, MAX_BODY_BYTES).await {
        Ok(body) => {
            request.body = body.into();
            host.gateway.answer(request).await
        }
        Err(_) => {
            let error = Error::new(Code::BODY_TOO_LARGE, format!("at most {MAX_BODY_BYTES} bytes"));
            host.gateway.refuse(&request, &error)
        }
    };
    if !parts.method.is_safe() {
        host.wake.notify_one();
    }
    response.map(|body| Body::from(body.to_vec()))
}
