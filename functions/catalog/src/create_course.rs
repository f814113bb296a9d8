//! POST /v1/courses

use domain::catalog::{Course, CourseCard, NewCourse, SLUG_TAKEN};
use kernel::{Code, Error, Result};
use runtime::{
    App, Budget, Caller, Created, Endpoint, Needs, Proposed, Revised, Route, Table, access::Instructor, post,
};
use store::keys::{self, CoursePointer};

use crate::{CourseView, fetch};

/// Makes a draft that belongs to the caller.
pub struct CreateCourse;

impl Endpoint for CreateCourse {
    const NAME: &'static str = "catalog-create-course";
    const ROUTE: Route = post("/v1/courses");
    const SUMMARY: &'static str = "Make a draft course";
    // With an Idempotency-Key the kept reply is read, and once more when the request is refused; a slug made of the
    // title may have to be made once more.
    const BUDGET: Budget = Budget { reads: 4, writes: 2 };
    // A slug that is taken is found by the change that it fails.
    const WAVES: u32 = 5;
    const NEEDS: Needs = Needs::table(&[Table::Put]);
    const IDEMPOTENT: bool = true;
    const ERRORS: &'static [Code] = &[SLUG_TAKEN];
    const LOCATION: Option<&'static str> = Some("/v1/courses/{course_id}");
    type Access = Instructor;
    type Input = Proposed<NewCourse>;
    type Output = Revised<Created<CourseView>>;

    async fn handle(
        app: &App,
        caller: Caller<Instructor>,
        Proposed(new, mut violations): Self::Input,
    ) -> Result<Self::Output> {
        let is_chosen = new.slug.is_some();
        let author = &caller.access.0.account.value;
        fetch::check_category(app, &caller.school, new.category_id, &mut violations).await?;
        let mut course = Course::draft(new, violations, app.id(), author.id, app.now())?;
        match save(app, &caller, &course).await {
            Err(error) if error.code() == SLUG_TAKEN && !is_chosen => {
                course.slug = course.slug.with_end_of(course.id);
                save(app, &caller, &course).await
            }
            done => done,
        }
    }
}

async fn save(
    app: &App,
    caller: &Caller<Instructor>,
    course: &Course,
) -> Result<Revised<Created<CourseView>>> {
    let school = &caller.school;
    let author = &caller.access.0.account.value;
    let output = Revised(1, Created(CourseView::from(course)));
    let pointer = CoursePointer { target: course.id };
    let twice = || Error::internal("two courses with one id");
    let mut change = app.store.transaction(school);
    change
        .create(&keys::slug(school, &course.slug), &pointer, || Error::new(SLUG_TAKEN, "choose another slug"))
        .create(&keys::course(school, course.id), course, twice)
        .create(&keys::course_card(school, course.id), &CourseCard::new(course, author.display_name()), twice)
        .create(&keys::authored(school, author.id, course.id), &pointer, twice);
    caller.commit(app, change, output).await
}
