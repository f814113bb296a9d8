//! A school of a given size with somebody for every request: what the learner loop is measured on.

use std::{collections::HashMap, path::Path};

use aws_sdk_dynamodb::types::AttributeValue;
use base64::{Engine, engine::general_purpose::STANDARD};
use emulators::Ssm;
use http::{HeaderMap, HeaderValue, header};
use kernel::{Clock, SystemClock};
use runtime::{
    EndpointEntry,
    gateway::{Gateway, HttpRequest, payload},
};
use serde_json::{Value, json};
use testkit::{Person, TestApp};
use tests::{CourseFixture, enroll, fill, published, text};
use tokio::net::TcpListener;

use crate::{Failure, process::Lambda, routes::Route};

/// `PK` and `SK` of what the bare Lambda reads.
pub(crate) const BARE_KEY: &str = "BARE";
const PASSWORD: &str = "a long enough one";
/// The parameter with the key that signs tokens.
const KEY: &str = "/lectern/bench/token-private-key";

pub(crate) struct Scene {
    app: TestApp,
    gateway: Gateway,
    course: CourseFixture,
    /// Enrolled, and reading the course.
    reader: Person,
    /// One for each enrolment.
    newcomers: Vec<Person>,
    /// Enrolled; one for each completion.
    finishers: Vec<Person>,
    refresh_token: String,
    /// Where the functions that sign read their key.
    ssm: String,
    /// How often each route was asked for.
    asked: HashMap<Route, usize>,
}

/// Method and target, who asks, and the body.
type Asking = (String, Option<Person>, Option<Value>);

impl Scene {
    /// A school of about `items` items, with enough learners to ask for each route `times` times.
    pub(crate) async fn new(items: usize, times: usize) -> Self {
        let registry = registry::all();
        let app = TestApp::new(&registry).await;
        // The functions look at the machine's clock, and tokens must be of their day. The test's clock also moves with
        // each look, thousands of which make the crowd.
        let set_clock = || {
            let ahead = app.app().now().millis() - SystemClock.now().millis();
            app.clock().advance(-ahead / 1000);
        };
        set_clock();
        let author = app.instructor("Author").await;
        app.import(vec![bare_item()]);
        fill(&app, &author, items);
        set_clock();
        let course = published(&app, &author, "Rust from the first line", &[4, 4, 4]).await;
        let reader = app.student("Reader").await;
        let _ = enroll(&app, &reader, &course).await;
        let (mut newcomers, mut finishers) = (Vec::new(), Vec::new());
        for number in 0..times {
            newcomers.push(app.student(&format!("Newcomer{number}")).await);
            let finisher = app.student(&format!("Finisher{number}")).await;
            let _ = enroll(&app, &finisher, &course).await;
            finishers.push(finisher);
        }
        let account = json!({ "email": "reader@example.com", "password": PASSWORD, "first_name": "R", "last_name": "R" });
        let tokens = app.post("/v1/auth/register").json(&account).send().await.json(201);
        let gateway = Gateway::new(app.app(), &registry);
        let refresh_token = text(&tokens, "refresh_token");
        let asked = HashMap::new();
        let key = (KEY.to_owned(), STANDARD.encode(app.token_key().pkcs8()));
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let ssm = Ssm::holding([key]).serve(listener).expect("bound");
        Self { app, gateway, course, reader, newcomers, finishers, refresh_token, ssm, asked }
    }

    /// The emulator's address.
    pub(crate) fn endpoint(&self) -> &str {
        self.app.endpoint()
    }

    /// The payload of the next request to a route; no two that write are the same.
    pub(crate) fn request(&mut self, route: Route) -> Result<String, Failure> {
        let asked = self.asked.entry(route).or_default();
        let n = *asked;
        *asked += 1;
        let (target, who, body) = self.asking(route, n)?;
        self.payload(&target, who.as_ref(), body.as_ref())
    }

    fn asking(&self, route: Route, n: usize) -> Result<Asking, Failure> {
        let of = |people: &[Person]| {
            people.get(n).cloned().ok_or_else(|| format!("no learner is left for {}", route.name()))
        };
        let course = format!("/v1/courses/{}", self.course.id);
        let lesson = format!("/v1/lessons/{}", self.course.lessons[0]);
        let reader = Some(self.reader.clone());
        let login = json!({ "email": "reader@example.com", "password": PASSWORD });
        let account = json!({
            "email": format!("account-{n}@example.com"), "password": PASSWORD, "first_name": "A", "last_name": "A",
        });
        let report = json!({ "percent": 1 + n % 90, "position_seconds": 10 + n });
        Ok(match route {
            Route::Register => ("POST /v1/auth/register".to_owned(), None, Some(account)),
            Route::Login => ("POST /v1/auth/login".to_owned(), None, Some(login)),
            Route::Refresh => {
                let body = json!({ "refresh_token": self.refresh_token });
                ("POST /v1/auth/refresh".to_owned(), None, Some(body))
            }
            Route::GetMe => ("GET /v1/me".to_owned(), reader, None),
            Route::ListCourses => ("GET /v1/courses?price=free&sort=popularity".to_owned(), None, None),
            Route::Enrol => (format!("POST {course}/enroll"), Some(of(&self.newcomers)?), None),
            Route::MyCourses => ("GET /v1/me/courses".to_owned(), reader, None),
            Route::OpenCourse => (format!("GET {course}"), reader, None),
            Route::OpenLesson => (format!("GET {lesson}"), reader, None),
            Route::SaveProgress => (format!("PUT {lesson}/progress"), reader, Some(report)),
            Route::LessonProgress => (format!("GET {lesson}/progress"), reader, None),
            Route::CompleteLesson => (format!("POST {lesson}/complete"), Some(of(&self.finishers)?), None),
            Route::CourseProgress => (format!("GET {course}/progress"), reader, None),
        })
    }

    /// The function of a route, among the binaries of `folder`, with the emulator at `endpoint`.
    pub(crate) fn lambda(&self, route: Route, endpoint: &str, folder: &str) -> Result<Lambda, Failure> {
        let (target, who, body) = self.asking(route, 0)?;
        let entry = self.entry(&http_request(&target, who.as_ref(), body.as_ref())?)?;
        let binary = Path::new(folder).join(entry.names.function()).join("bootstrap");
        Ok(Lambda { binary, environment: self.environment(endpoint)? })
    }

    /// Keeps what the next request needs to know.
    pub(crate) fn learn(&mut self, route: Route, answer: &Value) {
        if let (Route::Refresh, Some(token)) = (route, answer["refresh_token"].as_str()) {
            token.clone_into(&mut self.refresh_token);
        }
    }

    fn entry(&self, request: &HttpRequest) -> Result<EndpointEntry, Failure> {
        let found = Some(self.gateway.find(request)).filter(|entry| entry.route != runtime::Route::DEFAULT);
        found.ok_or_else(|| format!("{} {} is no route", request.method, request.path))
    }

    fn payload(&self, target: &str, who: Option<&Person>, body: Option<&Value>) -> Result<String, Failure> {
        let request = http_request(target, who, body)?;
        let entry = self.entry(&request)?;
        let segments = entry.route.path.split('/').zip(request.path.split('/'));
        let parameters =
            segments.filter_map(|(name, value)| Some((name.strip_prefix('{')?.strip_suffix('}')?, value)));
        Ok(payload(&request, &entry, parameters).to_string())
    }

    /// The variables of a function, as the templates set them.
    pub(crate) fn environment(&self, endpoint: &str) -> Result<Vec<(String, String)>, Failure> {
        let config = &self.app.app().config;
        let keys = serde_json::to_string(&config.public_keys).map_err(|error| error.to_string())?;
        let variables = [
            ("TABLE_NAME", config.table.clone()),
            ("TOKEN_ISSUER", config.issuer.clone()),
            ("TOKEN_PUBLIC_KEYS", keys),
            // All requests come from one address.
            ("REGISTRATIONS_PER_HOUR", "1000000".to_owned()),
            ("AWS_REGION", "eu-central-1".to_owned()),
            ("AWS_ACCESS_KEY_ID", "bench".to_owned()),
            ("AWS_SECRET_ACCESS_KEY", "bench".to_owned()),
            ("AWS_ENDPOINT_URL", endpoint.to_owned()),
            ("TOKEN_KEY_PARAMETER", KEY.to_owned()),
            ("AWS_ENDPOINT_URL_SSM", self.ssm.clone()),
        ];
        Ok(variables.into_iter().map(|(name, value)| (name.to_owned(), value)).collect())
    }
}

/// What the bare Lambda reads: as large as an account.
fn bare_item() -> HashMap<String, AttributeValue> {
    let fields = [("PK", BARE_KEY.to_owned()), ("SK", BARE_KEY.to_owned()), ("text", "x".repeat(500))];
    fields.into_iter().map(|(name, value)| (name.to_owned(), AttributeValue::S(value))).collect()
}

fn http_request(target: &str, who: Option<&Person>, body: Option<&Value>) -> Result<HttpRequest, Failure> {
    let (method, target) = target.split_once(' ').unwrap_or(("GET", target));
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let mut headers = HeaderMap::from_iter([
        (header::HOST, HeaderValue::from_static("localhost")),
        (header::USER_AGENT, HeaderValue::from_static("bench")),
    ]);
    if let Some(who) = who {
        let value = HeaderValue::from_str(&format!("Bearer {}", who.token));
        headers.insert(header::AUTHORIZATION, value.map_err(|error| error.to_string())?);
    }
    if body.is_some() {
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    }
    Ok(HttpRequest {
        method: method.to_owned(),
        path: path.to_owned(),
        query: query.to_owned(),
        headers,
        body: body.map(|body| body.to_string().into_bytes()).unwrap_or_default(),
        source_ip: "203.0.113.7".to_owned(),
        request_id: "bench".to_owned(),
    })
}
