//! table stream → the queues of the subscribers

use std::collections::{BTreeMap, BTreeSet};

use domain::{
    event::{Event, EventId},
    identity::UserRegistered,
    learning::{EnrollmentCreated, LessonCompleted},
};
use emulators::stream_batch;
use serde_json::{Value, json};
use store::Origin;
use testkit::{Moment, TestApp, every_crash_point};
use tests::{app, dying, is_full};

const MAIL: &str = "mail-send-mail";
const COUNT: &str = "catalog-count-enrollment";

/// Commits `count` events that mail wants, in transactions of ten.
pub(crate) async fn commit(app: &TestApp, count: usize) -> Vec<EventId> {
    let school = app.school();
    for from in (0..count).step_by(10) {
        let mut change = app.store().transaction(&school);
        for _ in from..count.min(from + 10) {
            change.event(&origin(app), &registered(app));
        }
        change.commit().await.unwrap();
    }
    app.outbox("user.registered").await.iter().map(|event| event.id).collect()
}

pub(crate) fn origin(app: &TestApp) -> Origin {
    Origin { now: app.app().now(), actor: None, correlation_id: "test".to_owned(), causation_id: None }
}

pub(crate) fn registered(app: &TestApp) -> UserRegistered {
    UserRegistered {
        user_id: app.app().id(),
        first_name: "Grace".to_owned(),
        last_name: "Example".to_owned(),
    }
}

/// The ids of the events that wait in the mail queue, with how often.
pub(crate) fn queued(app: &TestApp) -> BTreeMap<EventId, usize> {
    queued_in(app, MAIL)
}

fn queued_in(app: &TestApp, queue: &str) -> BTreeMap<EventId, usize> {
    let mut ids = BTreeMap::new();
    for message in app.sqs().waiting(queue) {
        let event: Event = serde_json::from_str(&message.body).unwrap();
        *ids.entry(event.id).or_default() += 1;
    }
    ids
}

/// An event as the stream shows it.
fn image(event: &Event) -> Value {
    serde_json::to_value(store::image_of(event).unwrap()).unwrap()
}

/// Hands new items to the relay as Lambda does and returns the position that it reports.
async fn read(app: &TestApp, images: &[Value]) -> Option<String> {
    let entry = registry::all().streams.remove(0);
    let report = runtime::read_stream(app.app(), &entry, stream_batch(images)).await;
    report.batch_item_failures.first().and_then(|failure| failure.item_identifier.clone())
}

#[tokio::test]
async fn an_event_goes_to_every_subscriber_and_leaves_the_outbox() {
    let app = app().await;
    let ids = commit(&app, 25).await;
    assert_eq!(app.relay().await, 25);
    assert_eq!(queued(&app).keys().copied().collect::<Vec<_>>(), ids);
    assert!(app.outbox("").await.is_empty());
}

#[tokio::test]
async fn what_nobody_subscribes_to_is_dropped() {
    let app = app().await;
    let school = app.school();
    let mut change = app.store().transaction(&school);
    let data = LessonCompleted {
        user_id: app.app().id(),
        course_id: app.app().id(),
        lesson_id: app.app().id(),
        completed_at: app.app().now(),
    };
    change.event(&origin(&app), &data);
    change.commit().await.unwrap();
    assert_eq!(app.relay().await, 1);
    assert!(app.outbox("").await.is_empty());
}

/// R4: records split, interleaved and doubled, with records in between that are no events, and a relay that dies.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn r4_thousands_of_split_and_doubled_records_reach_the_queue() {
    let count = if is_full() { 10_000 } else { 2_000 };
    let app = app().await;
    let school = app.school();
    let mut items = Vec::new();
    let mut events = Vec::new();
    for _ in 0..count {
        let mut change = app.store().transaction(&school);
        change.event(&origin(&app), &registered(&app));
        let item = change.into_items().unwrap().remove(0);
        events.push(store::event_of_image(item.clone()).unwrap().unwrap());
        items.push(item);
    }
    app.import(items);
    // Twice each, the second half of the copies far from the first, and every thousandth record is poison.
    let order = (0..count).chain((0..count).rev());
    let mut images: Vec<Value> = order.map(|at| image(&events[at])).collect();
    for at in (0..images.len()).step_by(1000) {
        images[at]["b"] = json!({ "S": "poison" });
    }
    let mut deaths = 0;
    for (n, batch) in images.chunks(97).enumerate() {
        // Every second time the relay dies, somewhat later each time, and the batch comes again.
        if n % 2 == 0 && dying(1 + n % 5, read(&app, batch)).await.is_none() {
            deaths += 1;
        }
        assert_eq!(read(&app, batch).await, None);
    }
    assert!(deaths >= count / 200, "{deaths}");
    let queued = queued(&app);
    assert_eq!(queued.len(), count, "every event at least once: its other copy was sound");
    assert!(app.outbox("").await.is_empty());
}

#[tokio::test]
async fn a_name_with_characters_that_sqs_refuses_arrives_as_it_is() {
    let app = app().await;
    let school = app.school();
    let data = UserRegistered { first_name: "\u{ffff}\u{fffe}\u{7f}".to_owned(), ..registered(&app) };
    let mut change = app.store().transaction(&school);
    change.event(&origin(&app), &data);
    change.commit().await.unwrap();
    assert_eq!(app.relay().await, 1);
    let event: Event = serde_json::from_str(&app.sqs().waiting(MAIL)[0].body).unwrap();
    assert_eq!(event.data::<UserRegistered>().unwrap().first_name, data.first_name);
}

#[tokio::test]
async fn r4_what_the_queue_does_not_take_is_reported_and_comes_again() {
    let app = app().await;
    let ids = commit(&app, 3).await;
    let events = app.outbox("").await;
    let records: Vec<Value> = events.iter().map(image).collect();
    app.sqs().refuse(0..1);
    assert_eq!(read(&app, &records).await.as_deref(), Some("0"));
    assert_eq!(app.outbox("").await.len(), 3);
    assert_eq!(read(&app, &records).await, None);
    assert_eq!(queued(&app).keys().copied().collect::<Vec<_>>(), ids);
    assert!(app.outbox("").await.is_empty());
}

/// Commits so many events that two queues want, and shows them as the stream does.
async fn commit_for_two(app: &TestApp, count: usize) -> (Vec<EventId>, Vec<Value>) {
    let school = app.school();
    let mut change = app.store().transaction(&school);
    for _ in 0..count {
        let data = EnrollmentCreated {
            enrollment_id: app.app().id(),
            user_id: app.app().id(),
            course_id: app.app().id(),
            course_title: "Rust".to_owned(),
            learner_name: "Grace Example".to_owned(),
        };
        change.event(&origin(app), &data);
    }
    change.commit().await.unwrap();
    let events = app.outbox("").await;
    (events.iter().map(|event| event.id).collect(), events.iter().map(image).collect())
}

/// The position at which the relay wants the batch again, and the events that stay in the outbox.
async fn report(app: &TestApp, images: &[Value]) -> (Option<usize>, Vec<EventId>) {
    let again = read(app, images).await.map(|position| position.parse().unwrap());
    (again, app.outbox("").await.iter().map(|event| event.id).collect())
}

/// Whichever of them refuses, whether it takes nothing or leaves out one message: the event stays for both.
#[tokio::test]
async fn r4_an_event_that_one_of_its_two_queues_refused_is_kept() {
    for first_queue in [true, false] {
        let app = app().await;
        let (ids, images) = commit_for_two(&app, 3).await;
        app.sqs().refuse(if first_queue { 0..1 } else { 1..2 });
        assert_eq!(report(&app, &images).await, (Some(0), ids.clone()), "the first queue: {first_queue}");
        assert_eq!(queued_in(&app, if first_queue { COUNT } else { MAIL }), BTreeMap::new());
        assert_eq!(read(&app, &images).await, None);
        for queue in [COUNT, MAIL] {
            assert_eq!(queued_in(&app, queue).into_keys().collect::<Vec<_>>(), ids, "{queue}");
        }
    }
}

/// SQS takes ten messages at once and names those that it refused by their place among the ten.
#[tokio::test]
async fn r4_what_is_refused_of_the_second_ten_is_what_stays() {
    for refused in [0, 9, 10, 13, 20, 24] {
        let app = app().await;
        let (ids, images) = commit_for_two(&app, 25).await;
        app.sqs().refuse_one(&ids[refused].to_string());
        assert_eq!(report(&app, &images).await, (Some(refused), vec![ids[refused]]), "{refused}");
        assert_eq!(read(&app, &images[refused..]).await, None);
        for queue in [COUNT, MAIL] {
            assert_eq!(queued_in(&app, queue).into_keys().collect::<BTreeSet<_>>().len(), 25, "{queue}");
        }
    }
    // The three batches of the first queue, then those of the second.
    for (batch, stays) in [(0_u32, 0..10), (1, 10..20), (2, 20..25), (3, 0..10), (4, 10..20), (5, 20..25)] {
        let app = app().await;
        let (ids, images) = commit_for_two(&app, 25).await;
        app.sqs().refuse(batch..batch + 1);
        let stayed = ids[stays].to_vec();
        let refused = stayed.len();
        assert_eq!(
            report(&app, &images).await,
            (Some((usize::try_from(batch).unwrap() % 3) * 10), stayed),
            "batch {batch}"
        );
        let (came, all) = if batch < 3 { (COUNT, MAIL) } else { (MAIL, COUNT) };
        assert_eq!(queued_in(&app, came).len(), 25 - refused, "batch {batch}");
        assert_eq!(queued_in(&app, all).len(), 25, "batch {batch}");
    }
}

#[tokio::test]
async fn f1_a_publisher_that_dies_at_any_call_loses_nothing() {
    let points = every_crash_point(
        async || {
            let app = app().await;
            let ids = commit(&app, 12).await;
            (app, ids)
        },
        |(app, _)| app,
        async |(app, _)| {
            app.relay().await;
        },
        async |(app, ids), point| {
            app.relay().await;
            assert_eq!(queued(app).keys().copied().collect::<Vec<_>>(), *ids, "{point:?}");
            assert!(app.outbox("").await.is_empty(), "{point:?}");
        },
    )
    .await;
    assert!(points >= 6, "{points}");
}

#[tokio::test]
async fn a_lost_reply_sends_twice_and_loses_nothing() {
    let app = app().await;
    let ids = commit(&app, 5).await;
    app.tap().break_at(1, Moment::AfterCommit);
    app.relay().await;
    assert_eq!(queued(&app), ids.into_iter().map(|id| (id, 2)).collect());
}
