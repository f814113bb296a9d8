//! GET /v1/health

use kernel::Result;
use runtime::{App, Budget, Caller, Endpoint, Json, Route, access::Public, get};
use schemars::JsonSchema;
use serde::Serialize;

/// Tells whether the system answers and what runs.
pub struct CheckHealth;

/// Alive, and which version.
#[derive(Serialize, JsonSchema)]
pub struct HealthView {
    pub status: &'static str,
    pub version: String,
    /// `ok`: the table answered a read.
    pub table: &'static str,
}

impl Endpoint for CheckHealth {
    const NAME: &'static str = "platform-check-health";
    const ROUTE: Route = get("/v1/health");
    const SUMMARY: &'static str = "Liveness, version and a check of the table";
    const BUDGET: Budget = Budget { reads: 1, writes: 0 };
    type Access = Public;
    type Input = ();
    type Output = Json<HealthView>;

    async fn handle(app: &App, _: Caller<Public>, (): ()) -> Result<Self::Output> {
        app.store.warm_up().await?;
        Ok(Json(HealthView { status: "ok", version: app.config.version.clone(), table: "ok" }))
    }
}
