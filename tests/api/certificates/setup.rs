//! What these tests begin with.

use certificates::credential::{self, Claims};
use domain::{
    certificates::{Certificate, CertificateId},
    event::Event,
    learning::CourseCompleted,
};
use kernel::{Result, UserId};
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
    /// Where it is verified, with its code.
    pub(crate) verify: String,
}

impl Graduate {
    /// The code of the rendering that is wanted now.
    pub(crate) async fn code(&self) -> String {
        let certificate = stored(&self.app, self.id.parse().unwrap()).await;
        certificate.code(certificate.renderings).unwrap()
    }

    /// Asks for another rendering and waits for it.
    pub(crate) async fn redraw(&self) {
        let path = format!("/v1/certificates/{}/render", self.id);
        let _ = self.app.post(path).by(&self.learner).send().await.expect(202);
        self.app.carry().await;
    }
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
    let shown = app.get(format!("/v1/certificates/{id}")).by(&learner).send().await.json(200);
    let verify = text(&shown, "verify_url").strip_prefix("https://lectern.test").unwrap().to_owned();
    Graduate { app, author, learner, course, id, number, verify }
}

/// What a credential says, if the school's certificate key signed it.
pub(crate) fn verified(app: &TestApp, credential: &str) -> Result<Claims> {
    let keys = app.app().environment().public_keys("CERTIFICATE_PUBLIC_KEYS").unwrap();
    credential::verify(&keys, credential)
}

/// A learner's certificates.
pub(crate) async fn own(app: &TestApp, learner: &Person) -> Vec<Value> {
    let listed = app.get("/v1/me/certificates").by(learner).send().await.json(200);
    listed["items"].as_array().unwrap().clone()
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

/// Changes a certificate behind everybody's back.
pub(crate) async fn alter(app: &TestApp, id: &str, change: impl FnOnce(&mut Certificate)) {
    let key = keys::certificate(&app.school(), id.parse().unwrap());
    let mut stored = app.store().get(&key, Consistency::Strong).await.unwrap().unwrap();
    change(&mut stored.value);
    let school = app.school();
    let mut transaction = app.store().transaction(&school);
    transaction.replace(&key, &stored.value, stored.rev);
    transaction.commit().await.unwrap();
}

/// How many numbers of this year are taken.
pub(crate) async fn numbers(app: &TestApp) -> u32 {
    let key = keys::certificate_sequence(&app.school(), 2026);
    app.store().get(&key, Consistency::Strong).await.unwrap().map_or(0, |sequence| sequence.value.last)
}
