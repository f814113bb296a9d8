//! GET /v1/courses/{course_id}/certificate-template

use access::CourseAuthor;
use kernel::Result;
use runtime::{App, Budget, Caller, Endpoint, Json, Revised, Route, get};
use store::{Consistency, keys};

use crate::TemplateView;

/// Gives the template of a course's certificates: its own, or the one that courses begin with.
pub struct GetTemplate;

impl Endpoint for GetTemplate {
    const NAME: &'static str = "certificates-get-template";
    const ROUTE: Route = get("/v1/courses/{course_id}/certificate-template");
    const SUMMARY: &'static str = "How the course's certificates look";
    const BUDGET: Budget = Budget { reads: 2, writes: 0 };
    type Access = CourseAuthor;
    type Input = ();
    type Output = Revised<Json<TemplateView>>;

    async fn handle(app: &App, caller: Caller<CourseAuthor>, (): ()) -> Result<Self::Output> {
        let key = keys::certificate_template(&caller.school, caller.access.course.value.id);
        let stored = app.store.get(&key, Consistency::Strong).await?;
        let (template, rev) = stored.map_or_else(Default::default, |stored| (stored.value, stored.rev));
        Ok(Revised(rev, Json(template.into())))
    }
}
