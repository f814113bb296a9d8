//! POST /v1/courses/{course_id}/unpublish

use domain::{catalog::CourseStatus, event::CourseUnpublished};
use kernel::Result;
use runtime::{
    App, Attempts, Budget, Caller, Endpoint, Etag, Json, Needs, Route, Table, access::CourseAuthor, post,
};
use store::keys;

use crate::{CourseView, fetch};

/// Makes a published course a draft again: nobody finds it or enrols in it any more, and whoever is enrolled keeps
/// lessons, progress and certificate. Unpublishing a draft changes nothing.
pub struct UnpublishCourse;

impl Endpoint for UnpublishCourse {
    const NAME: &'static str = "catalog-unpublish-course";
    const ROUTE: Route = post("/v1/courses/{course_id}/unpublish");
    const SUMMARY: &'static str = "Take a course out of the catalogue; its learners keep it";
    const BUDGET: Budget = Budget { reads: 4, writes: 1 };
    // Who calls, the course, all of it, then the change.
    const WAVES: u32 = 5;
    const NEEDS: Needs = Needs::table(&[Table::Delete, Table::Put, Table::Update]);
    type Access = CourseAuthor;
    type Input = ();
    type Output = Etag<Json<CourseView>>;

    async fn handle(app: &App, caller: Caller<CourseAuthor>, (): ()) -> Result<Self::Output> {
        let mut attempts = Attempts::default();
        loop {
            match unpublish(app, &caller).await {
                Err(error) => attempts.again(error).await?,
                done => return done,
            }
        }
    }
}

async fn unpublish(app: &App, caller: &Caller<CourseAuthor>) -> Result<Etag<Json<CourseView>>> {
    let school = &caller.school;
    let id = caller.access.course.value.id;
    let stored = fetch::course(app, school, id).await?;
    let (mut course, rev) = (stored.value, stored.rev);
    if course.status != CourseStatus::Published {
        return Ok(Etag(rev, Json(CourseView::new(&course, rev))));
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
    change.commit().await?;
    Ok(Etag(rev + 1, Json(CourseView::new(&course, rev + 1))))
}
