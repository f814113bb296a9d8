//! PUT /v1/courses/{course_id}/outline

use access::CourseAuthor;
use domain::catalog::{CourseId, NewOrder, OutlineModule};
use kernel::Result;
use runtime::{App, Budget, Caller, Endpoint, IfMatch, Json, Needs, Revised, Route, Table, put};
use schemars::JsonSchema;
use serde::Serialize;
use store::{Stored, keys};

/// Puts modules and lessons into a new order, in one conditional write.
pub struct ReorderOutline;

/// The outline as it is now.
#[derive(Serialize, JsonSchema)]
pub struct OutlineView {
    pub course_id: CourseId,
    pub modules: Vec<OutlineModule>,
}

impl Endpoint for ReorderOutline {
    const NAME: &'static str = "catalog-reorder-outline";
    const ROUTE: Route = put("/v1/courses/{course_id}/outline");
    const SUMMARY: &'static str = "Reorder modules and lessons in one write";
    const BUDGET: Budget = Budget { reads: 1, writes: 1 };
    const NEEDS: Needs = Needs::table(&[Table::Put]);
    type Access = CourseAuthor;
    type Input = (IfMatch, Json<NewOrder>);
    type Output = Revised<Json<OutlineView>>;

    async fn handle(
        app: &App,
        caller: Caller<CourseAuthor>,
        (if_match, Json(order)): Self::Input,
    ) -> Result<Self::Output> {
        let Stored { value: before, rev } = &caller.access.course;
        if_match.check(*rev)?;
        let course = before.reorder(order, app.now())?;
        let mut change = app.store.transaction(&caller.school);
        change.replace_or(&keys::course(&caller.school, course.id), &course, *rev, IfMatch::stale);
        let view = OutlineView { course_id: course.id, modules: course.outline };
        caller.commit(app, change, Revised(rev + 1, Json(view))).await
    }
}
