//! Times to live: what DynamoDB takes away some time after it is over must not be missed by anybody before.

use serde_json::json;
use testkit::TestApp;
use tests::{app, app_and_mailbox, app_with, enroll, published, text};

const DAY: i64 = 24 * 3600;

/// Lets time pass, and everything go whose time to live is over then.
async fn later(app: &TestApp, seconds: i64) {
    app.clock().advance(seconds);
    app.expire().await;
}

#[tokio::test]
async fn r28_a_bucket_outlives_the_time_at_which_it_is_full() {
    let app = app_with(&[("CALLS_PER_MINUTE", "3")]).await;
    let ada = app.student("Ada").await;
    let call = async || app.get("/v1/me").by(&ada).send().await.status;
    let four = async || [call().await, call().await, call().await, call().await];
    assert_eq!(four().await, [200, 200, 200, 429]);
    later(&app, 19).await;
    assert_eq!(call().await, 429);
    // Two seconds before it is full: a bucket that is gone would give three.
    later(&app, 39).await;
    assert_eq!(four().await, [200, 200, 429, 429]);
    later(&app, 600).await;
    assert_eq!(four().await, [200, 200, 200, 429]);
}

#[tokio::test]
async fn r28_a_count_lasts_as_long_as_its_window() {
    let app = app_with(&[("REGISTRATIONS_PER_HOUR", "2")]).await;
    let register = async |number: u32| {
        let account = json!({
            "email": format!("p{number}@example.org"), "password": "a long enough one", "first_name": "P", "last_name": "P",
        });
        app.post("/v1/auth/register").json(&account).send().await.status
    };
    assert_eq!([register(1).await, register(2).await, register(3).await], [201, 201, 429]);
    later(&app, 3590).await;
    assert_eq!(register(4).await, 429);
    later(&app, 10).await;
    assert_eq!(register(5).await, 201);
}

#[tokio::test]
async fn r1_a_kept_reply_lasts_a_day() {
    let app = app_with(&[("ACCESS_TOKEN_SECONDS", "604800")]).await;
    let author = app.instructor("Ada").await;
    let create = async || {
        let create = app.post("/v1/courses").by(&author).header("idempotency-key", "the same one");
        text(&create.json(&json!({ "title": "Rust" })).send().await.json(201), "id")
    };
    let first = create().await;
    later(&app, DAY - 60).await;
    assert_eq!(create().await, first);
    later(&app, 61).await;
    assert_ne!(create().await, first);
}

#[tokio::test]
async fn r24_a_session_lasts_as_long_as_its_family() {
    let app = app().await;
    let account = json!({
        "email": "ada@example.org", "password": "a long enough one", "first_name": "A", "last_name": "L",
    });
    let mut tokens = app.post("/v1/auth/register").json(&account).send().await.json(201);
    for day in 0..7 {
        later(&app, if day == 0 { DAY - 60 } else { DAY }).await;
        let token = json!({ "refresh_token": text(&tokens, "refresh_token") });
        tokens = app.post("/v1/auth/refresh").json(&token).send().await.json(200);
    }
}

/// Whatever was applied is not applied again by a letter that lay in a queue for as long as it can.
#[tokio::test]
async fn r1_a_receipt_outlives_the_queues() {
    let (app, mailbox) = app_and_mailbox(&[]).await;
    let author = app.instructor("Ada").await;
    let course = published(&app, &author, "Rust", &[1]).await;
    enroll(&app, &app.student("Grace").await, &course).await;
    let event = app.outbox("enrollment.created").await.remove(0);
    app.carry().await;
    let mails = mailbox.requests();
    assert_eq!(mails, 1);
    // Kept by a queue and by its dead letters, sent back, and kept by both again.
    later(&app, 2 * (4 + 14) * DAY).await;
    for consumer in &registry::all().consumers {
        if consumer.events.iter().any(|(event_type, _)| *event_type == event.event_type) {
            app.consume(consumer, &event).await.unwrap();
        }
    }
    assert_eq!(mailbox.requests(), mails, "no second mail");
    let shown = app.get(format!("/v1/courses/{}", course.id)).send().await.json(200);
    assert_eq!(shown["stats"]["enrollment_count"], 1);
}

/// What nothing takes away piles up, and is paid for.
#[tokio::test]
async fn f6_what_is_of_its_time_alone_is_gone_when_its_time_is_over() {
    const PASSING: [&str; 7] =
        ["delivery", "kept_reply", "one_time_token", "rate_bucket", "rate_window", "receipt", "session"];
    let (app, _mailbox) = app_and_mailbox(&[("CALLS_PER_MINUTE", "100")]).await;
    let account = json!({
        "email": "newcomer@example.org", "password": "a long enough one", "first_name": "A", "last_name": "L",
    });
    let _ = app.post("/v1/auth/register").json(&account).send().await.expect(201);
    let author = app.instructor("Ada").await;
    let course = published(&app, &author, "Rust", &[1]).await;
    enroll(&app, &app.student("Grace").await, &course).await;
    let create = app.post("/v1/courses").by(&author).header("idempotency-key", "k");
    let _ = create.json(&json!({ "title": "Knots" })).send().await.expect(201);
    app.carry().await;
    let there = async || {
        let items = app.dump().await;
        let is_there = |kind: &&str| items.iter().any(|item| item.contains(&format!("et=S(\"{kind}\")")));
        PASSING.into_iter().filter(is_there).collect::<Vec<_>>()
    };
    assert_eq!(there().await, PASSING);
    later(&app, 400 * DAY).await;
    assert_eq!(there().await, [""; 0]);
}
