//! PATCH /v1/modules/{module_id}

use domain::catalog::{ModuleDescription, Title};
use kernel::{Change, Error, Result};
use runtime::{
    App, Budget, Caller, Endpoint, IfMatch, Json, Needs, Revised, Route, Table, access::ModuleAuthor, patch,
};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::json;
use store::{Consistency, keys};

use crate::ModuleView;

/// Changes a module's title or description.
pub struct UpdateModule;

/// The fields to change.
#[derive(Deserialize, JsonSchema, Default)]
#[serde(default, deny_unknown_fields)]
#[schemars(example = json!({ "title": "First steps" }))]
pub struct UpdateModuleInput {
    pub title: Change<Title>,
    pub description: Change<ModuleDescription>,
}

impl Endpoint for UpdateModule {
    const NAME: &'static str = "catalog-update-module";
    const ROUTE: Route = patch("/v1/modules/{module_id}");
    const SUMMARY: &'static str = "Edit a module";
    const BUDGET: Budget = Budget { reads: 4, writes: 1 };
    // Who calls, the module's course, the course and the module, then the change.
    const WAVES: u32 = 5;
    const NEEDS: Needs = Needs::table(&[Table::Put]);
    type Access = ModuleAuthor;
    type Input = (IfMatch, Json<UpdateModuleInput>);
    type Output = Revised<Json<ModuleView>>;

    async fn handle(
        app: &App,
        caller: Caller<ModuleAuthor>,
        (if_match, Json(input)): Self::Input,
    ) -> Result<Self::Output> {
        let key = keys::module(&caller.school, caller.access.course.value.id, caller.access.module_id);
        let module =
            app.store.get(&key, Consistency::Strong).await?.ok_or_else(|| Error::not_found("module"))?;
        if_match.check(module.rev)?;
        let (mut edited, rev) = (module.value, module.rev);
        input.title.apply(&mut edited.title);
        input.description.apply(&mut edited.description);
        let mut change = app.store.transaction(&caller.school);
        change.replace_or(&key, &edited, rev, IfMatch::stale);
        caller.commit(app, change, Revised(rev + 1, Json(ModuleView::from(&edited)))).await
    }
}
