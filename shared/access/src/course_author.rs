//! Who may edit a course: its author, while an instructor, and every admin.

use domain::catalog::{Course, CourseCard, CourseId};
use kernel::{Code, Error, Result, UserId};
use runtime::{Access, App, Call, Path, access::SignedIn};
use store::{AnyKey, Batch, Key, Stored, keys};

/// The author of `{course_id}`, or an admin.
pub struct CourseAuthor {
    pub user: SignedIn,
    pub course: Stored<Course>,
    pub card: Stored<CourseCard>,
}

impl Access for CourseAuthor {
    const RULE: &'static str = "author";
    const WHO: &'static str = "the author of the course, and admins";
    const ERRORS: &'static [Code] = &[Code::FORBIDDEN];
    type Path = Path<CourseId>;

    async fn authorize(app: &App, call: &Call, Path(id): Path<CourseId>) -> Result<Self> {
        let (key, card_key) = (keys::course(&call.school, id), keys::course_card(&call.school, id));
        let wanted = [AnyKey::from(&key), AnyKey::from(&card_key)];
        let (user, mut found) = SignedIn::with(app, call, wanted).await?;
        let absent = || Error::not_found("course");
        let course = found.take(&key)?.ok_or_else(absent)?;
        if course.value.may_be_edited_by(&user.account.value) {
            return Ok(Self { user, course, card: card(&mut found, &card_key)? });
        }
        if course.value.is_published() {
            return Err(Error::new(Code::FORBIDDEN, "only the course's author may do this"));
        }
        Err(absent())
    }

    fn user_id(&self) -> Option<UserId> {
        self.user.user_id()
    }
}

/// The card that stands beside every course, and that nearly every edit of it changes too.
pub(crate) fn card(found: &mut Batch, key: &Key<CourseCard>) -> Result<Stored<CourseCard>> {
    found.take(key)?.ok_or_else(|| Error::internal(format!("no card at {key:?}")))
}
