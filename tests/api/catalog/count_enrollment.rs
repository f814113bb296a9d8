//! enrollment.created → the course's enrolment count and its place by popularity

use std::sync::{Arc, Mutex};

use domain::{catalog::CourseId, event::Event, learning::EnrollmentCreated};
use kernel::Result;
use proptest::prelude::{Just, Strategy};
use runtime::ConsumerEntry;
use serde_json::json;
use testkit::{Moment, TestApp, every_crash_point};
use tests::{CourseFixture, app, consumer, draft, enroll, event, published, text};

use crate::catalog::{
    random::Random,
    support::{Fixture, app_for_tasks, card, count_items, race},
};

/// The event of a new enrolment in a course.
pub(crate) fn enrolled(app: &TestApp, course: CourseId) -> Event {
    let data = EnrollmentCreated {
        enrollment_id: app.app().id(),
        user_id: app.app().id(),
        course_id: course,
        course_title: "Rust".to_owned(),
        learner_name: "Grace Example".to_owned(),
    };
    event(app, &data)
}

fn entry() -> ConsumerEntry {
    consumer("catalog-count-enrollment")
}

/// Delivers an event.
pub(crate) async fn consume(app: &TestApp, event: Event) -> Result<()> {
    app.consume(&entry(), &event).await
}

async fn count(app: &TestApp, course: &CourseFixture) -> u32 {
    card(app, course).await.enrollment_count
}

#[tokio::test]
async fn an_enrolment_is_counted() {
    let app = app().await;
    let (author, learner) = (app.instructor("Ada").await, app.student("Grace").await);
    let (course, other) =
        (published(&app, &author, "Rust", &[1]).await, published(&app, &author, "Other", &[1]).await);
    enroll(&app, &learner, &course).await;
    let events = app.outbox("enrollment.created").await;
    assert_eq!(entry().events, [("enrollment.created", 1)]);
    for event in events {
        consume(&app, event).await.unwrap();
    }
    assert_eq!((count(&app, &course).await, count(&app, &other).await), (1, 0));
    let shown = app.get(format!("/v1/courses/{}", course.id)).send().await.json(200);
    assert_eq!(shown["stats"]["enrollment_count"], 1);
    // Counting tells nobody anything.
    assert_eq!(app.outbox("").await.len(), 3, "two publications and an enrolment");
}

#[tokio::test]
async fn r1_an_event_that_comes_again_counts_once() {
    let app = app().await;
    let author = app.instructor("Ada").await;
    let course = published(&app, &author, "Rust", &[1]).await;
    let event = enrolled(&app, course.course_id());
    consume(&app, event.clone()).await.unwrap();
    let after = app.dump().await;
    // At once, when DynamoDB's own request tokens are forgotten (R3), and when a DLQ is redriven after two weeks.
    for seconds in [0, 11 * 60, 14 * 24 * 3600] {
        app.clock().advance(seconds);
        app.expire().await;
        consume(&app, event.clone()).await.unwrap();
        assert_eq!(app.dump().await, after);
    }
}

#[tokio::test]
async fn a_message_that_cannot_be_read_is_refused_and_the_others_count() {
    let app = app().await;
    let author = app.instructor("Ada").await;
    let course = published(&app, &author, "Rust", &[1]).await;
    let good = || enrolled(&app, course.course_id());
    let with = |change: fn(&mut Event)| {
        let mut event = good();
        change(&mut event);
        event
    };
    let bad = [
        with(|event| event.version = 2),
        with(|event| event.version = 0),
        with(|event| event.event_type = "enrollment.dropped".to_owned()),
        with(|event| event.data = json!({})),
        with(|event| event.data["course_id"] = json!("les_0198c5a0000070008000000000000001")),
        with(|event| event.data["user_id"] = json!(null)),
    ];
    for event in bad {
        let mut results = Vec::new();
        let before = count(&app, &course).await;
        for event in [good(), event, good()] {
            results.push(consume(&app, event).await.is_ok());
        }
        assert_eq!(results, [true, false, true]);
        assert_eq!(count(&app, &course).await, before + 2);
    }
    // Within a version a payload may only gain fields.
    let mut richer = good();
    richer.data["coupon"] = json!("SPRING");
    consume(&app, richer).await.unwrap();
}

#[tokio::test]
async fn an_event_of_an_unknown_course_stays_to_be_delivered_again() {
    let app = app().await;
    let before = app.dump().await;
    let event = enrolled(&app, app.app().id());
    assert!(consume(&app, event).await.is_err());
    assert_eq!(app.dump().await, before, "no receipt that would hide it the next time");
}

#[tokio::test]
async fn another_schools_event_counts_there_alone() {
    let app = app().await;
    let author = app.instructor("Ada").await;
    let course = published(&app, &author, "Rust", &[1]).await;
    let mut event = enrolled(&app, course.course_id());
    event.school = app.app().config.school_of_host("other.example");
    assert!(consume(&app, event).await.is_err());
    assert_eq!(count(&app, &course).await, 0);
}

#[tokio::test]
async fn the_order_by_popularity_follows() {
    let app = app().await;
    let author = app.instructor("Ada").await;
    let mut courses = Vec::new();
    for title in ["One", "Two", "Three"] {
        courses.push(published(&app, &author, title, &[1]).await);
    }
    let places = count_items(&app, "LISTING#").await;
    let order = async |query: &str| {
        let page = app.get(format!("/v1/courses?sort=popularity{query}")).send().await.json(200);
        page["items"].as_array().unwrap().iter().map(|item| text(item, "title")).collect::<Vec<_>>()
    };
    for (course, wanted) in [
        (1, ["Two", "Three", "One"]),
        (0, ["Two", "One", "Three"]),
        (0, ["One", "Two", "Three"]),
        (2, ["One", "Three", "Two"]),
    ] {
        consume(&app, enrolled(&app, courses[course].course_id())).await.unwrap();
        for filters in ["", "&level=beginner&price=free"] {
            assert_eq!(order(filters).await, wanted, "{filters}");
            let mut backwards = wanted;
            backwards.reverse();
            assert_eq!(order(&format!("{filters}&order=asc")).await, backwards, "{filters}");
        }
    }
    assert_eq!(count_items(&app, "LISTING#").await, places, "moved, not doubled");
    // A course that is not public has no place, and still counts.
    let hidden = draft(&app, &author, "Hidden", &[1]).await;
    consume(&app, enrolled(&app, hidden.course_id())).await.unwrap();
    assert_eq!((count(&app, &hidden).await, count_items(&app, "LISTING#").await), (1, places));
}

#[tokio::test]
async fn every_list_shows_the_same_card_whatever_it_is_sorted_by() {
    let app = app().await;
    let author = app.instructor("Ada").await;
    let course = published(&app, &author, "Rust", &[1]).await;
    let cards = async || {
        let mut cards = Vec::new();
        for sort in ["created_at", "popularity", "rating", "title"] {
            for filters in ["", "&level=beginner", "&price=free", "&level=beginner&price=free"] {
                let page = app.get(format!("/v1/courses?sort={sort}{filters}")).send().await.json(200);
                assert_eq!(page["items"].as_array().unwrap().len(), 1, "{sort}{filters}");
                cards.push(page["items"][0].clone());
            }
        }
        cards.dedup();
        assert_eq!(cards.len(), 1, "{cards:?}");
        cards.remove(0)
    };
    for counted in 1..=2 {
        consume(&app, enrolled(&app, course.course_id())).await.unwrap();
        assert_eq!(cards().await["enrollment_count"], counted);
    }
    // Nothing that anything is sorted by.
    let path = format!("/v1/courses/{}", course.id);
    let rev = app.get(&path).by(&author).send().await.expect(200).rev();
    let edit = app.patch(&path).by(&author).if_match(rev).json(&json!({ "description": "Anew." }));
    let _ = edit.send().await.expect(200);
    let card = cards().await;
    assert_eq!((&card["description"], &card["enrollment_count"]), (&json!("Anew."), &json!(2)));
}

#[tokio::test]
async fn r1_a_reply_lost_after_the_commit_counts_once() {
    let app = app().await;
    let author = app.instructor("Ada").await;
    let course = published(&app, &author, "Rust", &[1]).await;
    let event = enrolled(&app, course.course_id());
    // Call 1 reads the card, call 2 is the write.
    app.tap().break_at(2, Moment::AfterCommit);
    consume(&app, event.clone()).await.unwrap();
    assert!(app.tap().operations().starts_with(&["GetItem".to_owned(), "TransactWriteItems".to_owned()]));
    assert_eq!(app.tap().calls(), 3, "the client tried again");
    assert_eq!(count(&app, &course).await, 1);
    consume(&app, event).await.unwrap();
    assert_eq!(count(&app, &course).await, 1);
}

#[tokio::test]
async fn f1_wherever_it_dies_the_next_delivery_completes_it_once() {
    let world = async || {
        let app = app().await;
        let author = app.instructor("Ada").await;
        let course = published(&app, &author, "Rust", &[1]).await;
        let event = enrolled(&app, course.course_id());
        (app, course, event)
    };
    let deliver = async |(app, _, event): &(TestApp, CourseFixture, Event)| {
        consume(app, event.clone()).await.expect("counted, now or before");
    };
    every_crash_point(
        world,
        |world| &world.0,
        deliver,
        async |world, point| {
            let (app, course, _) = world;
            let committed = point.call == point.of && point.moment == Moment::AfterCommit;
            assert_eq!(count(app, course).await, u32::from(committed), "{point:?}");
            for _ in 0..2 {
                deliver(world).await;
                assert_eq!(count(app, course).await, 1, "{point:?}");
            }
            assert_eq!(count_items(app, "LISTING#").await, 16, "{point:?}");
        },
    )
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn r1_shuffled_and_repeated_events_from_several_workers_give_the_exact_count() {
    let app = app_for_tasks().await;
    let author = app.instructor("Ada").await;
    // One is in the catalogue; the others have no places there, which makes them quick.
    let mut courses = vec![published(app, &author, "Public", &[1]).await];
    for n in 0..7 {
        courses.push(draft(app, &author, &format!("Draft {n}"), &[]).await);
    }
    let events: Vec<Event> = (0..200).map(|n| enrolled(app, courses[n % 8].course_id())).collect();
    let twice: Vec<Event> = events.iter().chain(&events).cloned().collect();
    let queue = Arc::new(Mutex::new(Random::new().value(Just(twice).prop_shuffle())));
    race((0..4).map(|_| {
        let queue = Arc::clone(&queue);
        async move {
            loop {
                let next = queue.lock().expect("no panic inside").pop();
                let Some(event) = next else { break };
                // What fails goes back into the queue, as SQS does it.
                if consume(app, event.clone()).await.is_err() {
                    queue.lock().expect("no panic inside").insert(0, event);
                }
            }
        }
    }))
    .await;
    for course in &courses {
        assert_eq!(count(app, course).await, 25);
    }
    assert_eq!(count_items(app, "INBOX#").await, 200);
    assert_eq!(count_items(app, "LISTING#").await, 16);
    let page = app.get("/v1/courses?sort=popularity").send().await.json(200);
    assert_eq!(page["items"][0]["enrollment_count"], 25);
}
