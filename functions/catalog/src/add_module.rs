//! POST /v1/courses/{course_id}/modules

use domain::catalog::{Course, MAX_MODULES, Module, OutlineModule};
use kernel::{Code, Error, Result};
use runtime::{
    App, Budget, Caller, Created, Endpoint, Json, Needs, Revised, Route, Table, access::CourseAuthor, post,
};
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
    #[schemars(length(min = 1, max = 100))]
    pub title: String,
    #[serde(default)]
    #[schemars(length(max = 1000), extend("format" = "multiline"))]
    pub description: String,
}

impl Endpoint for AddModule {
    const NAME: &'static str = "catalog-add-module";
    const ROUTE: Route = post("/v1/courses/{course_id}/modules");
    const SUMMARY: &'static str = "Add a module at the end of a course";
    // Two of the reads look for the reply kept under an Idempotency-Key: before, and after a refusal.
    const BUDGET: Budget = Budget { reads: 4, writes: 1 };
    // Who calls, the course, its module's place, then the change.
    const WAVES: u32 = 4;
    const NEEDS: Needs = Needs::table(&[Table::Put]);
    const IDEMPOTENT: bool = true;
    const ERRORS: &'static [Code] = &[Code::LimitReached];
    type Access = CourseAuthor;
    type Input = Json<AddModuleInput>;
    type Output = Revised<Created<Added<ModuleView>>>;

    async fn handle(
        app: &App,
        caller: Caller<CourseAuthor>,
        Json(input): Self::Input,
    ) -> Result<Self::Output> {
        let course = caller.access.course.clone();
        let module = Module {
            id: app.id(),
            course_id: course.value.id,
            title: input.title.trim().to_owned(),
            description: input.description,
        };
        add(app, &caller, course, &module).await
    }
}

async fn add(
    app: &App,
    caller: &Caller<CourseAuthor>,
    Stored { value: mut course, rev }: Stored<Course>,
    module: &Module,
) -> Result<Revised<Created<Added<ModuleView>>>> {
    if course.outline.len() >= MAX_MODULES {
        return Err(Error::new(Code::LimitReached, format!("a course has at most {MAX_MODULES} modules")));
    }
    course.outline.push(OutlineModule { id: module.id, lessons: Vec::new() });
    course.updated_at = app.now();
    let school = &caller.school;
    let twice = || Error::internal("two modules with one id");
    let added = Added { part: ModuleView::from(module), course_rev: rev + 1 };
    let output = Revised(1, Created(added));
    let mut change = app.store.transaction(school);
    change
        .replace(&keys::course(school, course.id), &course, rev)
        .create(&keys::module(school, course.id, module.id), module, twice)
        .create(&keys::module_course(school, module.id), &CoursePointer { target: course.id }, twice);
    caller.commit(app, change, output).await
}
