//! GET /v1/openapi.json

use kernel::Result;
use runtime::{App, Budget, Caller, Endpoint, Raw, Route, access::Public, get};

/// Gives the API reference. The document is generated from the code and checked in; drift fails the build.
pub struct GetOpenapi;

impl Endpoint for GetOpenapi {
    const NAME: &'static str = "platform-get-openapi";
    const ROUTE: Route = get("/v1/openapi.json");
    const SUMMARY: &'static str = "This document: OpenAPI 3.1, generated from the code";
    const BUDGET: Budget = Budget { reads: 0, writes: 0 };
    type Access = Public;
    type Input = ();
    type Output = Raw;

    async fn handle(_: &App, _: Caller<Public>, (): ()) -> Result<Raw> {
        let body = include_bytes!("../../../infra/openapi.json").to_vec();
        Ok(Raw { content_type: "application/json", max_age: 300, body })
    }
}
