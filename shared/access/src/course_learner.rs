//! Who learns in a course: the enrolled.

use domain::{catalog::CourseId, learning::Enrollment};
use kernel::{Code, Error, Result, UserId};
use runtime::{Access, App, Call, Path, access::SignedIn};
use store::{AnyKey, Consistency, Stored, keys};

/// Somebody enrolled in `{course_id}`.
pub struct CourseLearner {
    pub user: SignedIn,
    pub enrollment: Stored<Enrollment>,
}

impl Access for CourseLearner {
    const RULE: &'static str = "learner";
    const WHO: &'static str = "those who are enrolled in the course";
    const ERRORS: &'static [Code] = &[Code::FORBIDDEN];
    type Path = Path<CourseId>;

    async fn authorize(app: &App, call: &Call, Path(id): Path<CourseId>) -> Result<Self> {
        let key = keys::enrollment(&call.school, call.token()?.sub, id);
        let (user, mut found) = SignedIn::with(app, call, [AnyKey::from(&key)]).await?;
        match found.take(&key)?.filter(|enrollment| enrollment.value.gives_access()) {
            Some(enrollment) => Ok(Self { user, enrollment }),
            None => Err(not_enrolled(app, call, id, "course").await),
        }
    }

    fn user_id(&self) -> Option<UserId> {
        self.user.user_id()
    }
}

/// What somebody without an enrolment reads, whichever way they reach for a course: to enrol where they see it, and
/// elsewhere that it does not exist. Only they wait for the course to be read.
pub(crate) async fn not_enrolled(app: &App, call: &Call, course: CourseId, what: &'static str) -> Error {
    match app.store.get(&keys::course(&call.school, course), Consistency::Strong).await {
        Ok(Some(course)) if course.value.is_published() => enroll_first(),
        Ok(_) => Error::not_found(what),
        Err(error) => error,
    }
}

pub(crate) fn enroll_first() -> Error {
    Error::new(Code::FORBIDDEN, "enrol in the course first")
}
