//! Who may edit a module. For all others it does not exist, though they may see its course.

use domain::catalog::{Course, CourseCard, Module, ModuleId};
use kernel::{Error, Result, UserId};
use runtime::{Access, App, Call, Path, access::SignedIn};
use store::{AnyKey, Consistency, Stored, keys};

use crate::course_author::card;

/// The author of the course that `{module_id}` belongs to, or an admin.
pub struct ModuleAuthor {
    pub user: SignedIn,
    pub course: Stored<Course>,
    pub card: Stored<CourseCard>,
    pub module: Stored<Module>,
}

impl Access for ModuleAuthor {
    const RULE: &'static str = "author";
    const WHO: &'static str = "the author of the module's course, and admins";
    type Path = Path<ModuleId>;

    async fn authorize(app: &App, call: &Call, Path(id): Path<ModuleId>) -> Result<Self> {
        let pointer_key = keys::module_course(&call.school, id);
        let (user, mut found) = SignedIn::with(app, call, [AnyKey::from(&pointer_key)]).await?;
        let absent = || Error::not_found("module");
        let course_id = found.take(&pointer_key)?.ok_or_else(absent)?.value.target;
        let course_key = keys::course(&call.school, course_id);
        let card_key = keys::course_card(&call.school, course_id);
        let key = keys::module(&call.school, course_id, id);
        let wanted = [AnyKey::from(&course_key), AnyKey::from(&card_key), AnyKey::from(&key)];
        let mut found = app.store.batch_get(wanted, Consistency::Strong).await?;
        let course = found.take(&course_key)?;
        let course = course.filter(|course| course.value.may_be_edited_by(&user.account.value));
        let course = course.ok_or_else(absent)?;
        let module = found.take(&key)?.ok_or_else(absent)?;
        Ok(Self { user, course, card: card(&mut found, &card_key)?, module })
    }

    fn user_id(&self) -> Option<UserId> {
        self.user.user_id()
    }
}
