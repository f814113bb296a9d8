//! Who learns from a lesson: those who are enrolled in its course, once it is visible.

use domain::{
    catalog::{Lesson, LessonId},
    learning::{Enrollment, LessonProgress},
};
use kernel::{Code, Error, Result, UserId};
use runtime::{Access, App, Call, Path, access::SignedIn};
use store::{AnyKey, Consistency, Stored, keys};

use crate::course_learner::not_enrolled;

/// Somebody enrolled in the course that the visible lesson `{lesson_id}` belongs to.
pub struct LessonLearner {
    pub user: SignedIn,
    pub lesson: Lesson,
    pub enrollment: Stored<Enrollment>,
    /// Theirs in this lesson; absent before the first report.
    pub progress: Option<Stored<LessonProgress>>,
}

impl Access for LessonLearner {
    const RULE: &'static str = "learner";
    const WHO: &'static str = "those who are enrolled in the lesson's course";
    const ERRORS: &'static [Code] = &[Code::FORBIDDEN];
    type Path = Path<LessonId>;

    async fn authorize(app: &App, call: &Call, Path(id): Path<LessonId>) -> Result<Self> {
        let key = keys::lesson(&call.school, id);
        let (user, mut found) = SignedIn::with(app, call, [AnyKey::from(&key)]).await?;
        let lesson = found.take(&key)?.map(|lesson| lesson.value).filter(|lesson| lesson.is_published);
        let lesson = lesson.ok_or_else(|| Error::not_found("lesson"))?;

        let (learner, course) = (user.account.value.id, lesson.course_id);
        let enrollment_key = keys::enrollment(&call.school, learner, course);
        let progress_key = keys::progress(&call.school, learner, course, id);
        let wanted = [AnyKey::from(&enrollment_key), AnyKey::from(&progress_key)];
        let mut found = app.store.batch_get(wanted, Consistency::Strong).await?;
        match found.take(&enrollment_key)?.filter(|enrollment| enrollment.value.gives_access()) {
            Some(enrollment) => Ok(Self { user, lesson, enrollment, progress: found.take(&progress_key)? }),
            None => Err(not_enrolled(app, call, course, "lesson").await),
        }
    }

    fn user_id(&self) -> Option<UserId> {
        self.user.user_id()
    }
}
