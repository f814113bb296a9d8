//! POST /v1/courses/{course_id}/unpublish

use access::CourseAuthor;
use domain::catalog::CourseUnpublished;
use kernel::Result;
use runtime::{App, Budget, Caller, Endpoint, Json, Needs, Revised, Route, Table, post};
use store::{Stored, keys};

use crate::{CourseView, follow::follow};

/// Makes a published course a draft again: nobody finds it or enrols in it any more, and whoever is enrolled keeps
/// lessons, progress and certificate. Unpublishing a draft changes nothing.
pub struct UnpublishCourse;

impl Endpoint for UnpublishCourse {
    const NAME: &'static str = "catalog-unpublish-course";
    const ROUTE: Route = post("/v1/courses/{course_id}/unpublish");
    const SUMMARY: &'static str = "Take a course out of the catalogue; its learners keep it";
    const BUDGET: Budget = Budget { reads: 1, writes: 1 };
    const NEEDS: Needs = Needs::table(&[Table::Delete, Table::Put, Table::Update]);
    type Access = CourseAuthor;
    type Input = ();
    type Output = Revised<Json<CourseView>>;

    async fn handle(app: &App, caller: Caller<CourseAuthor>, (): ()) -> Result<Self::Output> {
        let school = &caller.school;
        let Stored { value: before, rev } = &caller.access.course;
        let Some(course) = before.unpublish(app.now()) else {
            return Ok(Revised(*rev, Json(CourseView::from(before))));
        };
        let mut change = app.store.transaction(school);
        change.replace(&keys::course(school, course.id), &course, *rev);
        follow(&mut change, school, before, &course, &caller.access.card, &caller.access.user);
        change.event(
            &caller.origin(app),
            &CourseUnpublished {
                course_id: course.id,
                author_id: course.author_id,
                title: course.title.to_string(),
            },
        );
        caller.commit(app, change, Revised(rev + 1, Json(CourseView::from(&course)))).await
    }
}
