//! $default

use std::{collections::BTreeMap, sync::LazyLock};

use http::Method;
use kernel::{Code, Error, Result};
use runtime::{App, Budget, Caller, Endpoint, Preflight, Route, access::Public};
use serde::Deserialize;
use serde_json::json;

/// Answers what no route takes: preflights, and with a problem each unknown path or method. Without it API Gateway would
/// say `{"message":"Not Found"}` to all of them but preflights.
pub struct AnswerUnrouted;

/// What the API reference tells of the routes: it is generated from all packages and knows them without linking one.
#[derive(Deserialize)]
struct Reference {
    paths: BTreeMap<String, BTreeMap<String, Operation>>,
}

#[derive(Deserialize)]
struct Operation {
    #[serde(rename = "x-access")]
    access: String,
}

/// The methods of each path.
static METHODS: LazyLock<matchit::Router<Vec<String>>> = LazyLock::new(|| {
    let reference = include_str!("../../../infra/openapi.json");
    let reference: Reference = serde_json::from_str(reference).expect("a generated document");
    let mut paths = matchit::Router::new();
    for (path, operations) in reference.paths {
        let is_public = operations.get("get").is_some_and(|operation| operation.access == "public");
        let mut methods: Vec<String> = operations.into_keys().map(|method| method.to_uppercase()).collect();
        methods.extend(is_public.then(|| "HEAD".to_owned()));
        methods.sort();
        paths.insert(path, methods).expect("paths that the gateway takes too");
    }
    paths
});

impl Endpoint for AnswerUnrouted {
    const NAME: &'static str = "platform-answer-unrouted";
    const ROUTE: Route = Route::DEFAULT;
    const SUMMARY: &'static str = "Preflights, and 404 or 405 for what no route takes";
    const BUDGET: Budget = Budget { reads: 0, writes: 0 };
    const ERRORS: &'static [Code] = &[Code::NOT_FOUND, Code::METHOD_NOT_ALLOWED];
    type Access = Public;
    type Input = ();
    type Output = Preflight;

    async fn handle(app: &App, caller: Caller<Public>, (): ()) -> Result<Preflight> {
        // Of unknown paths too: a page may only read the problem if its preflight passed.
        if caller.method == Method::OPTIONS {
            return Ok(Preflight::of(app, &caller));
        }
        let found = METHODS.at(&caller.path).map_err(|_| Error::not_found("route"))?;
        let error =
            Error::new(Code::METHOD_NOT_ALLOWED, format!("this path takes {}", found.value.join(", ")));
        Err(error.with("allowed_methods", json!(found.value)))
    }
}
