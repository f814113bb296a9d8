//! POST /v1/courses/{course_id}/modules

use access::CourseAuthor;
use domain::catalog::{Module, ModuleDescription, Title};
use kernel::{Code, Error, Result};
use runtime::{App, Budget, Caller, Created, Endpoint, Json, Needs, Revised, Route, Table, post};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::json;
use store::{
    Stored,
    keys::{self, CoursePointer},
};

use crate::{Added, ModuleView};

/// Adds a module at the end of a course.
pub struct AddModule;

/// The new module.
#[derive(Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(example = json!({ "title": "Getting started" }))]
pub struct AddModuleInput {
    pub title: Title,
    #[serde(default)]
    pub description: ModuleDescription,
}

impl Endpoint for AddModule {
    const NAME: &'static str = "catalog-add-module";
    const ROUTE: Route = post("/v1/courses/{course_id}/modules");
    const SUMMARY: &'static str = "Add a module at the end of a course";
    // Two of the reads look for the reply kept under an Idempotency-Key: before, and after a refusal.
    const BUDGET: Budget = Budget { reads: 3, writes: 1 };
    const NEEDS: Needs = Needs::table(&[Table::Put]);
    const IDEMPOTENT: bool = true;
    const ERRORS: &'static [Code] = &[Code::LIMIT_REACHED];
    type Access = CourseAuthor;
    type Input = Json<AddModuleInput>;
    type Output = Revised<Created<Added<ModuleView>>>;

    async fn handle(
        app: &App,
        caller: Caller<CourseAuthor>,
        Json(input): Self::Input,
    ) -> Result<Self::Output> {
        let school = &caller.school;
        let Stored { value: before, rev } = &caller.access.course;
        let module =
            Module { id: app.id(), course_id: before.id, title: input.title, description: input.description };
        let course = before.add_module(module.id, app.now())?;
        let output = Revised(1, Created(Added { part: ModuleView::from(&module), course_rev: rev + 1 }));
        let twice = || Error::internal("two modules with one id");
        let mut change = app.store.transaction(school);
        change
            .replace(&keys::course(school, course.id), &course, *rev)
            .create(&keys::module(school, course.id, module.id), &module, twice)
            .create(&keys::module_course(school, module.id), &CoursePointer { target: course.id }, twice);
        caller.commit(app, change, output).await
    }
}
