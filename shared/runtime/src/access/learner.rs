//! Permissions by enrolment.

use domain::{
    catalog::{CourseStatus, Lesson},
    learning::Enrollment,
};
use kernel::{Code, CourseId, Error, LessonId, Result, UserId};
use store::{Consistency, Stored, keys};

use super::{Access, SignIn, User, Visitor};
use crate::{App, Call, Path};

async fn enrollment(
    app: &App,
    call: &Call,
    user: &User,
    course: CourseId,
) -> Result<Option<Stored<Enrollment>>> {
    let key = keys::enrollment(&call.school, user.account.value.id, course);
    let enrollment = app.store.get(&key, Consistency::Strong).await?;
    Ok(enrollment.filter(|enrollment| enrollment.value.gives_access()))
}

/// What somebody without an enrolment reads, whichever way they reach for a course: to enrol where they see it, and
/// elsewhere that it does not exist.
async fn not_enrolled(app: &App, call: &Call, course: CourseId, what: &'static str) -> Error {
    match app.store.get(&keys::course(&call.school, course), Consistency::Strong).await {
        Ok(Some(course)) if course.value.status == CourseStatus::Published => enroll_first(),
        Ok(_) => Error::not_found(what),
        Err(error) => error,
    }
}

fn enroll_first() -> Error {
    Error::new(Code::Forbidden, "enrol in the course first")
}

/// Somebody enrolled in `{course_id}`.
pub struct CourseLearner {
    pub user: User,
    pub enrollment: Stored<Enrollment>,
}

impl Access for CourseLearner {
    const RULE: &'static str = "learner";
    const WHO: &'static str = "those who are enrolled in the course";
    const ERRORS: &'static [Code] = &[Code::Forbidden];
    type Path = Path<CourseId>;

    async fn authorize(app: &App, call: &Call, Path(id): Path<CourseId>) -> Result<Self> {
        let user = User::authorize(app, call, ()).await?;
        match enrollment(app, call, &user, id).await? {
            Some(enrollment) => Ok(Self { user, enrollment }),
            None => Err(not_enrolled(app, call, id, "course").await),
        }
    }

    fn user_id(&self) -> Option<UserId> {
        self.user.user_id()
    }
}

/// Somebody enrolled in the course that the visible lesson `{lesson_id}` belongs to.
pub struct LessonLearner {
    pub user: User,
    pub lesson: Lesson,
    pub enrollment: Stored<Enrollment>,
}

impl Access for LessonLearner {
    const RULE: &'static str = "learner";
    const WHO: &'static str = "those who are enrolled in the lesson's course";
    const ERRORS: &'static [Code] = &[Code::Forbidden];
    type Path = Path<LessonId>;

    async fn authorize(app: &App, call: &Call, Path(id): Path<LessonId>) -> Result<Self> {
        let user = User::authorize(app, call, ()).await?;
        let absent = || Error::not_found("lesson");
        let lesson = app.store.get(&keys::lesson(&call.school, id), Consistency::Strong).await?;
        let lesson =
            lesson.map(|lesson| lesson.value).filter(|lesson| lesson.is_published).ok_or_else(absent)?;
        match enrollment(app, call, &user, lesson.course_id).await? {
            Some(enrollment) => Ok(Self { user, lesson, enrollment }),
            None => Err(not_enrolled(app, call, lesson.course_id, "lesson").await),
        }
    }

    fn user_id(&self) -> Option<UserId> {
        self.user.user_id()
    }
}

/// Somebody who may read the lesson `{lesson_id}`: anybody a preview, the enrolled every visible lesson, the author
/// and admins all of them.
pub struct LessonReader {
    pub user: Option<User>,
    pub lesson: Stored<Lesson>,
}

impl Access for LessonReader {
    const RULE: &'static str = "learner";
    const WHO: &'static str =
        "those who are enrolled in the lesson's course, its author and admins; a preview is for anybody";
    const SIGN_IN: SignIn = SignIn::Optional;
    const ERRORS: &'static [Code] = &[Code::Unauthenticated, Code::Forbidden];
    type Path = Path<LessonId>;

    async fn authorize(app: &App, call: &Call, Path(id): Path<LessonId>) -> Result<Self> {
        let user = Visitor::authorize(app, call, ()).await?.0;
        let absent = || Error::not_found("lesson");
        let lesson =
            app.store.get(&keys::lesson(&call.school, id), Consistency::Strong).await?.ok_or_else(absent)?;
        if let Some(user) = &user
            && lesson.value.is_published
            && enrollment(app, call, user, lesson.value.course_id).await?.is_some()
        {
            return Ok(Self { user: Some(user.clone()), lesson });
        }
        let course =
            app.store.get(&keys::course(&call.school, lesson.value.course_id), Consistency::Strong).await?;
        let course = course.ok_or_else(absent)?.value;
        if user.as_ref().is_some_and(|user| user.account.value.may_edit(&course)) {
            return Ok(Self { user, lesson });
        }
        if course.status != CourseStatus::Published || !lesson.value.is_published {
            return Err(absent());
        }
        match user {
            user if lesson.value.is_preview => Ok(Self { user, lesson }),
            Some(_) => Err(enroll_first()),
            None => Err(Error::new(Code::Unauthenticated, "sign in and enrol to open this lesson")),
        }
    }

    fn user_id(&self) -> Option<UserId> {
        self.user.as_ref().and_then(User::user_id)
    }
}
