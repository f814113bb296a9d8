//! PATCH /v1/courses/{course_id}

use access::CourseAuthor;
use domain::catalog::{CourseEdit, SLUG_TAKEN};
use kernel::{Code, Error, Result};
use runtime::{App, Budget, Caller, Endpoint, IfMatch, Json, Needs, Proposed, Revised, Route, Table, patch};
use store::{
    Stored,
    keys::{self, CoursePointer},
};

use crate::{CourseView, fetch, follow::follow};

/// Changes what a course says of itself, also while it is published.
pub struct UpdateCourse;

impl Endpoint for UpdateCourse {
    const NAME: &'static str = "catalog-update-course";
    const ROUTE: Route = patch("/v1/courses/{course_id}");
    const SUMMARY: &'static str = "Edit a course";
    const BUDGET: Budget = Budget { reads: 2, writes: 1 };
    const NEEDS: Needs = Needs::table(&[Table::Delete, Table::Put, Table::Update]);
    const ERRORS: &'static [Code] = &[SLUG_TAKEN];
    type Access = CourseAuthor;
    type Input = (IfMatch, Proposed<CourseEdit>);
    type Output = Revised<Json<CourseView>>;

    async fn handle(
        app: &App,
        caller: Caller<CourseAuthor>,
        (if_match, Proposed(edit, mut violations)): Self::Input,
    ) -> Result<Self::Output> {
        let Stored { value: before, rev } = &caller.access.course;
        if_match.check(*rev)?;
        let school = &caller.school;
        let category = edit.category_id.value().copied().filter(|new| before.category_id != Some(*new));
        fetch::check_category(app, school, category, &mut violations).await?;
        let course = before.edit(edit, violations, app.now())?;
        let mut change = app.store.transaction(school);
        change.replace_or(&keys::course(school, course.id), &course, *rev, IfMatch::stale);
        follow(&mut change, school, before, &course, &caller.access.card, &caller.access.user);
        if before.slug != course.slug {
            change.delete(&keys::slug(school, &before.slug)).create(
                &keys::slug(school, &course.slug),
                &CoursePointer { target: course.id },
                || Error::new(SLUG_TAKEN, "choose another slug"),
            );
        }
        caller.commit(app, change, Revised(rev + 1, Json(CourseView::from(&course)))).await
    }
}
