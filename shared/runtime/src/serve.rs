//! The `main` of every Lambda. The generic functions only look up an entry; everything behind is compiled once.

use std::{
    future::Future,
    panic::AssertUnwindSafe,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Instant,
};

use aws_lambda_events::{
    eventbridge::EventBridgeEvent,
    sqs::{BatchItemFailure, SqsBatchResponse, SqsEvent},
};
use kernel::{Code, Error as Failure, Timestamp};
use lambda_http::{Request, RequestExt, service_fn};
use lambda_runtime::LambdaEvent;
use store::metered;
use tracing::error;

use crate::{
    App, Consumer, ConsumerEntry, Cost, Endpoint, EndpointEntry, Error, Schedule, ScheduleEntry, dispatch, handle,
    telemetry::{self, Invocation},
};

/// Serves an endpoint on Lambda's Runtime API.
///
/// # Errors
/// The environment is incomplete, or the Runtime API is gone.
pub fn serve<E: Endpoint>() -> Result<(), Error> {
    serve_endpoint(EndpointEntry::of::<E>())
}

/// Serves a consumer on Lambda's Runtime API.
///
/// # Errors
/// The environment is incomplete, or the Runtime API is gone.
pub fn serve_consumer<C: Consumer>() -> Result<(), Error> {
    serve_queue(ConsumerEntry::of::<C>())
}

/// Serves a schedule on Lambda's Runtime API.
///
/// # Errors
/// The environment is incomplete, or the Runtime API is gone.
pub fn serve_schedule<S: Schedule>() -> Result<(), Error> {
    serve_ticks(ScheduleEntry::of::<S>())
}

/// One thread: a Lambda has one call at a time and, when small, a fraction of one CPU.
fn run(main: impl Future<Output = Result<(), Error>>) -> Result<(), Error> {
    lambda_http::tracing::init_default_subscriber();
    tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(main)
}

/// Connects during Init, which has a full CPU, instead of during the first call, which may have a fraction of one.
async fn start(touches_table: bool) -> Result<&'static App, Error> {
    let app: &'static App = Box::leak(Box::new(App::from_env()?));
    if touches_table && let Err(error) = app.store.warm_up().await {
        error!(error = ?error, "the warm-up call failed");
    }
    Ok(app)
}

fn cold_start() -> bool {
    static WARM: AtomicBool = AtomicBool::new(false);
    !WARM.swap(true, Ordering::Relaxed)
}

fn serve_endpoint(entry: EndpointEntry) -> Result<(), Error> {
    run(async move {
        let app = start(entry.budget.reads + entry.budget.writes > 0).await?;
        let function = entry.names.function();
        let (entry, function) = (&entry, &function);
        lambda_http::run(service_fn(move |request: Request| async move {
            let started = Instant::now();
            let context = request.lambda_context();
            let response = handle(app, entry, request).await;
            telemetry::emit(&Invocation {
                function,
                request_id: &context.request_id,
                trace_id: context.xray_trace_id.as_deref(),
                cold_start: cold_start(),
                outcome: response.status().as_u16(),
                duration_ms: started.elapsed().as_secs_f64() * 1000.0,
                meter: response.extensions().get::<Cost>().map_or_else(Default::default, |cost| cost.0),
                at_millis: app.now().millis(),
            });
            Ok::<_, Error>(response)
        }))
        .await
    })
}

fn serve_queue(entry: ConsumerEntry) -> Result<(), Error> {
    run(async move {
        let app = start(true).await?;
        let function = entry.names.function();
        let (entry, function) = (&entry, &function);
        lambda_runtime::run(service_fn(move |event: LambdaEvent<SqsEvent>| async move {
            let started = Instant::now();
            let (response, meter) = metered(consume_batch(app, entry, event.payload)).await;
            telemetry::emit(&Invocation {
                function,
                request_id: &event.context.request_id,
                trace_id: event.context.xray_trace_id.as_deref(),
                cold_start: cold_start(),
                outcome: if response.batch_item_failures.is_empty() { 200 } else { 500 },
                duration_ms: started.elapsed().as_secs_f64() * 1000.0,
                meter,
                at_millis: app.now().millis(),
            });
            Ok::<_, Error>(response)
        }))
        .await
    })
}

/// Applies each message by itself and reports just those that failed (R8): an unreadable one, one of an unknown
/// version, or one whose consumer failed or panicked comes again and ends in the DLQ.
pub(crate) async fn consume_batch(app: &'static App, entry: &ConsumerEntry, batch: SqsEvent) -> SqsBatchResponse {
    let mut response = SqsBatchResponse::default();
    for message in batch.records {
        let id = message.message_id.unwrap_or_default();
        let event = serde_json::from_str(message.body.as_deref().unwrap_or_default()).map_err(Failure::internal);
        let result = match event {
            Err(error) => Err(error),
            Ok(event) => {
                let work = AssertUnwindSafe(async { entry.consume(app, event).await });
                let panicked = |panic| Err(Failure::internal(format!("panicked: {panic}")));
                dispatch::CatchUnwind(Box::pin(work)).await.unwrap_or_else(panicked)
            }
        };
        match result {
            Ok(()) => {}
            Err(error) if error.code() == Code::AlreadyApplied => {}
            Err(error) => {
                error!(error = ?error, message.id = %id, function = %entry.names.function(), "message failed");
                let mut failed = BatchItemFailure::default();
                failed.item_identifier = id;
                response.batch_item_failures.push(failed);
            }
        }
    }
    response
}

fn serve_ticks(entry: ScheduleEntry) -> Result<(), Error> {
    run(async move {
        let app = start(true).await?;
        let entry = Arc::new(entry);
        lambda_runtime::run(service_fn(move |event: LambdaEvent<EventBridgeEvent>| {
            let entry = Arc::clone(&entry);
            async move {
                let at = event.payload.time.map_or_else(|| app.now(), |time| Timestamp::from_millis(time.timestamp_millis()));
                (entry.run)(app, at).await.map_err(Error::from)
            }
        }))
        .await
    })
}
