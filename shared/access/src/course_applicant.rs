//! Who may ask to take a course.

use domain::{
    catalog::{Course, CourseId},
    learning::Enrollment,
};
use kernel::{Result, UserId};
use runtime::{Access, App, Call, Path, access::SignedIn};
use store::{AnyKey, Stored, keys};

/// Anybody who signed in, and the course `{course_id}` that they want to take. That there is none is for the feature to
/// say: whoever enrolled, and asks again with the same `Idempotency-Key`, gets the first answer though the course is hidden
/// by now.
pub struct CourseApplicant {
    pub user: SignedIn,
    /// If it is published.
    pub course: Option<Course>,
    /// If there was one before, whether it gives access or not.
    pub enrollment: Option<Stored<Enrollment>>,
}

impl Access for CourseApplicant {
    const RULE: &'static str = SignedIn::RULE;
    const WHO: &'static str = SignedIn::WHO;
    type Path = Path<CourseId>;

    async fn authorize(app: &App, call: &Call, Path(id): Path<CourseId>) -> Result<Self> {
        let course_key = keys::course(&call.school, id);
        let key = keys::enrollment(&call.school, call.token()?.sub, id);
        let wanted = [AnyKey::from(&course_key), AnyKey::from(&key)];
        let (user, mut found) = SignedIn::with(app, call, wanted).await?;
        let course = found.take(&course_key)?.map(|course| course.value).filter(Course::is_published);
        Ok(Self { user, course, enrollment: found.take(&key)? })
    }

    fn user_id(&self) -> Option<UserId> {
        self.user.user_id()
    }
}
