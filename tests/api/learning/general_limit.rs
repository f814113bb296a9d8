//! The general limit of calls per user (`CALLS_PER_MINUTE`), on the route that learners open most.

use std::sync::Arc;

use testkit::{Moment, Person, TestApp};
use tokio::task::JoinSet;

async fn limited(calls_per_minute: &str) -> (Arc<TestApp>, Person) {
    let variables = [("CALLS_PER_MINUTE", calls_per_minute)];
    let app = TestApp::with_variables(&registry::all(), &variables).await;
    let learner = app.student("Grace").await;
    (Arc::new(app), learner)
}

#[tokio::test]
async fn r28_beyond_the_limit_a_user_waits_and_others_do_not() {
    let (app, learner) = limited("5").await;
    for _ in 0..5 {
        let _ = app.get("/v1/me/courses").by(&learner).send().await.expect(200);
    }
    let refused = app.get("/v1/me/courses").by(&learner).send().await;
    refused.refused(429, "rate_limited");
    let seconds: i64 = refused.header("retry-after").unwrap().parse().unwrap();
    assert!((1..=12).contains(&seconds), "{seconds}");
    // It is one limit for all routes, and each user has their own.
    app.get("/v1/me").by(&learner).send().await.refused(429, "rate_limited");
    let other = app.student("Hopper").await;
    let _ = app.get("/v1/me/courses").by(&other).send().await.expect(200);
    // Whoever nobody knows has none.
    for _ in 0..7 {
        let _ = app.get("/v1/courses").send().await.expect(200);
    }
    app.clock().advance(seconds);
    let _ = app.get("/v1/me/courses").by(&learner).send().await.expect(200);
    app.get("/v1/me/courses").by(&learner).send().await.refused(429, "rate_limited");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn r28_calls_at_the_same_moment_take_a_token_each() {
    let (app, learner) = limited("5").await;
    let mut racers = JoinSet::new();
    for _ in 0..30 {
        let (app, learner) = (Arc::clone(&app), learner.clone());
        racers.spawn(async move { app.get("/v1/me/courses").by(&learner).racing().send().await.status });
    }
    let answers = racers.join_all().await;
    assert_eq!(answers.iter().filter(|status| **status == 200).count(), 5, "{answers:?}");
    assert!(answers.iter().all(|status| [200, 429].contains(status)), "{answers:?}");
}

#[tokio::test]
async fn f1_a_lost_reply_costs_one_token() {
    let (app, learner) = limited("2").await;
    // Who is it, the bucket, and the write whose reply is lost: the SDK sends it again and finds its own item.
    app.tap().break_at(3, Moment::AfterCommit);
    let _ = app.get("/v1/me/courses").by(&learner).send().await.expect(200);
    assert_eq!(app.tap().operations()[2..4], ["PutItem", "PutItem"]);
    app.tap().reset();
    let _ = app.get("/v1/me/courses").by(&learner).send().await.expect(200);
    app.get("/v1/me/courses").by(&learner).send().await.refused(429, "rate_limited");
}

#[tokio::test]
async fn without_a_limit_a_call_costs_nothing_more() {
    let (app, learner) = limited("").await;
    let free = app.get("/v1/me/courses").by(&learner).send().await.expect(200).cost;
    assert_eq!(free.writes, 0);
    let (app, learner) = limited("100").await;
    let limited = app.get("/v1/me/courses").by(&learner).send().await.expect(200).cost;
    assert_eq!((limited.reads, limited.writes), (free.reads + 1, 1));
}
