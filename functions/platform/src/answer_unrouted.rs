//! $default

use std::{collections::BTreeMap, sync::LazyLock};

use http::{HeaderValue, Method, header};
use kernel::{Code, Error, Result};
use pages::{Html, SERVICES};
use runtime::{
    App, Budget, Call, Caller, Components, Endpoint, Needs, Output, Preflight, Reply, Route, access::Public,
};
use serde::Deserialize;
use serde_json::{Value, json};

/// Answers what no route takes: preflights, to a person the page that a script draws there, and with a problem each unknown
/// path or method. Without it API Gateway would say `{"message":"Not Found"}` to all of them but preflights.
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

/// The pages that scripts draw, as infra/site/router.js has them.
const PERSONAL: [&str; 15] = [
    "/sign-in",
    "/register",
    "/verify-email",
    "/forgot-password",
    "/reset-password",
    "/profile",
    "/learn",
    "/learn/{course_id}",
    "/lessons/{lesson_id}",
    "/studio/lessons/{lesson_id}/video",
    "/studio/courses/{course_id}/trailer",
    "/recordings",
    "/recordings/new",
    "/recordings/{recording_id}",
    "/certificates",
];

static PAGES: LazyLock<matchit::Router<()>> = LazyLock::new(|| {
    let mut pages = matchit::Router::new();
    for path in PERSONAL {
        pages.insert(path, ()).expect("paths that exclude no other");
    }
    pages
});

/// What it answers when it refuses nothing.
pub enum Unrouted {
    Preflight(Preflight),
    Page(Html),
    /// Where the page is that a slash at the end leads past.
    Moved(HeaderValue),
}

impl Output for Unrouted {
    const STATUS: u16 = Preflight::STATUS;

    fn content(components: &mut Components) -> Value {
        Preflight::content(components)
    }

    fn reply(&self) -> Result<Reply> {
        match self {
            Self::Preflight(preflight) => preflight.reply(),
            Self::Page(page) => page.reply(),
            Self::Moved(to) => Ok(Reply {
                status: 308,
                content_type: "text/plain",
                headers: vec![(header::LOCATION, to.clone())],
                body: Vec::new(),
            }),
        }
    }
}

/// Whether a person waits for the answer: browsers ask for HTML by name where somebody goes somewhere.
fn is_for_reading(call: &Call) -> bool {
    let accepts_html = || call.header("accept").is_some_and(|accepted| accepted.contains("text/html"));
    let is_of_the_api = call.path.split('/').nth(1) == Some("v1");
    [Method::GET, Method::HEAD].contains(&call.method) && !is_of_the_api && accepts_html()
}

impl Endpoint for AnswerUnrouted {
    const NAME: &'static str = "platform-answer-unrouted";
    const ROUTE: Route = Route::DEFAULT;
    const SUMMARY: &'static str = "Preflights, pages of one person, and 404 or 405 for what no route takes";
    const BUDGET: Budget = Budget { reads: 0, writes: 0 };
    const ERRORS: &'static [Code] = &[Code::NOT_FOUND, Code::METHOD_NOT_ALLOWED];
    const NEEDS: Needs = Needs { services: &SERVICES, ..Needs::NOTHING };
    type Access = Public;
    type Input = ();
    type Output = Unrouted;

    async fn handle(app: &App, caller: Caller<Public>, (): ()) -> Result<Unrouted> {
        // Of unknown paths too: a page may only read the problem if its preflight passed.
        if caller.method == Method::OPTIONS {
            return Ok(Unrouted::Preflight(Preflight::of(app, &caller)));
        }
        if is_for_reading(&caller) {
            let path = caller.path.trim_end_matches('/');
            let is_page = PAGES.at(path).is_ok();
            let is_public =
                METHODS.at(path).is_ok_and(|found| found.value.iter().any(|method| method == "GET"));
            let query = if caller.query.is_empty() { String::new() } else { format!("?{}", caller.query) };
            if let Ok(to) = HeaderValue::from_str(&format!("{path}{query}"))
                && path != caller.path
                && is_public
            {
                return Ok(Unrouted::Moved(to));
            }
            let page = if is_page {
                Html::personal(app, &caller).await?
            } else {
                Html::absent(app, &caller).await?
            };
            return Ok(Unrouted::Page(page));
        }
        let found = METHODS.at(&caller.path).map_err(|_| Error::not_found("route"))?;
        let error =
            Error::new(Code::METHOD_NOT_ALLOWED, format!("this path takes {}", found.value.join(", ")));
        Err(error.with("allowed_methods", json!(found.value)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_pages_are_those_that_the_script_draws() {
        let script = include_str!("../../../infra/site/router.js");
        let (_, list) = script.split_once("const PAGES = [").unwrap();
        let (list, _) = list.split_once("];").unwrap();
        let drawn: Vec<&str> = list.split("[\"").skip(1).filter_map(|rest| rest.split('"').next()).collect();
        assert_eq!(PERSONAL.to_vec(), drawn);
    }
}
