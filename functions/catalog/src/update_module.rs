//! PATCH /v1/modules/{module_id}

use access::ModuleAuthor;
use domain::catalog::{ModuleDescription, Title};
use kernel::{Change, Result};
use runtime::{App, Budget, Caller, Endpoint, IfMatch, Json, Needs, Revised, Route, Table, patch};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::json;
use store::{Stored, keys};

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
    const BUDGET: Budget = Budget { reads: 2, writes: 1 };
    const NEEDS: Needs = Needs::table(&[Table::Put]);
    type Access = ModuleAuthor;
    type Input = (IfMatch, Json<UpdateModuleInput>);
    type Output = Revised<Json<ModuleView>>;

    async fn handle(
        app: &App,
        caller: Caller<ModuleAuthor>,
        (if_match, Json(input)): Self::Input,
    ) -> Result<Self::Output> {
        let Stored { value: mut edited, rev } = caller.access.module.clone();
        if_match.check(rev)?;
        input.title.apply(&mut edited.title);
        input.description.apply(&mut edited.description);
        let key = keys::module(&caller.school, edited.course_id, edited.id);
        let mut change = app.store.transaction(&caller.school);
        change.replace_or(&key, &edited, rev, IfMatch::stale);
        caller.commit(app, change, Revised(rev + 1, Json(ModuleView::from(&edited)))).await
    }
}
