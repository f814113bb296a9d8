//! What these tests begin with.

use domain::{
    certificates::Certificate,
    event::{CourseCompleted, Event},
};
use kernel::{CertificateId, UserId};
use runtime::ConsumerEntry;
use serde_json::Value;
use store::{Consistency, keys};
use testkit::{Person, TestApp};
use tests::{CourseFixture, app, complete, enroll, event, published, text};

/// A learner who has completed a course, and the certificate for it.
pub(crate) struct Graduate {
    pub(crate) app: TestApp,
    pub(crate) author: Person,
    pub(crate) learner: Person,
    pub(crate) course: CourseFixture,
    pub(crate) id: String,
    pub(crate) number: String,
}

/// Somebody whose certificate was issued and rendered.
pub(crate) async fn graduate() -> Graduate {
    graduate_of(app().await).await
}

pub(crate) async fn graduate_of(app: TestApp) -> Graduate {
    let author = app.instructor("Ada").await;
    let course = published(&app, &author, "Rust from the first line", &[2]).await;
    let learner = app.student("Grace").await;
    enroll(&app, &learner, &course).await;
    complete(&app, &learner, &course).await;
    app.carry().await;
    let own = own(&app, &learner).await;
    let (id, number) = (text(&own[0], "id"), text(&own[0], "certificate_no"));
    Graduate { app, author, learner, course, id, number }
}

/// A learner's certificates.
pub(crate) async fn own(app: &TestApp, learner: &Person) -> Vec<Value> {
    let listed = app.get("/v1/me/certificates").by(learner).send().await.json(200);
    listed["items"].as_array().unwrap().clone()
}

pub(crate) fn consumer(function: &str) -> ConsumerEntry {
    let found = local::registry().consumers.into_iter().find(|entry| entry.names.function() == function);
    found.expect("registered")
}

/// The event of a completed course of somebody who is unknown, as if it had happened.
pub(crate) fn completed(app: &TestApp, author: &Person) -> Event {
    completed_by(app, author, app.app().id())
}

/// The event of somebody's completed course, as if it had happened.
pub(crate) fn completed_by(app: &TestApp, author: &Person, user_id: UserId) -> Event {
    let data = CourseCompleted {
        enrollment_id: app.app().id(),
        user_id,
        course_id: app.app().id(),
        course_title: "Rust".to_owned(),
        author_id: author.id,
        learner_name: "Grace Example".to_owned(),
        duration_minutes: 90,
        completed_at: app.app().now(),
    };
    event(app, &data)
}

pub(crate) async fn stored(app: &TestApp, id: CertificateId) -> Certificate {
    app.store().get(&keys::certificate(&app.school(), id), Consistency::Strong).await.unwrap().unwrap().value
}

/// How many numbers of this year are taken.
pub(crate) async fn numbers(app: &TestApp) -> u32 {
    let key = keys::certificate_sequence(&app.school(), 2026);
    app.store().get(&key, Consistency::Strong).await.unwrap().map_or(0, |sequence| sequence.value.last)
}
