//! Who may edit a lesson. For all others it does not exist, though they may see its course.

use domain::catalog::{Course, CourseCard, Lesson, LessonId};
use kernel::{Error, Result, UserId};
use runtime::{Access, App, Call, Path, access::SignedIn};
use store::{AnyKey, Consistency, Stored, keys};

use crate::course_author::card;

/// The author of the course that `{lesson_id}` belongs to, or an admin.
pub struct LessonAuthor {
    pub user: SignedIn,
    pub course: Stored<Course>,
    pub card: Stored<CourseCard>,
    pub lesson: Stored<Lesson>,
}

impl Access for LessonAuthor {
    const RULE: &'static str = "author";
    const WHO: &'static str = "the author of the lesson's course, and admins";
    type Path = Path<LessonId>;

    async fn authorize(app: &App, call: &Call, Path(id): Path<LessonId>) -> Result<Self> {
        let key = keys::lesson(&call.school, id);
        let (user, mut found) = SignedIn::with(app, call, [AnyKey::from(&key)]).await?;
        let absent = || Error::not_found("lesson");
        let lesson = found.take(&key)?.ok_or_else(absent)?;
        let course_key = keys::course(&call.school, lesson.value.course_id);
        let card_key = keys::course_card(&call.school, lesson.value.course_id);
        let wanted = [AnyKey::from(&course_key), AnyKey::from(&card_key)];
        let mut found = app.store.batch_get(wanted, Consistency::Strong).await?;
        let course = found.take(&course_key)?;
        let course = course.filter(|course| course.value.may_be_edited_by(&user.account.value));
        let course = course.ok_or_else(absent)?;
        Ok(Self { user, course, card: card(&mut found, &card_key)?, lesson })
    }

    fn user_id(&self) -> Option<UserId> {
        self.user.user_id()
    }
}
