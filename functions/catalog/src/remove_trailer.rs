//! DELETE /v1/courses/{course_id}/trailer

use access::CourseAuthor;
use kernel::Result;
use runtime::{App, Budget, Caller, Endpoint, Needs, NoContent, Route, Table, delete};
use store::{Stored, keys};

/// Takes a course's trailer off. Its files stay until another one takes its place.
pub struct RemoveTrailer;

impl Endpoint for RemoveTrailer {
    const NAME: &'static str = "catalog-remove-trailer";
    const ROUTE: Route = delete("/v1/courses/{course_id}/trailer");
    const SUMMARY: &'static str = "Take a course's trailer off";
    // Two of the reads look for the reply kept under an Idempotency-Key: before, and after a refusal.
    const BUDGET: Budget = Budget { reads: 3, writes: 1 };
    const NEEDS: Needs = Needs::table(&[Table::Put]);
    const IDEMPOTENT: bool = true;
    type Access = CourseAuthor;
    type Input = ();
    type Output = NoContent;

    async fn handle(app: &App, caller: Caller<CourseAuthor>, (): ()) -> Result<Self::Output> {
        let Stored { value: mut course, rev } = caller.access.course.clone();
        if !course.detach_trailer(app.now()) {
            return Ok(NoContent);
        }
        let mut change = app.store.transaction(&caller.school);
        change.replace(&keys::course(&caller.school, course.id), &course, rev);
        caller.commit(app, change, NoContent).await
    }
}
