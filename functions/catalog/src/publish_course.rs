//! POST /v1/courses/{course_id}/publish

use access::CourseAuthor;
use domain::catalog::{CoursePublished, NOT_PUBLISHABLE};
use kernel::{Code, Error, Result};
use runtime::{App, Budget, Caller, Endpoint, Json, Needs, Revised, Route, Table, post};
use store::{Consistency, Stored, keys};

use crate::{CourseView, follow::follow};

/// Makes a course visible. Publishing a published course changes nothing.
pub struct PublishCourse;

impl Endpoint for PublishCourse {
    const NAME: &'static str = "catalog-publish-course";
    const ROUTE: Route = post("/v1/courses/{course_id}/publish");
    const SUMMARY: &'static str = "Publish a course; 422 lists everything that is missing";
    const BUDGET: Budget = Budget { reads: 2, writes: 1 };
    const NEEDS: Needs = Needs::table(&[Table::Put, Table::Query, Table::Update]);
    const ERRORS: &'static [Code] = &[NOT_PUBLISHABLE];
    type Access = CourseAuthor;
    type Input = ();
    type Output = Revised<Json<CourseView>>;

    async fn handle(app: &App, caller: Caller<CourseAuthor>, (): ()) -> Result<Self::Output> {
        let school = &caller.school;
        let id = caller.access.course.value.id;
        let outline = app.store.course_outline(school, id, Consistency::Strong).await?;
        let outline = outline.ok_or_else(|| Error::not_found("course"))?;
        let Stored { value: before, rev } = &outline.course;
        let Some(course) = before.publish(&outline.lessons, app.now())? else {
            return Ok(Revised(*rev, Json(CourseView::from(before))));
        };
        let mut change = app.store.transaction(school);
        change.replace(&keys::course(school, id), &course, *rev);
        follow(&mut change, school, before, &course, &outline.card, &caller.access.user);
        change.event(
            &caller.origin(app),
            &CoursePublished {
                course_id: id,
                author_id: course.author_id,
                title: course.title.to_string(),
                slug: course.slug.to_string(),
            },
        );
        caller.commit(app, change, Revised(rev + 1, Json(CourseView::from(&course)))).await
    }
}
