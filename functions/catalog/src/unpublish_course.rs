//! POST /v1/courses/{course_id}/unpublish

use domain::{catalog::CourseStatus, event::CourseUnpublished};
use kernel::Result;
use runtime::{
    App, Budget, Caller, Endpoint, Json, Needs, Revised, Route, Table, access::CourseAuthor, post,
};
use store::{Stored, keys};

use crate::{CourseView, fetch};

/// Makes a published course a draft again: nobody finds it or enrols in it any more, and whoever is enrolled keeps
/// lessons, progress and certificate. Unpublishing a draft changes nothing.
pub struct UnpublishCourse;

impl Endpoint for UnpublishCourse {
    const NAME: &'static str = "catalog-unpublish-course";
    const ROUTE: Route = post("/v1/courses/{course_id}/unpublish");
    const SUMMARY: &'static str = "Take a course out of the catalogue; its learners keep it";
    const BUDGET: Budget = Budget { reads: 3, writes: 1 };
    // Who calls, the course, its card, then the change.
    const WAVES: u32 = 4;
    const NEEDS: Needs = Needs::table(&[Table::Delete, Table::Put, Table::Update]);
    type Access = CourseAuthor;
    type Input = ();
    type Output = Revised<Json<CourseView>>;

    async fn handle(app: &App, caller: Caller<CourseAuthor>, (): ()) -> Result<Self::Output> {
        unpublish(app, &caller).await
    }
}

async fn unpublish(app: &App, caller: &Caller<CourseAuthor>) -> Result<Revised<Json<CourseView>>> {
    let school = &caller.school;
    let Stored { value: mut course, rev } = caller.access.course.clone();
    let id = course.id;
    if course.status != CourseStatus::Published {
        return Ok(Revised(rev, Json(CourseView::from(&course))));
    }

    course.status = CourseStatus::Draft;
    course.published_at = None;
    course.updated_at = app.now();
    let card = fetch::card(app, school, id).await?;
    let mut hidden = card.value.clone();
    hidden.follow_edit(&course, &caller.access.user.account.value);
    let mut change = app.store.transaction(school);
    change.replace(&keys::course(school, id), &course, rev).replace_card(&card, &hidden);
    if let Some(category) = course.category_id {
        change.add(&keys::category(school, category), "course_count", -1);
    }
    change.event(
        &caller.origin(app),
        &CourseUnpublished { course_id: id, author_id: course.author_id, title: course.title.clone() },
    );
    caller.commit(app, change, Revised(rev + 1, Json(CourseView::from(&course)))).await
}
