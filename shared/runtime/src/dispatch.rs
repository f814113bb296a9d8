//! From a request to its answer. Per feature only the three generic functions here are compiled again.

use std::{panic::AssertUnwindSafe, time::Duration};

use domain::event::Event;
use http::{HeaderName, HeaderValue, Response, StatusCode, header};
use kernel::{Code, Error, Result};
use lambda_http::{Body, Request, RequestExt};
use store::{RateLimit, metered};
use tracing::{Instrument, error, info_span, warn};

use crate::{
    Access, App, Call, Caller, Consumer, Cost, Endpoint, EndpointEntry, Input, Output, Reply, cors, idempotency,
    input::MAX_BODY_BYTES, problem,
};

/// An answer comes before this, whatever a dependency does (R15).
const DEADLINE: Duration = Duration::from_millis(4500);
/// What is left of a Lambda's time for answering that there was none.
const RESERVE: Duration = Duration::from_millis(300);
/// Bodies from this size on are compressed, for those who accept it.
const GZIP_FROM_BYTES: usize = 1000;

/// Authorize → decode → handle → encode.
pub(crate) async fn endpoint<E: Endpoint>(app: &'static App, call: Call) -> Result<Reply> {
    let access = E::Access::authorize(app, &call).await?;
    let user_id = access.user_id();
    if let (Some(user), Some(burst)) = (user_id, app.config.calls_per_minute) {
        let limit = RateLimit { name: "calls", burst, per_seconds: 60 };
        app.store.take_token(&call.school, limit, &user.to_string(), app.now()).await?;
    }
    let input = E::Input::read(&call)?;
    let idempotency = match user_id {
        Some(user) if E::IDEMPOTENT => idempotency::of_call(&call, user, E::ROUTE)?,
        _ => None,
    };
    let Some(kept) = &idempotency else {
        let caller = Caller { access, call, user_id, idempotency };
        return E::handle(app, caller, input).await?.reply();
    };
    if let Some(reply) = kept.replay(app).await? {
        return Ok(reply);
    }
    let kept = kept.clone();
    let caller = Caller { access, call, user_id, idempotency };
    match E::handle(app, caller, input).await {
        Ok(output) => output.reply(),
        // The same request may have won meanwhile, here or in a process that died before it could answer.
        Err(error) => kept.replay(app).await?.ok_or(error),
    }
}

/// Applies an event; one that was applied before is done.
pub(crate) async fn consumer<C: Consumer>(app: &'static App, event: Event) -> Result<()> {
    let data = event.data::<C::Data>().map_err(Error::internal)?;
    match C::consume(app, &event, data).await {
        Err(error) if error.code() == Code::AlreadyApplied => Ok(()),
        done => done,
    }
}

/// Answers one API Gateway request to the feature behind `entry`. Never fails: what goes wrong is a problem document.
pub async fn handle(app: &'static App, entry: &EndpointEntry, request: Request) -> Response<Body> {
    let remaining = request.lambda_context_ref().map(|context| {
        let left = i128::from(context.deadline) - i128::from(app.now().millis());
        Duration::from_millis(u64::try_from(left).unwrap_or(0)).saturating_sub(RESERVE)
    });
    let deadline = remaining.unwrap_or(DEADLINE).min(DEADLINE);
    let call = Call::new(app, request);
    let accepts_gzip = call.header("accept-encoding").is_some_and(|accepted| accepted.contains("gzip"));
    let allowed_origin = cors::allowed(&app.config, call.header("origin"));
    let (path, request_id) = (call.path.clone(), call.request_id.clone());
    let span = info_span!("call", request.id = %request_id, correlation.id = %call.correlation_id);
    let (result, meter) = metered(guarded(app, entry, call, deadline)).instrument(span.clone()).await;
    let reply = result.unwrap_or_else(|error| {
        span.in_scope(|| match error.code().status() {
            500 => error!(error = ?error, function = %entry.names.function(), "failed"),
            503 => warn!(error = ?error, function = %entry.names.function(), "unavailable"),
            _ => {}
        });
        problem::render(&error, &path, &request_id)
    });
    let mut response = finish(reply, accepts_gzip, allowed_origin, &request_id);
    response.extensions_mut().insert(Cost(meter));
    response
}

async fn guarded(app: &'static App, entry: &EndpointEntry, call: Call, deadline: Duration) -> Result<Reply> {
    if call.body.len() > MAX_BODY_BYTES {
        return Err(Error::new(Code::BodyTooLarge, format!("at most {MAX_BODY_BYTES} bytes")));
    }
    // Building the future may panic too, so both happen inside.
    let work = AssertUnwindSafe(async { (entry.dispatch)(app, call).await });
    match tokio::time::timeout(deadline, CatchUnwind(Box::pin(work))).await {
        Ok(Ok(result)) => result,
        Ok(Err(panic)) => Err(Error::internal(format!("panicked: {panic}"))),
        Err(_) => Err(Error::unavailable("the deadline passed")),
    }
}

/// A future whose panics are values.
pub(crate) struct CatchUnwind<F>(pub(crate) std::pin::Pin<Box<F>>);

impl<F: Future + std::panic::UnwindSafe> Future for CatchUnwind<F> {
    type Output = std::result::Result<F::Output, String>;

    fn poll(
        mut self: std::pin::Pin<&mut Self>,
        context: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Self::Output> {
        let polled = std::panic::catch_unwind(AssertUnwindSafe(|| self.0.as_mut().poll(context)));
        match polled {
            Ok(poll) => poll.map(Ok),
            Err(panic) => {
                let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
                let text = text.or_else(|| panic.downcast_ref::<String>().cloned());
                std::task::Poll::Ready(Err(text.unwrap_or_else(|| "without a message".to_owned())))
            }
        }
    }
}

fn finish(reply: Reply, accepts_gzip: bool, allowed_origin: Option<HeaderValue>, request_id: &str) -> Response<Body> {
    let mut response = Response::new(Body::Empty);
    *response.status_mut() = StatusCode::from_u16(reply.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let headers = response.headers_mut();
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(header::VARY, HeaderValue::from_static("accept-encoding, origin, authorization"));
    if let Ok(id) = HeaderValue::from_str(request_id) {
        headers.insert(HeaderName::from_static("x-request-id"), id);
    }
    if let Some(origin) = allowed_origin {
        cors::grant(headers, origin);
    }
    if !reply.content_type.is_empty() {
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(reply.content_type));
    }
    for (name, value) in reply.headers {
        headers.insert(name, value);
    }
    if accepts_gzip && reply.body.len() >= GZIP_FROM_BYTES {
        headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
        *response.body_mut() = Body::Binary(gzip(&reply.body));
    } else if !reply.body.is_empty() {
        *response.body_mut() = String::from_utf8(reply.body).map_or_else(
            |error| Body::Binary(error.into_bytes()),
            Body::Text,
        );
    }
    response
}

fn gzip(body: &[u8]) -> Vec<u8> {
    use std::io::Write;
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(body).and_then(|()| encoder.finish()).expect("writing to memory")
}
