//! From a request to its answer. Per feature only the generic functions here are compiled again.

use std::{panic::AssertUnwindSafe, sync::Arc, time::Duration};

use domain::event::Event;
use http::{HeaderName, HeaderValue, Method, Response, StatusCode, header};
use kernel::{Code, Error, Result};
use lambda_http::{Body, Context, Request, RequestExt};
use store::{RateLimit, metered};
use tracing::{Instrument, error, info_span, warn};

use crate::{
    Access, App, Call, Caller, Consumer, Cost, Endpoint, EndpointEntry, Input, Listener, Output, Reply,
    Subscription, cors, idempotency, input::MAX_BODY_BYTES, path, problem, retry, shared_cache::SharedCache,
};

/// An answer comes before this, whatever a dependency does (R15).
const DEADLINE: Duration = Duration::from_millis(4500);
/// What is kept of a Lambda's time for answering that there was none.
const RESERVE: Duration = Duration::from_millis(300);
/// Bodies from this size on are compressed, for those who accept it.
const GZIP_FROM_BYTES: usize = 1000;

/// The answer of a feature, with the place of what it created.
pub(crate) async fn endpoint<E: Endpoint>(app: &'static App, call: Call) -> Result<Reply> {
    let mut reply = answered::<E>(app, call).await?;
    if let Some(location) = E::LOCATION.and_then(|path| location(path, &reply.body)) {
        reply.headers.push((header::LOCATION, location));
    }
    Ok(reply)
}

/// Where the thing in `body` is from now on. Read from the body, so that a kept reply tells it too: its `id`, or where other
/// things are told of beside it, what the path calls it.
fn location(path: &str, body: &[u8]) -> Option<HeaderValue> {
    let body: serde_json::Value = serde_json::from_slice(body).ok()?;
    let (before, rest) = path.split_once('{')?;
    let (name, after) = rest.split_once('}')?;
    let id = body.get("id").or_else(|| body.get(name))?.as_str()?;
    HeaderValue::from_str(&format!("{before}{id}{after}")).ok()
}

/// For a path that cannot name anything nothing is read, but whoever has to sign in first hears that first.
async fn answered<E: Endpoint>(app: &'static App, call: Call) -> Result<Reply> {
    if let Err(error) = path::check(&call, &path::of::<E>()) {
        E::Access::SIGN_IN.check(&call)?;
        return Err(error);
    }
    let call = Arc::new(call);
    retry::collisions(|| attempt::<E>(app, Arc::clone(&call))).await
}

/// Authorize → decode → handle → encode. Whoever lost a race may have lost the permission with it.
async fn attempt<E: Endpoint>(app: &'static App, call: Arc<Call>) -> Result<Reply> {
    let access = E::Access::authorize(app, &call, Input::read(&call)?).await?;
    let user_id = access.user_id();
    if let (Some(user), Some(burst)) = (user_id, app.config.calls_per_minute) {
        let limit = RateLimit { name: "calls", burst, per_seconds: 60 };
        call.take_token(app, limit, &user.to_string()).await?;
    }
    let input = E::Input::read(&call)?;
    let idempotency = match user_id {
        Some(user) if E::IDEMPOTENT => idempotency::of_call(&call, user, E::ROUTE)?,
        _ => None,
    };
    let kept = idempotency.clone();
    if let Some(kept) = &kept
        && let Some(reply) = kept.replay(app).await?
    {
        return Ok(reply);
    }
    match (E::handle(app, Caller { access, call, user_id, idempotency }, input).await, kept) {
        // The same request may have won meanwhile, here or in a process that died before it could answer.
        (Err(error), Some(kept)) => kept.replay(app).await?.ok_or(error),
        (handled, _) => handled?.reply(),
    }
}

/// Applies an event; one that was applied before is done.
pub(crate) async fn consumer<C: Consumer>(app: &'static App, body: String) -> Result<()> {
    let event: Event = serde_json::from_str(&body).map_err(Error::internal)?;
    done(retry::collisions(|| consume::<C>(app, &event)).await)
}

async fn consume<C: Consumer>(app: &App, event: &Event) -> Result<()> {
    C::consume(app, event, C::Data::read(event).map_err(Error::internal)?).await
}

/// Applies what another service says.
pub(crate) async fn listener<L: Listener>(app: &'static App, body: String) -> Result<()> {
    done(retry::collisions(|| hear::<L>(app, &body)).await)
}

async fn hear<L: Listener>(app: &App, body: &str) -> Result<()> {
    L::hear(app, serde_json::from_str(body).map_err(Error::internal)?).await
}

fn done(result: Result<()>) -> Result<()> {
    match result {
        Err(error) if error.code() == Code::ALREADY_APPLIED => Ok(()),
        result => result,
    }
}

/// Answers one API Gateway request to the feature behind `entry`. Never fails: what goes wrong is a problem document.
pub async fn handle(app: &'static App, entry: &EndpointEntry, request: Request) -> Response<Body> {
    let remaining = request.lambda_context_ref().map(|context| time_left(app, context));
    let deadline = remaining.unwrap_or(DEADLINE).min(DEADLINE);
    let call = Call::new(app, request);
    let without_body = call.method == Method::HEAD;
    let accepts_gzip = call.header("accept-encoding").is_some_and(takes_gzip);
    let allowed_origin = cors::allowed(&app.config, call.header("origin"));
    let cache = SharedCache::of(&call, entry.shared_seconds);
    let (path, request_id) = (call.path.clone(), call.request_id.clone());
    let span = info_span!("call", request.id = %request_id, correlation.id = %call.correlation_id);
    let (result, meter) = metered(guarded(app, entry, call, deadline)).instrument(span.clone()).await;
    let mut reply = result.unwrap_or_else(|error| {
        span.in_scope(|| match error.code().status() {
            500 => error!(error = ?error, function = entry.names.function(), "failed"),
            503 => warn!(error = ?error, function = entry.names.function(), "unavailable"),
            _ => {}
        });
        problem::render(&error, &path, &request_id)
    });
    if let Some(cache) = cache {
        cache.apply(&mut reply);
    }
    let mut response = finish(reply, accepts_gzip, allowed_origin, &request_id);
    if without_body {
        *response.body_mut() = Body::Empty;
    }
    response.extensions_mut().insert(Cost(meter));
    response
}

/// How long a Lambda may still work on what it was called for.
pub(crate) fn time_left(app: &App, context: &Context) -> Duration {
    let left = i128::from(context.deadline) - i128::from(app.now().millis());
    Duration::from_millis(u64::try_from(left).unwrap_or(0)).saturating_sub(RESERVE)
}

async fn guarded(app: &'static App, entry: &EndpointEntry, call: Call, deadline: Duration) -> Result<Reply> {
    if call.body.len() > MAX_BODY_BYTES {
        return Err(Error::new(Code::BODY_TOO_LARGE, format!("at most {MAX_BODY_BYTES} bytes")));
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

pub(crate) fn finish(
    reply: Reply,
    accepts_gzip: bool,
    allowed_origin: Option<HeaderValue>,
    request_id: &str,
) -> Response<Body> {
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
        *response.body_mut() =
            String::from_utf8(reply.body).map_or_else(|error| Body::Binary(error.into_bytes()), Body::Text);
    }
    response
}

/// Whether an `Accept-Encoding` names gzip without ruling it out (`q=0`).
fn takes_gzip(accepted: &str) -> bool {
    accepted.split(',').any(|coding| {
        let (name, weight) = coding.split_once(';').unwrap_or((coding, "q=1"));
        let weight = weight.trim().strip_prefix("q=").and_then(|q| q.trim().parse::<f32>().ok());
        name.trim().eq_ignore_ascii_case("gzip") && weight.is_none_or(|q| q > 0.0)
    })
}

fn gzip(body: &[u8]) -> Vec<u8> {
    use std::io::Write;
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(body).and_then(|()| encoder.finish()).expect("writing to memory")
}

#[cfg(test)]
mod tests {
    use std::{
        future::pending,
        io::Read,
        sync::atomic::{AtomicU32, Ordering::SeqCst},
    };

    use kernel::{Timestamp, UserId};
    use serde_json::{Value, json};

    use super::*;
    use crate::{
        Budget, Json, Raw, Route,
        access::Public,
        fakes::{NOW, Somebody, answer_until, app, request, school},
        get, post,
    };

    macro_rules! feature {
        ($name:ident, $route:expr, $access:ty, $input:ty, $output:ty, |$argument:pat_param| $body:expr) => {
            struct $name;

            impl Endpoint for $name {
                const NAME: &'static str = concat!("tests-", stringify!($name));
                const ROUTE: Route = $route;
                const SUMMARY: &'static str = "";
                const BUDGET: Budget = Budget { reads: 0, writes: 0 };
                type Access = $access;
                type Input = $input;
                type Output = $output;

                async fn handle(_: &App, _: Caller<$access>, $argument: $input) -> Result<$output> {
                    $body
                }
            }
        };
    }

    const SECRET: &str = "the-table-is-called-lectern-prod";

    feature!(Panics, get("/v1/panics"), Public, (), Json<u8>, |()| panic!("{SECRET}"));
    feature!(Fails, get("/v1/fails"), Public, (), Json<u8>, |()| Err(Error::internal(SECRET)));
    feature!(Hangs, get("/v1/hangs"), Public, (), Json<u8>, |()| pending().await);
    feature!(Greets, get("/v1/greets"), Somebody, (), Json<&'static str>, |()| Ok(Json("hello")));
    feature!(Echoes, post("/v1/echoes"), Public, Json<String>, Json<String>, |Json(text)| Ok(Json(text)));
    feature!(Document, get("/v1/document"), Public, (), Raw, |()| Ok(Raw {
        content_type: "text/plain",
        max_age: 60,
        body: vec![0xff, 0xfe],
    }));

    /// Refuses before there is a future to poll.
    struct Trapdoor;

    impl Access for Trapdoor {
        const RULE: &'static str = "public";
        const WHO: &'static str = "nobody";
        type Path = ();

        // No `async fn`: the panic must come from the call, not from the future.
        fn authorize(_: &App, _: &Call, (): ()) -> impl Future<Output = Result<Self>> + Send {
            assert!(SECRET.is_empty(), "{SECRET}");
            async { Ok(Self) }
        }

        fn user_id(&self) -> Option<UserId> {
            None
        }
    }

    feature!(Falls, get("/v1/falls"), Trapdoor, (), Json<u8>, |()| Ok(Json(1)));

    /// Lets in three times.
    struct Thrice;

    static ASKED: AtomicU32 = AtomicU32::new(0);

    impl Access for Thrice {
        const RULE: &'static str = "public";
        const WHO: &'static str = "whoever is early";
        type Path = ();

        async fn authorize(_: &App, _: &Call, (): ()) -> Result<Self> {
            if ASKED.fetch_add(1, SeqCst) < 3 {
                Ok(Self)
            } else {
                Err(Error::new(Code::INVALID_TOKEN, "too late"))
            }
        }

        fn user_id(&self) -> Option<UserId> {
            None
        }
    }

    fn lost() -> Error {
        Error::new(Code::CONFLICT, "")
    }

    feature!(IsLate, post("/v1/is-late"), Thrice, Json<String>, Json<u8>, |Json(_)| Err(lost()));

    static TRIED: AtomicU32 = AtomicU32::new(0);

    feature!(Wins, post("/v1/wins"), Public, Json<String>, Json<String>, |Json(text)| {
        if TRIED.fetch_add(1, SeqCst) < 12 { Err(lost()) } else { Ok(Json(text)) }
    });

    static LOST: AtomicU32 = AtomicU32::new(0);

    feature!(Loses, post("/v1/loses"), Public, (), Json<u8>, |()| {
        LOST.fetch_add(1, SeqCst);
        Err(lost())
    });

    /// Whatever it is.
    struct Anything;

    impl Subscription for Anything {
        const EVENTS: &'static [(&'static str, u32)] = &[];

        fn read(_: &Event) -> std::result::Result<Self, String> {
            Ok(Self)
        }
    }

    /// Applies an event at the third attempt, where it turns out to be applied already.
    struct Applies;

    static APPLIED: AtomicU32 = AtomicU32::new(0);

    impl Consumer for Applies {
        const NAME: &'static str = "tests-applies";
        type Data = Anything;

        async fn consume(_: &App, _: &Event, Anything: Anything) -> Result<()> {
            Err(if APPLIED.fetch_add(1, SeqCst) < 2 { lost() } else { Error::new(Code::ALREADY_APPLIED, "") })
        }
    }

    fn body(response: &Response<Body>) -> Vec<u8> {
        match response.body() {
            Body::Text(text) => text.clone().into_bytes(),
            Body::Binary(bytes) => bytes.clone(),
            _ => Vec::new(),
        }
    }

    fn problem(response: &Response<Body>) -> Value {
        assert_eq!(response.headers()["content-type"], "application/problem+json");
        serde_json::from_slice(&body(response)).unwrap()
    }

    async fn answer<E: Endpoint>(headers: &[(&str, &str)], body: &[u8]) -> Response<Body> {
        let entry = EndpointEntry::of::<E>();
        handle(app(), &entry, request(&entry, headers, body)).await
    }

    #[tokio::test]
    async fn a_panic_or_a_bug_is_a_500_that_says_nothing_about_its_cause() {
        for response in [
            answer::<Panics>(&[], b"").await,
            answer::<Fails>(&[], b"").await,
            answer::<Falls>(&[], b"").await,
        ] {
            assert_eq!(response.status(), 500);
            let problem = problem(&response);
            assert_eq!((&problem["code"], &problem["status"]), (&json!("internal"), &json!(500)));
            assert_eq!(problem["request_id"], "req-1");
            let headers = format!("{:?}", response.headers());
            assert!(
                !problem.to_string().contains(SECRET) && !headers.contains(SECRET),
                "{problem} {headers}"
            );
        }
    }

    #[tokio::test]
    async fn r15_a_feature_that_hangs_is_a_503_before_lambda_ends_the_call() {
        let entry = EndpointEntry::of::<Hangs>();
        // Nothing is left, or only the reserve for answering.
        for millis in [-1000, 0, 300] {
            let deadline = Timestamp::from_millis(NOW.millis() + millis);
            let response = answer_until(app(), &entry, deadline).await;
            assert_eq!(response.status(), 503);
            assert_eq!(problem(&response)["code"], "unavailable");
            assert_eq!(response.headers()["retry-after"], "1");
            assert_eq!(response.headers()["x-request-id"], "lambda-1");
        }
        // A feature that needs no waiting is answered however late it is.
        let greets = EndpointEntry::of::<Greets>();
        assert_eq!(answer_until(app(), &greets, NOW).await.status(), 200);
    }

    #[tokio::test(start_paused = true)]
    async fn r5_what_lost_a_race_begins_again_with_permission_and_input() {
        let json = [("content-type", "application/json")];
        let wins = answer::<Wins>(&json, b"\"read again\"").await;
        assert_eq!((wins.status().as_u16(), body(&wins).as_slice()), (200, &b"\"read again\""[..]));
        assert_eq!(TRIED.load(SeqCst), 13);
        // Whoever is let in no more hears that, and nothing of a race.
        let late = answer::<IsLate>(&json, b"\"x\"").await;
        assert_eq!((late.status().as_u16(), ASKED.load(SeqCst)), (401, 4));
        assert_eq!(problem(&late)["code"], "invalid_token");
    }

    #[tokio::test(start_paused = true)]
    async fn r5_whoever_loses_thirteen_times_in_a_row_is_told() {
        let loses = answer::<Loses>(&[], b"").await;
        assert_eq!((loses.status().as_u16(), LOST.load(SeqCst)), (409, 13));
        assert_eq!(problem(&loses)["code"], "conflict");
    }

    #[tokio::test(start_paused = true)]
    async fn r5_an_event_is_applied_however_often_its_change_collides() {
        let event = Event {
            id: domain::event::EventId::generate(NOW),
            event_type: "thing.done".to_owned(),
            version: 1,
            occurred_at: NOW,
            school: school(),
            actor: None,
            correlation_id: "test".to_owned(),
            causation_id: None,
            data: Value::Null,
        };
        consumer::<Applies>(app(), serde_json::to_string(&event).unwrap()).await.unwrap();
        assert_eq!(APPLIED.load(SeqCst), 3);
    }

    #[tokio::test]
    async fn r7_a_body_over_256_kib_is_refused_before_anything_is_done_with_it() {
        let json = [("content-type", "application/json")];
        let text = |bytes: usize| format!("\"{}\"", "x".repeat(bytes - 2)).into_bytes();
        let fits = answer::<Echoes>(&json, &text(256 * 1024)).await;
        assert_eq!((fits.status().as_u16(), body(&fits).len()), (200, 256 * 1024));
        let large = answer::<Echoes>(&json, &text(256 * 1024 + 1)).await;
        assert_eq!(large.status(), 413);
        assert_eq!(problem(&large)["code"], "body_too_large");
        // Not even the permission is asked: this one would panic.
        assert_eq!(answer::<Falls>(&[], &vec![b'x'; 256 * 1024 + 1]).await.status(), 413);
        // What counts is what was sent, not its base64 form in the payload.
        let binary = answer::<Greets>(&[], &vec![0xff; 256 * 1024]).await;
        assert_eq!(binary.status(), 200);
    }

    #[tokio::test]
    async fn answers_from_a_thousand_bytes_on_are_compressed_for_those_who_take_it() {
        let text = |bytes: usize| format!("\"{}\"", "x".repeat(bytes - 2));
        for (bytes, accepted, compressed) in [
            (999, "gzip", false),
            (1000, "gzip", true),
            (1000, "br, gzip;q=0.8", true),
            (1000, "br", false),
            (1000, "gzip;q=0, br", false),
            (1000, "", false),
        ] {
            let headers = [("content-type", "application/json"), ("accept-encoding", accepted)];
            let response = answer::<Echoes>(&headers, text(bytes).as_bytes()).await;
            let encoding = response.headers().get("content-encoding").map(|value| value.to_str().unwrap());
            assert_eq!(encoding, compressed.then_some("gzip"), "{bytes} {accepted:?}");
            assert!(response.headers()["vary"].to_str().unwrap().contains("accept-encoding"));
            let mut plain = Vec::new();
            if compressed {
                let _ =
                    flate2::read::GzDecoder::new(body(&response).as_slice()).read_to_end(&mut plain).unwrap();
            } else {
                plain = body(&response);
            }
            assert_eq!(plain, text(bytes).as_bytes(), "{bytes} {accepted:?}");
        }
    }

    #[tokio::test]
    async fn every_answer_is_private_and_of_its_declared_type_but_documents_say_otherwise() {
        for response in [answer::<Greets>(&[], b"").await, answer::<Fails>(&[], b"").await] {
            assert_eq!(response.headers()["cache-control"], "no-store");
            assert_eq!(response.headers()["x-content-type-options"], "nosniff");
        }
        let document = answer::<Document>(&[], b"").await;
        assert_eq!(document.headers()["cache-control"], "public, max-age=60");
        assert_eq!(document.headers()["content-type"], "text/plain");
        assert_eq!(body(&document), [0xff, 0xfe], "bytes that are no text arrive as they are");
    }

    #[tokio::test]
    async fn without_a_general_limit_a_call_costs_nothing() {
        let response = answer::<Greets>(&[], b"").await;
        let cost = response.extensions().get::<Cost>().unwrap().0;
        assert_eq!((response.status().as_u16(), cost), (200, store::Meter::default()));
    }
}
