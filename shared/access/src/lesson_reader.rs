//! Who may read a lesson.

use domain::catalog::{Lesson, LessonId};
use kernel::{Code, Error, Result, UserId};
use runtime::{
    Access, App, Call, Path, SignIn,
    access::{SignedIn, Visitor},
};
use store::{AnyKey, Consistency, Stored, keys};

use crate::course_learner::enroll_first;

/// Somebody who may read the lesson `{lesson_id}`: anybody a preview, the enrolled every visible lesson, the author
/// and admins all of them.
pub struct LessonReader {
    pub user: Option<SignedIn>,
    pub lesson: Stored<Lesson>,
}

impl Access for LessonReader {
    const RULE: &'static str = "learner";
    const WHO: &'static str =
        "those who are enrolled in the lesson's course, its author and admins; a preview is for anybody";
    const SIGN_IN: SignIn = SignIn::Optional;
    const ERRORS: &'static [Code] = &[Code::UNAUTHENTICATED, Code::FORBIDDEN];
    type Path = Path<LessonId>;

    async fn authorize(app: &App, call: &Call, Path(id): Path<LessonId>) -> Result<Self> {
        let key = keys::lesson(&call.school, id);
        let (Visitor(user), mut found) = Visitor::with(app, call, [AnyKey::from(&key)]).await?;
        let absent = || Error::not_found("lesson");
        let lesson = found.take(&key)?.ok_or_else(absent)?;
        let course_id = lesson.value.course_id;
        if let Some(user) = &user
            && lesson.value.is_published
        {
            let key = keys::enrollment(&call.school, user.account.value.id, course_id);
            let enrollment = app.store.get(&key, Consistency::Strong).await?;
            if enrollment.is_some_and(|enrollment| enrollment.value.gives_access()) {
                return Ok(Self { user: Some(user.clone()), lesson });
            }
        }
        // Only those who learn here are spared the course, which may be long.
        let course = app.store.get(&keys::course(&call.school, course_id), Consistency::Strong).await?;
        let course = course.ok_or_else(absent)?.value;
        if user.as_ref().is_some_and(|user| course.may_be_edited_by(&user.account.value)) {
            return Ok(Self { user, lesson });
        }
        if !course.is_published() || !lesson.value.is_published {
            return Err(absent());
        }
        match user {
            user if lesson.value.is_preview => Ok(Self { user, lesson }),
            Some(_) => Err(enroll_first()),
            None => Err(Error::new(Code::UNAUTHENTICATED, "sign in and enrol to open this lesson")),
        }
    }

    fn user_id(&self) -> Option<UserId> {
        self.user.as_ref().and_then(SignedIn::user_id)
    }
}
