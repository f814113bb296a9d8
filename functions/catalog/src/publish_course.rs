//! POST /v1/courses/{course_id}/publish

use domain::{
    catalog::{CourseStatus, publish_checklist},
    event::CoursePublished,
};
use kernel::{Code, Error, Result, Violations};
use runtime::{
    App, Budget, Caller, Endpoint, Json, Needs, Revised, Route, Table, access::CourseAuthor, post,
};
use store::{Consistency, keys};

use crate::CourseView;

/// Makes a course visible. Publishing a published course changes nothing.
pub struct PublishCourse;

impl Endpoint for PublishCourse {
    const NAME: &'static str = "catalog-publish-course";
    const ROUTE: Route = post("/v1/courses/{course_id}/publish");
    const SUMMARY: &'static str = "Publish a course; 422 lists everything that is missing";
    const BUDGET: Budget = Budget { reads: 3, writes: 1 };
    // Who calls, the course, all of it, then the change.
    const WAVES: u32 = 4;
    const NEEDS: Needs = Needs::table(&[Table::Put, Table::Query, Table::Update]);
    const ERRORS: &'static [Code] = &[Code::NotPublishable];
    type Access = CourseAuthor;
    type Input = ();
    type Output = Revised<Json<CourseView>>;

    async fn handle(app: &App, caller: Caller<CourseAuthor>, (): ()) -> Result<Self::Output> {
        publish(app, &caller).await
    }
}

async fn publish(app: &App, caller: &Caller<CourseAuthor>) -> Result<Revised<Json<CourseView>>> {
    let school = &caller.school;
    let id = caller.access.course.value.id;
    let outline = app.store.course_outline(school, id, Consistency::Strong).await?;
    let outline = outline.ok_or_else(|| Error::not_found("course"))?;
    let rev = outline.course.rev;
    let mut course = outline.course.value.clone();
    if course.status == CourseStatus::Published {
        return Ok(Revised(rev, Json(CourseView::from(&course))));
    }

    let mut missing = Violations::default();
    let lessons: Vec<_> = outline.ordered_lessons().cloned().collect();
    publish_checklist(&course, &lessons, &mut missing);
    if !missing.is_empty() {
        let error =
            Error::new(Code::NotPublishable, "something is missing before learners may see it; see errors");
        return Err(error.violations(missing.into_vec()));
    }

    course.status = CourseStatus::Published;
    course.published_at = Some(app.now());
    course.updated_at = app.now();
    let mut card = outline.card.value.clone();
    card.follow_edit(&course, &caller.access.user.account.value);
    let mut change = app.store.transaction(school);
    change.replace(&keys::course(school, id), &course, rev).replace_card(&outline.card, &card);
    if let Some(category) = course.category_id {
        change.add(&keys::category(school, category), "course_count", 1);
    }
    change.event(
        &caller.origin(app),
        &CoursePublished {
            course_id: id,
            author_id: course.author_id,
            title: course.title.clone(),
            slug: course.slug.clone(),
        },
    );
    caller.commit(app, change, Revised(rev + 1, Json(CourseView::from(&course)))).await
}
