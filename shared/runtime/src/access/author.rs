//! Permissions over a course and its parts: its author, while an instructor, and every admin. For all others a
//! course they may see refuses (403) and one they may not see does not exist (404).

use domain::catalog::{Course, CourseStatus, Lesson};
use kernel::{Code, CourseId, Error, LessonId, ModuleId, Result, UserId};
use store::{Consistency, Stored, keys};

use super::{Access, User};
use crate::{App, Call, Path};

async fn editable(
    app: &App,
    call: &Call,
    user: &User,
    id: CourseId,
    what: &'static str,
) -> Result<Stored<Course>> {
    let course = app.store.get(&keys::course(&call.school, id), Consistency::Strong).await?;
    let course = course.ok_or_else(|| Error::not_found(what))?;
    if user.account.value.may_edit(&course.value) {
        return Ok(course);
    }
    if what == "course" && course.value.status == CourseStatus::Published {
        return Err(Error::new(Code::Forbidden, "only the course's author may do this"));
    }
    Err(Error::not_found(what))
}

/// The author of `{course_id}`, or an admin.
pub struct CourseAuthor {
    pub user: User,
    pub course: Stored<Course>,
}

impl Access for CourseAuthor {
    const RULE: &'static str = "author";
    const WHO: &'static str = "the author of the course, and admins";
    const ERRORS: &'static [Code] = &[Code::Forbidden];
    type Path = Path<CourseId>;

    async fn authorize(app: &App, call: &Call, Path(id): Path<CourseId>) -> Result<Self> {
        let user = User::authorize(app, call, ()).await?;
        let course = editable(app, call, &user, id, "course").await?;
        Ok(Self { user, course })
    }

    fn user_id(&self) -> Option<UserId> {
        self.user.user_id()
    }
}

/// The author of the course that `{module_id}` belongs to, or an admin.
pub struct ModuleAuthor {
    pub user: User,
    pub course: Stored<Course>,
    pub module_id: ModuleId,
}

impl Access for ModuleAuthor {
    const RULE: &'static str = "author";
    const WHO: &'static str = "the author of the module's course, and admins";
    type Path = Path<ModuleId>;

    async fn authorize(app: &App, call: &Call, Path(module_id): Path<ModuleId>) -> Result<Self> {
        let user = User::authorize(app, call, ()).await?;
        let absent = || Error::not_found("module");
        let pointer =
            app.store.get(&keys::module_course(&call.school, module_id), Consistency::Strong).await?;
        let course_id = pointer.ok_or_else(absent)?.value.target;
        let course = editable(app, call, &user, course_id, "module").await?;
        Ok(Self { user, course, module_id })
    }

    fn user_id(&self) -> Option<UserId> {
        self.user.user_id()
    }
}

/// The author of the course that `{lesson_id}` belongs to, or an admin.
pub struct LessonAuthor {
    pub user: User,
    pub course: Stored<Course>,
    pub lesson: Stored<Lesson>,
}

impl Access for LessonAuthor {
    const RULE: &'static str = "author";
    const WHO: &'static str = "the author of the lesson's course, and admins";
    type Path = Path<LessonId>;

    async fn authorize(app: &App, call: &Call, Path(id): Path<LessonId>) -> Result<Self> {
        let user = User::authorize(app, call, ()).await?;
        let absent = || Error::not_found("lesson");
        let lesson =
            app.store.get(&keys::lesson(&call.school, id), Consistency::Strong).await?.ok_or_else(absent)?;
        let course = editable(app, call, &user, lesson.value.course_id, "lesson").await?;
        Ok(Self { user, course, lesson })
    }

    fn user_id(&self) -> Option<UserId> {
        self.user.user_id()
    }
}
