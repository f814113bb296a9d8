//! Who sees a course: a published one everybody, a draft its author, admins and those who enrolled while it was published.

use domain::{
    catalog::{CourseId, CourseKind, Slug},
    identity::User,
    learning::Enrollment,
};
use kernel::{Error, Result, School, UserId};
use runtime::{
    Access, App, Call, IdOr, Path, SignIn,
    access::{SignedIn, Visitor},
};
use store::{AnyKey, Consistency, CourseOutline, keys};

/// Somebody who sees the course `{course_id}`, named by its id or its slug.
pub struct CourseReader {
    pub user: Option<SignedIn>,
    pub outline: CourseOutline,
    /// Its author's account, where it could be read beside.
    pub author: Option<User>,
    /// The caller's own, if it gives access.
    pub enrollment: Option<Enrollment>,
    /// Whether they may edit it, and see what is hidden.
    pub edits: bool,
}

impl CourseReader {
    /// How what else is shown is read: whoever signed in may just have written it.
    #[must_use]
    pub fn consistency(&self) -> Consistency {
        consistency(self.user.is_some())
    }
}

fn consistency(signed_in: bool) -> Consistency {
    if signed_in { Consistency::Strong } else { Consistency::Eventual }
}

impl Access for CourseReader {
    const RULE: &'static str = Visitor::RULE;
    const WHO: &'static str = Visitor::WHO;
    const SIGN_IN: SignIn = SignIn::Optional;
    type Path = Path<IdOr<CourseKind, Slug>>;

    async fn authorize(app: &App, call: &Call, Path(named): Self::Path) -> Result<Self> {
        // Nothing is looked up for a token that is not valid.
        Self::SIGN_IN.check(call)?;
        let absent = || Error::not_found("course");
        let Some(id) = find(app, &call.school, &named).await? else {
            Visitor::authorize(app, call, ()).await?;
            return Err(absent());
        };
        let claims = call.token().ok();
        let own_key = claims.map(|claims| keys::enrollment(&call.school, claims.sub, id));
        // Where its author is known, and not the caller, whose account is read anyway, one call brings all of them.
        let authors = app.remembered::<CourseId, UserId>();
        let author = authors.get(&id).filter(|author| claims.is_some_and(|claims| claims.sub != *author));
        let author_key = author.map(|author| keys::user(&call.school, author));
        let mut wanted = Vec::from_iter(own_key.as_ref().map(AnyKey::from));
        wanted.extend(author_key.as_ref().map(AnyKey::from));
        let ((Visitor(user), mut found), outline) = tokio::try_join!(
            Visitor::with(app, call, wanted),
            app.store.course_outline(&call.school, id, consistency(claims.is_some())),
        )?;
        let outline = outline.ok_or_else(absent)?;
        let author_id = outline.course.value.author_id;
        authors.keep(id, author_id);
        let author = match &author_key {
            Some(key) => found.take(key)?.map(|author| author.value).filter(|author| author.id == author_id),
            None => None,
        };
        let enrollment = match &own_key {
            Some(key) => found.take(key)?.map(|own| own.value).filter(Enrollment::gives_access),
            None => None,
        };
        let course = &outline.course.value;
        let edits = user.as_ref().is_some_and(|user| course.may_be_edited_by(&user.account.value));
        if !course.is_published() && !edits && enrollment.is_none() {
            return Err(absent());
        }
        Ok(Self { user, outline, author, enrollment, edits })
    }

    fn user_id(&self) -> Option<UserId> {
        self.user.as_ref().and_then(SignedIn::user_id)
    }
}

async fn find(app: &App, school: &School, named: &IdOr<CourseKind, Slug>) -> Result<Option<CourseId>> {
    let slug = match named {
        IdOr::Id(id) => return Ok(Some(*id)),
        IdOr::Alias(slug) => slug,
    };
    let pointer = app.store.get(&keys::slug(school, slug), Consistency::Eventual).await?;
    Ok(pointer.map(|pointer| pointer.value.target))
}
