//! GET /v1/health

use kernel::Result;
use runtime::{
    App, Budget, Caller, Endpoint, Json, Needs, Route, Service, ServiceEntry, access::Public, get,
};
use schemars::JsonSchema;
use serde::Serialize;

/// Tells whether the system answers and what runs.
pub struct CheckHealth;

/// `APP_VERSION`: what was deployed.
struct Version(String);

impl Service for Version {
    const VARIABLES: &'static [&'static str] = &["APP_VERSION"];

    async fn start(app: &App) -> std::result::Result<Self, String> {
        let version = app.environment().optional("APP_VERSION").unwrap_or(env!("CARGO_PKG_VERSION"));
        Ok(Self(version.to_owned()))
    }
}

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
    const NEEDS: Needs = Needs { services: &[ServiceEntry::of::<Version>()], ..Needs::NOTHING };
    type Access = Public;
    type Input = ();
    type Output = Json<HealthView>;

    async fn handle(app: &App, _: Caller<Public>, (): ()) -> Result<Self::Output> {
        app.store.warm_up().await?;
        let Version(version) = app.service().await?;
        Ok(Json(HealthView { status: "ok", version: version.clone(), table: "ok" }))
    }
}
