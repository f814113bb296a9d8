//! What these tests begin with.

use domain::{event::Event, learning::EnrollmentCreated};
use testkit::TestApp;
use tests::{CourseFixture, event};

/// The event of somebody's enrolment.
pub(crate) fn enrolled(app: &TestApp, course: &CourseFixture, number: u32) -> Event {
    let data = EnrollmentCreated {
        enrollment_id: app.app().id(),
        user_id: app.app().id(),
        course_id: course.id.parse().unwrap(),
        course_title: "Rust".to_owned(),
        learner_name: format!("Learner {number}"),
    };
    event(app, &data)
}
