//! What this crate's unit tests stand on: an app whose table is nowhere, and requests as Lambda gets them. Whatever
//! needs a table is tested in `tests/api`.

use std::sync::Arc;

use aws_sdk_dynamodb::{
    Client,
    config::{Credentials, Region, SharedCredentialsProvider},
};
use http::{HeaderMap, HeaderName, Response};
use kernel::{Clock, Result, School, Timestamp, UserId};
use lambda_http::{Body, Context, Request, RequestExt};

use crate::{
    Access, App, Call, EndpointEntry, Environment,
    gateway::{HttpRequest, payload},
    handle, sdk_limits,
};

/// When everything happens.
pub(crate) const NOW: Timestamp = Timestamp::from_millis(1_768_467_600_000);

struct Still;

impl Clock for Still {
    fn now(&self) -> Timestamp {
        NOW
    }
}

/// An app that can do everything that takes no table.
pub(crate) fn app() -> &'static App {
    app_in(Environment::from_iter([
        ("TABLE_NAME", "nowhere"),
        ("TOKEN_ISSUER", "https://lectern.test"),
        ("TOKEN_PUBLIC_KEYS", r#"{"keys":[]}"#),
    ]))
}

/// The same in an environment.
pub(crate) fn app_in(environment: Environment) -> &'static App {
    let sdk = sdk_limits()
        .region(Region::new("eu-central-1"))
        .credentials_provider(SharedCredentialsProvider::new(Credentials::new(
            "test", "test", None, None, "test",
        )))
        .endpoint_url("http://127.0.0.1:1");
    let app = App::new(environment, Client::new(&sdk.build()), Arc::new(Still));
    Box::leak(Box::new(app.expect("complete")))
}

pub(crate) fn school() -> School {
    "main".parse().unwrap()
}

/// Somebody who is always signed in.
pub(crate) struct Somebody;

impl Somebody {
    pub(crate) fn id() -> UserId {
        "usr_00000000000070008000000000000001".parse().unwrap()
    }
}

impl Access for Somebody {
    const RULE: &'static str = "user";
    const WHO: &'static str = "somebody";
    type Path = ();

    async fn authorize(_: &App, _: &Call, (): ()) -> Result<Self> {
        Ok(Self)
    }

    fn user_id(&self) -> Option<UserId> {
        Some(Self::id())
    }
}

/// A request for `entry`.
pub(crate) fn request(entry: &EndpointEntry, headers: &[(&str, &str)], body: &[u8]) -> Request {
    let header = |(name, value): &(&str, &str)| (name.parse::<HeaderName>().unwrap(), value.parse().unwrap());
    let request = HttpRequest {
        method: entry.route.method.as_str().to_owned(),
        path: entry.route.path.to_owned(),
        headers: HeaderMap::from_iter(headers.iter().map(header)),
        body: body.to_vec(),
        request_id: "req-1".to_owned(),
        ..HttpRequest::default()
    };
    lambda_http::request::from_str(&payload(&request, entry, std::iter::empty()).to_string()).unwrap()
}

/// The answer to a request that Lambda lets it have until `deadline`.
pub(crate) async fn answer_until(
    app: &'static App,
    entry: &EndpointEntry,
    deadline: Timestamp,
) -> Response<Body> {
    let mut context = Context::default();
    context.deadline = u64::try_from(deadline.millis()).unwrap();
    context.request_id = "lambda-1".to_owned();
    handle(app, entry, request(entry, &[], b"").with_lambda_context(context)).await
}
