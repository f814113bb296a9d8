//! The `main` of every Lambda. The generic functions only look up an entry; everything behind is compiled once.

use std::{
    future::Future,
    panic::AssertUnwindSafe,
    sync::atomic::{AtomicBool, Ordering},
    time::{Duration, Instant},
};

use aws_lambda_events::{
    dynamodb::Event as StreamEvent,
    eventbridge::EventBridgeEvent,
    sqs::{BatchItemFailure, SqsBatchResponse, SqsEvent},
    streams::{DynamoDbBatchItemFailure, DynamoDbEventResponse},
};
use kernel::{Error as Failure, Timestamp};
use lambda_http::{Request, RequestExt, service_fn};
use lambda_runtime::{Context, LambdaEvent};
use store::metered;
use tracing::error;

use crate::{
    App, Consumer, ConsumerEntry, Cost, Endpoint, EndpointEntry, Error, Listener, MAX_RECEIVES, Names,
    Queues, Schedule, ScheduleEntry, ServiceEntry, StreamEntry, StreamReader,
    dispatch::{self, time_left},
    handle,
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

/// Serves a listener on Lambda's Runtime API.
///
/// # Errors
/// The environment is incomplete, or the Runtime API is gone.
pub fn serve_listener<L: Listener>() -> Result<(), Error> {
    serve_queue(ConsumerEntry::of_listener::<L>())
}

/// Serves a reader of the table's stream on Lambda's Runtime API.
///
/// # Errors
/// The environment is incomplete, or the Runtime API is gone.
pub fn serve_stream<R: StreamReader>() -> Result<(), Error> {
    serve_records(StreamEntry::of::<R>())
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

/// Connects and makes services during Init, which has a full CPU and ten seconds, instead of during the first call, which
/// may have a fraction of one and has less time.
async fn start(touches_table: bool, services: &[ServiceEntry]) -> Result<&'static App, Error> {
    let app: &'static App = Box::leak(Box::new(App::of_process()?));
    let connect = async {
        if touches_table && let Err(error) = app.store.warm_up().await {
            error!(error = ?error, "the warm-up call failed");
        }
    };
    let make = async {
        for service in services {
            service.start(app).await?;
        }
        Ok::<_, Failure>(())
    };
    let ((), made) = tokio::join!(connect, make);
    // Whoever started without its key would refuse every call; Lambda starts another one in its place.
    made?;
    Ok(app)
}

fn cold_start() -> bool {
    static WARM: AtomicBool = AtomicBool::new(false);
    !WARM.swap(true, Ordering::Relaxed)
}

fn serve_endpoint(entry: EndpointEntry) -> Result<(), Error> {
    run(async move {
        let app = start(entry.budget.reads + entry.budget.writes > 0, entry.needs.services).await?;
        let function = entry.names.function();
        let entry = &entry;
        lambda_http::run(service_fn(move |request: Request| async move {
            let started = Instant::now();
            let context = request.lambda_context();
            let response = handle(app, entry, request).await;
            telemetry::emit(&Invocation {
                lambda: &context.env_config.function_name,
                function,
                request_id: &context.request_id,
                trace_id: context.xray_trace_id.as_deref(),
                cold_start: cold_start(),
                outcome: response.status().as_u16(),
                duration_ms: started.elapsed().as_secs_f64() * 1000.0,
                meter: response.extensions().get::<Cost>().map_or_else(Default::default, |cost| cost.0),
                dead_letters: 0,
                is_asked: true,
                at_millis: app.now().millis(),
            });
            Ok::<_, Error>(response)
        }))
        .await
    })
}

fn serve_queue(entry: ConsumerEntry) -> Result<(), Error> {
    run(async move {
        let app = start(true, entry.needs.services).await?;
        let entry = &entry;
        lambda_runtime::run(service_fn(move |event: LambdaEvent<SqsEvent>| async move {
            let work = consume_batch(app, entry, event.payload, time_left(app, &event.context));
            let told_of =
                |consumed: &Consumed| (consumed.report.batch_item_failures.is_empty(), consumed.dead_letters);
            Ok::<_, Error>(told(app, entry.names, &event.context, work, told_of).await.report)
        }))
        .await
    })
}

/// What became of a batch.
#[derive(Default)]
pub struct Consumed {
    /// The messages that come again.
    pub report: SqsBatchResponse,
    /// How many were given up.
    pub dead_letters: u32,
}

/// Works on a batch and tells the log what `told_of` it: whether all is well, and how many messages were set aside.
async fn told<R>(
    app: &App,
    names: Names,
    context: &Context,
    work: impl Future<Output = R>,
    told_of: impl Fn(&R) -> (bool, u32),
) -> R {
    let started = Instant::now();
    let (response, meter) = metered(work).await;
    let (is_well, dead_letters) = told_of(&response);
    telemetry::emit(&Invocation {
        lambda: &context.env_config.function_name,
        function: names.function(),
        request_id: &context.request_id,
        trace_id: context.xray_trace_id.as_deref(),
        cold_start: cold_start(),
        outcome: if is_well { 200 } else { 500 },
        duration_ms: started.elapsed().as_secs_f64() * 1000.0,
        meter,
        dead_letters,
        is_asked: false,
        at_millis: app.now().millis(),
    });
    response
}

/// Applies each message by itself and reports just those that failed (R8): an unreadable one, one of an unknown
/// version, or one whose consumer failed, panicked or stalled comes again. The last time, it goes to the DLQ with the
/// reason. All of it takes no longer than `patience`.
pub async fn consume_batch(
    app: &'static App,
    entry: &ConsumerEntry,
    batch: SqsEvent,
    patience: Duration,
) -> Consumed {
    let mut consumed = Consumed::default();
    let until = tokio::time::Instant::now() + patience;
    let mut left = u32::try_from(batch.records.len()).unwrap_or(u32::MAX);
    for message in batch.records {
        // One that stalls takes its share of the time and not that of those behind it.
        let share = until.saturating_duration_since(tokio::time::Instant::now()) / left;
        left -= 1;
        let receives = message.attributes.get("ApproximateReceiveCount").and_then(|count| count.parse().ok());
        let id = message.message_id.unwrap_or_default();
        let body = message.body.unwrap_or_default();
        let work = AssertUnwindSafe(async { entry.consume(app, body.clone()).await });
        let panicked = |panic| Err(Failure::internal(format!("panicked: {panic}")));
        let stalled = |_| Ok(Err(Failure::unavailable("the deadline passed")));
        let outcome = tokio::time::timeout(share, dispatch::CatchUnwind(Box::pin(work))).await;
        let Err(error) = outcome.unwrap_or_else(stalled).unwrap_or_else(panicked) else {
            continue;
        };
        let function = entry.names.function();
        error!(error = ?error, message.id = %id, function, "message failed");
        let is_last = receives >= Some(MAX_RECEIVES);
        // Also where SQS has to set it aside: nobody else counts it.
        consumed.dead_letters += u32::from(is_last);
        if !(is_last && bury(app, function, &body, &error).await) {
            let mut failed = BatchItemFailure::default();
            failed.item_identifier = id;
            consumed.report.batch_item_failures.push(failed);
        }
    }
    consumed
}

/// Sets a message aside. Where that fails too, SQS does it, without the reason.
async fn bury(app: &App, function: &str, body: &str, reason: &Failure) -> bool {
    let buried = match app.service::<Queues>().await {
        Ok(queues) => queues.bury(function, body, &format!("{reason:?}")).await,
        Err(error) => Err(error),
    };
    buried.inspect_err(|error| error!(error = ?error, function, "no dead letter")).is_ok()
}

fn serve_records(entry: StreamEntry) -> Result<(), Error> {
    run(async move {
        let app = start(true, entry.needs.services).await?;
        let entry = &entry;
        lambda_runtime::run(service_fn(move |event: LambdaEvent<StreamEvent>| async move {
            let work = read_stream(app, entry, event.payload);
            let told_of = |response: &DynamoDbEventResponse| (response.batch_item_failures.is_empty(), 0);
            Ok::<_, Error>(told(app, entry.names, &event.context, work, told_of).await)
        }))
        .await
    })
}

/// Hands the outbox events of a batch to a reader and reports the first record that must come again; Lambda goes back
/// to it. A record that is not one of our events would come back for ever, so it is logged and left to the sweeper.
pub async fn read_stream(
    app: &'static App,
    entry: &StreamEntry,
    batch: StreamEvent,
) -> DynamoDbEventResponse {
    let mut positions = Vec::new();
    let mut events = Vec::new();
    for record in batch.records {
        match store::event_of_image(record.change.new_image.into()) {
            Ok(Some(event)) => {
                positions.push((event.id, record.change.sequence_number));
                events.push(event);
            }
            Ok(None) => {}
            Err(error) => error!(error = ?error, record.id = %record.event_id, "no event"),
        }
    }
    let again = entry.read(app, events).await;
    let mut response = DynamoDbEventResponse::default();
    if let Some((_, first)) = positions.into_iter().find(|(id, _)| again.contains(id)) {
        let mut failed = DynamoDbBatchItemFailure::default();
        failed.item_identifier = first;
        response.batch_item_failures.push(failed);
    }
    response
}

fn serve_ticks(entry: ScheduleEntry) -> Result<(), Error> {
    run(async move {
        let app = start(true, entry.needs.services).await?;
        let entry = &entry;
        lambda_runtime::run(service_fn(move |event: LambdaEvent<EventBridgeEvent>| async move {
            let at = event
                .payload
                .time
                .map_or_else(|| app.now(), |time| Timestamp::from_millis(time.timestamp_millis()));
            let told_of = |done: &kernel::Result<()>| (done.is_ok(), 0);
            told(app, entry.names, &event.context, entry.run(app, at), told_of).await.map_err(Error::from)
        }))
        .await
    })
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use domain::{
        catalog::{CourseId, LessonId},
        event::{Event, EventId},
        learning::LessonCompleted,
    };
    use kernel::{Code, Id};
    use proptest::prelude::*;
    use serde_json::{Value, json};

    use super::*;
    use crate::fakes::{NOW, Somebody, app, school};

    /// All the time a batch gets: those that stall use it up, and the others need none.
    const PATIENCE: Duration = Duration::from_millis(50);

    /// What becomes of a message.
    #[derive(Clone, Copy, PartialEq, Eq, Debug)]
    enum Fate {
        Applied,
        /// Applied, after some waiting for a dependency: without any, no deadline is ever too short.
        AppliedSlowly,
        AppliedBefore,
        Fails,
        Panics,
        Stalls,
        Malformed,
        Missing,
        NewerVersion,
        OtherType,
        UnreadableData,
    }

    const FATES: [Fate; 10] = [
        Fate::Applied,
        Fate::AppliedBefore,
        Fate::Fails,
        Fate::Panics,
        Fate::Stalls,
        Fate::Malformed,
        Fate::Missing,
        Fate::NewerVersion,
        Fate::OtherType,
        Fate::UnreadableData,
    ];

    impl Fate {
        fn is_done(self) -> bool {
            matches!(self, Self::Applied | Self::AppliedSlowly | Self::AppliedBefore)
        }

        /// Whether the consumer gets to see it.
        fn arrives(self) -> bool {
            self.is_done() || matches!(self, Self::Fails | Self::Panics | Self::Stalls)
        }
    }

    /// Which events the consumer saw. Tests share it, so each looks for its own events.
    static SEEN: Mutex<Vec<EventId>> = Mutex::new(Vec::new());

    /// Does what the event's correlation id says.
    struct Obey;

    impl Consumer for Obey {
        const NAME: &'static str = "serve-obey";

        type Data = LessonCompleted;

        async fn consume(_: &App, event: &Event, _: LessonCompleted) -> kernel::Result<()> {
            SEEN.lock().unwrap().push(event.id);
            match event.correlation_id.as_str() {
                "Fails" => Err(Failure::unavailable("as the test wants it")),
                "Panics" => panic!("as the test wants it"),
                "AppliedSlowly" => {
                    tokio::time::sleep(PATIENCE / 25).await;
                    Ok(())
                }
                "Stalls" => std::future::pending().await,
                "AppliedBefore" => Err(Failure::new(Code::ALREADY_APPLIED, "applied before")),
                _ => Ok(()),
            }
        }
    }

    fn message(fate: Fate) -> (EventId, Value) {
        let data = LessonCompleted {
            user_id: Somebody::id(),
            course_id: CourseId::generate(NOW),
            lesson_id: LessonId::generate(NOW),
            completed_at: NOW,
        };
        let mut event = json!(Event {
            id: Id::generate(NOW),
            event_type: "lesson.completed".to_owned(),
            version: 1,
            occurred_at: NOW,
            school: school(),
            actor: None,
            correlation_id: format!("{fate:?}"),
            causation_id: None,
            data: json!(data),
        });
        let id = serde_json::from_value(event["id"].clone()).unwrap();
        match fate {
            Fate::NewerVersion => event["version"] = json!(2),
            Fate::OtherType => event["type"] = json!("lesson.undone"),
            Fate::UnreadableData => event["data"]["user_id"] = json!("nobody"),
            _ => {}
        }
        let body = match fate {
            Fate::Missing => Value::Null,
            Fate::Malformed => json!("{\"id\": "),
            _ => json!(event.to_string()),
        };
        (id, body)
    }

    /// The message ids that a batch of these fates reports, and how often the consumer saw each event.
    async fn report(fates: &[Fate]) -> (Vec<String>, Vec<usize>) {
        let (ids, bodies): (Vec<_>, Vec<_>) = fates.iter().map(|fate| message(*fate)).unzip();
        let records: Vec<Value> = bodies
            .into_iter()
            .enumerate()
            .map(|(n, body)| json!({ "messageId": format!("message-{n}"), "body": body }))
            .collect();
        let batch = serde_json::from_value(json!({ "Records": records })).unwrap();
        let consumed = consume_batch(app(), &ConsumerEntry::of::<Obey>(), batch, PATIENCE).await;
        let reported =
            consumed.report.batch_item_failures.into_iter().map(|failure| failure.item_identifier).collect();
        let seen = SEEN.lock().unwrap();
        (reported, ids.iter().map(|id| seen.iter().filter(|other| *other == id).count()).collect())
    }

    fn wait<T>(work: impl Future<Output = T>) -> T {
        tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap().block_on(work)
    }

    #[test]
    fn r8_a_panic_in_one_message_is_reported_alone() {
        let mut fates = [Fate::Applied; 10];
        fates[3] = Fate::Panics;
        assert_eq!(wait(report(&fates)), (vec!["message-3".to_owned()], vec![1; 10]));
    }

    #[test]
    fn r8_one_that_stalls_leaves_the_others_their_time() {
        let fates = [Fate::Stalls, Fate::AppliedSlowly, Fate::AppliedSlowly, Fate::Stalls];
        let reported = vec!["message-0".to_owned(), "message-3".to_owned()];
        assert_eq!(wait(report(&fates)), (reported, vec![1; 4]));
    }

    #[test]
    fn r15_a_batch_of_which_all_stall_ends_in_time() {
        let all = async { tokio::time::timeout(PATIENCE * 8, report(&[Fate::Stalls; 10])).await };
        assert_eq!(wait(all).expect("the time of one, not of ten").0.len(), 10);
    }

    #[test]
    fn r8_what_cannot_be_read_is_reported_alone_and_never_consumed() {
        for fate in FATES.into_iter().filter(|fate| !fate.arrives()) {
            let fates = [Fate::Applied, fate, Fate::Applied];
            assert_eq!(wait(report(&fates)), (vec!["message-1".to_owned()], vec![1, 0, 1]), "{fate:?}");
        }
    }

    #[test]
    fn r1_what_was_applied_before_is_done() {
        assert_eq!(wait(report(&[Fate::AppliedBefore; 10])), (vec![], vec![1; 10]));
    }

    /// These tests have no queue to set anything aside in.
    #[test]
    fn r8_what_only_sqs_can_set_aside_is_counted_as_given_up() {
        for (receives, given_up) in [(MAX_RECEIVES - 1, 0), (MAX_RECEIVES, 1)] {
            let record = json!({
                "messageId": "message", "body": "{", "attributes": { "ApproximateReceiveCount": receives.to_string() },
            });
            let batch = serde_json::from_value(json!({ "Records": [record] })).unwrap();
            let consumed = wait(consume_batch(app(), &ConsumerEntry::of::<Obey>(), batch, PATIENCE));
            assert_eq!(consumed.dead_letters, given_up, "received {receives} times");
            assert_eq!(consumed.report.batch_item_failures.len(), 1, "SQS still has it");
        }
    }

    #[test]
    fn r8_an_empty_batch_reports_nothing() {
        assert_eq!(wait(report(&[])), (vec![], vec![]));
    }

    #[test]
    fn r8_the_report_is_what_lambda_expects() {
        let mut response = SqsBatchResponse::default();
        let mut failed = BatchItemFailure::default();
        failed.item_identifier = "message-3".to_owned();
        response.batch_item_failures.push(failed);
        assert_eq!(json!(response), json!({ "batchItemFailures": [{ "itemIdentifier": "message-3" }] }));
        assert_eq!(json!(SqsBatchResponse::default()), json!({ "batchItemFailures": [] }));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn r8_exactly_the_failed_messages_of_a_batch_are_reported(
            fates in prop::collection::vec(prop::sample::select(&FATES[..]), 10),
        ) {
            let (reported, seen) = wait(report(&fates));
            let failed = fates.iter().enumerate().filter(|(_, fate)| !fate.is_done());
            prop_assert_eq!(reported, failed.map(|(n, _)| format!("message-{n}")).collect::<Vec<_>>());
            let expected: Vec<usize> = fates.iter().map(|fate| usize::from(fate.arrives())).collect();
            prop_assert_eq!(seen, expected);
        }
    }
}
