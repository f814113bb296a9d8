//! Who learns from a lesson: those who are enrolled in its course, once it is visible.

use domain::{
    catalog::{CourseId, Lesson, LessonId},
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
        let learner = call.token()?.sub;
        let key = keys::lesson(&call.school, id);
        let theirs = |course| {
            let enrollment = keys::enrollment(&call.school, learner, course);
            (enrollment, keys::progress(&call.school, learner, course, id))
        };
        // Where its course is known, there is nothing to wait for.
        let courses = app.remembered::<LessonId, CourseId>();
        let known = courses.get(&id);
        let mut wanted = vec![AnyKey::from(&key)];
        if let Some((enrollment, progress)) = known.map(theirs) {
            wanted.extend([AnyKey::from(&enrollment), AnyKey::from(&progress)]);
        }
        let (user, mut found) = SignedIn::with(app, call, wanted).await?;
        let lesson = found.take(&key)?.map(|lesson| lesson.value).filter(|lesson| lesson.is_published);
        let lesson = lesson.ok_or_else(|| Error::not_found("lesson"))?;

        let course = lesson.course_id;
        let (enrollment_key, progress_key) = theirs(course);
        if known != Some(course) {
            let wanted = [AnyKey::from(&enrollment_key), AnyKey::from(&progress_key)];
            found = app.store.batch_get(wanted, Consistency::Strong).await?;
            courses.keep(id, course);
        }
        match found.take(&enrollment_key)?.filter(|enrollment| enrollment.value.gives_access()) {
            Some(enrollment) => Ok(Self { user, lesson, enrollment, progress: found.take(&progress_key)? }),
            None => Err(not_enrolled(app, call, course, "lesson").await),
        }
    }

    fn user_id(&self) -> Option<UserId> {
        self.user.user_id()
    }
}
