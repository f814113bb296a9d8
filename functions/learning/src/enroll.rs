//! POST /v1/courses/{course_id}/enroll

use access::CourseApplicant;
use domain::{
    catalog::Course,
    learning::{
        ALREADY_ENROLLED, Enrollment, EnrollmentCreated, EnrollmentKind, EnrollmentStatus, PAYMENT_REQUIRED,
    },
};
use kernel::{Code, Error, Result};
use runtime::{App, Budget, Caller, Created, Endpoint, Needs, Route, Table, post};
use serde_json::json;
use store::keys;

use crate::EnrollmentView;

/// Enrols the caller in a published course, once. A paid one waits for the day that payments are there.
pub struct Enroll;

impl Endpoint for Enroll {
    const NAME: &'static str = "learning-enroll";
    const ROUTE: Route = post("/v1/courses/{course_id}/enroll");
    const SUMMARY: &'static str = "Enrol in a free course; a paid one answers 402";
    // With an Idempotency-Key a refusal looks once more for the reply of an earlier copy.
    const BUDGET: Budget = Budget { reads: 3, writes: 1 };
    const NEEDS: Needs = Needs::table(&[Table::Put]);
    const IDEMPOTENT: bool = true;
    const ERRORS: &'static [Code] = &[PAYMENT_REQUIRED, ALREADY_ENROLLED];
    type Access = CourseApplicant;
    type Input = ();
    type Output = Created<EnrollmentView>;

    async fn handle(app: &App, caller: Caller<CourseApplicant>, (): ()) -> Result<Self::Output> {
        let school = &caller.school;
        let CourseApplicant { user, course, enrollment: existing } = &caller.access;
        let course = course.as_ref().ok_or_else(|| Error::not_found("course"))?;
        let learner = &user.account.value;
        if existing.as_ref().is_some_and(|existing| existing.value.gives_access()) {
            return Err(taken());
        }
        if !course.price.is_free() {
            return Err(unpaid(course));
        }

        let enrollment = Enrollment {
            id: app.id(),
            user_id: learner.id,
            course_id: course.id,
            kind: EnrollmentKind::Free,
            status: EnrollmentStatus::Active,
            enrolled_at: app.now(),
            completed_at: None,
            completed_lessons: 0,
            total_lessons: 0,
        };
        let output = Created(EnrollmentView::from(&enrollment));
        let key = keys::enrollment(school, learner.id, course.id);
        let mut change = app.store.transaction(school);
        match existing {
            None => change.create(&key, &enrollment, taken),
            Some(dropped) => change.replace_or(&key, &enrollment, dropped.rev, taken),
        };
        change.event(
            &caller.origin(app),
            &EnrollmentCreated {
                enrollment_id: enrollment.id,
                user_id: learner.id,
                course_id: course.id,
                course_title: course.title.to_string(),
                learner_name: learner.display_name(),
            },
        );
        caller.commit(app, change, output).await
    }
}

fn taken() -> Error {
    Error::new(ALREADY_ENROLLED, "go on learning; GET /v1/me/courses lists your enrolments")
}

fn unpaid(course: &Course) -> Error {
    Error::new(PAYMENT_REQUIRED, "this course has a price, and this school takes no payments yet")
        .with("price", json!(course.price))
}
