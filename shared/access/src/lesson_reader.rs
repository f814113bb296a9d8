//! Who may read a lesson.

use domain::catalog::{CourseId, Lesson, LessonId};
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
        Self::SIGN_IN.check(call)?;
        let key = keys::lesson(&call.school, id);
        let reader = call.token().ok().map(|claims| claims.sub);
        let own = |course| reader.map(|reader| keys::enrollment(&call.school, reader, course));
        // Where its course is known, there is nothing to wait for.
        let courses = app.remembered::<LessonId, CourseId>();
        let known = courses.get(&id);
        let mut wanted = vec![AnyKey::from(&key)];
        wanted.extend(known.and_then(own).map(|own| AnyKey::from(&own)));
        let (Visitor(user), mut found) = Visitor::with(app, call, wanted).await?;
        let absent = || Error::not_found("lesson");
        let lesson = found.take(&key)?.ok_or_else(absent)?;
        let course_id = lesson.value.course_id;
        if let Some(own) = own(course_id)
            && lesson.value.is_published
        {
            let enrollment = if known == Some(course_id) {
                found.take(&own)?
            } else {
                courses.keep(id, course_id);
                app.store.get(&own, Consistency::Strong).await?
            };
            if enrollment.is_some_and(|enrollment| enrollment.value.gives_access()) {
                return Ok(Self { user, lesson });
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
