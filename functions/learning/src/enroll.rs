//! POST /v1/courses/{course_id}/enroll

use domain::{
    catalog::{Course, CourseStatus},
    event::EnrollmentCreated,
    learning::{Enrollment, EnrollmentKind, EnrollmentStatus},
};
use kernel::{Code, CourseId, Error, Result};
use runtime::{App, Budget, Caller, Created, Endpoint, Needs, Path, Route, Table, access::User, post};
use serde_json::json;
use store::{AnyKey, Consistency, keys};

use crate::EnrollmentView;

/// Enrols the caller in a published course, once. A paid one waits for the day that payments are there.
pub struct Enroll;

impl Endpoint for Enroll {
    const NAME: &'static str = "learning-enroll";
    const ROUTE: Route = post("/v1/courses/{course_id}/enroll");
    const SUMMARY: &'static str = "Enrol in a free course; a paid one answers 402";
    // With an Idempotency-Key a refusal looks once more for the reply of an earlier copy.
    const BUDGET: Budget = Budget { reads: 4, writes: 1 };
    // A reply that was kept is looked for first.
    const WAVES: u32 = 4;
    const NEEDS: Needs = Needs::table(&[Table::Put]);
    const IDEMPOTENT: bool = true;
    const ERRORS: &'static [Code] = &[Code::PaymentRequired, Code::AlreadyEnrolled];
    type Access = User;
    type Input = Path<CourseId>;
    type Output = Created<EnrollmentView>;

    async fn handle(app: &App, caller: Caller<User>, Path(course_id): Self::Input) -> Result<Self::Output> {
        let school = &caller.school;
        let absent = || Error::not_found("course");
        let learner = &caller.access.account.value;
        let course_key = keys::course(school, course_id);
        let key = keys::enrollment(school, learner.id, course_id);
        let wanted = [AnyKey::from(&course_key), AnyKey::from(&key)];
        let mut found = app.store.batch_get(wanted, Consistency::Strong).await?;
        let (course, existing) = (found.take(&course_key)?, found.take(&key)?);
        let course =
            course.map(|course| course.value).filter(|course| course.status == CourseStatus::Published);
        let course = course.ok_or_else(absent)?;
        if existing.as_ref().is_some_and(|existing| existing.value.gives_access()) {
            return Err(taken());
        }
        if !course.price.is_free() {
            return Err(unpaid(&course));
        }

        let enrollment = Enrollment {
            id: app.id(),
            user_id: learner.id,
            course_id,
            kind: EnrollmentKind::Free,
            status: EnrollmentStatus::Active,
            enrolled_at: app.now(),
            completed_at: None,
            completed_lessons: 0,
            total_lessons: 0,
        };
        let output = Created(EnrollmentView::from(&enrollment));
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
                course_id,
                course_title: course.title.into(),
                learner_name: learner.display_name(),
            },
        );
        caller.commit(app, change, output).await
    }
}

fn taken() -> Error {
    Error::new(Code::AlreadyEnrolled, "go on learning; GET /v1/me/courses lists your enrolments")
}

fn unpaid(course: &Course) -> Error {
    Error::new(Code::PaymentRequired, "this course has a price, and this school takes no payments yet")
        .with("price", json!(course.price))
}
