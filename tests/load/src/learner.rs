//! One learner's way through a course.

use std::time::{Duration, Instant};

use reqwest::{Client, Method};
use serde_json::{Value, json};

use crate::Failure;

pub(crate) struct Learner {
    http: Client,
    url: String,
    email: String,
    token: String,
    /// Each request with how long it took.
    pub(crate) times: Vec<(&'static str, Duration)>,
}

impl Learner {
    pub(crate) fn new(http: &Client, url: &str, run: &str, number: u32) -> Self {
        let email = format!("load-{run}-{number}@example.org");
        Self { http: http.clone(), url: url.to_owned(), email, token: String::new(), times: Vec::new() }
    }

    /// Takes the course from registration to completion.
    pub(crate) async fn take(&mut self, course: &str) -> Result<(), Failure> {
        let account = json!({
            "email": self.email, "password": "a long enough one", "first_name": "Load", "last_name": "Learner",
        });
        let tokens = self.timed("register", "POST /v1/auth/register", Some(account)).await?;
        tokens["access_token"].as_str().unwrap_or_default().clone_into(&mut self.token);
        self.timed("list courses", "GET /v1/courses?price=free&sort=popularity", None).await?;
        self.timed("enrol", &format!("POST /v1/courses/{course}/enroll"), None).await?;
        let shown = self.timed("open course", &format!("GET /v1/courses/{course}"), None).await?;
        let modules = shown["modules"].as_array().cloned().unwrap_or_default();
        for lesson in
            modules.iter().flat_map(|module| module["lessons"].as_array().cloned().unwrap_or_default())
        {
            let path = format!("/v1/lessons/{}", lesson["id"].as_str().unwrap_or_default());
            self.timed("open lesson", &format!("GET {path}"), None).await?;
            let half = json!({ "percent": 50, "position_seconds": 60 });
            self.timed("save progress", &format!("PUT {path}/progress"), Some(half)).await?;
            self.timed("complete lesson", &format!("POST {path}/complete"), None).await?;
        }
        Ok(())
    }

    /// Looks whether the course was taken once and completed once.
    pub(crate) async fn check(&self, course: &str) -> Result<(), Failure> {
        let mine = self.call("GET /v1/me/courses", None).await?;
        let own: Vec<&Value> = mine["items"].as_array().into_iter().flatten().collect();
        let progress = self.call(&format!("GET /v1/courses/{course}/progress"), None).await?;
        let summary = &progress["summary"];
        let sound = own.len() == 1
            && own[0]["course_id"] == course
            && own[0]["status"] == "completed"
            && own[0]["completion_percent"] == 100
            && summary["completed_lessons"] == summary["total_lessons"]
            && progress["lessons"].as_array().map(Vec::len)
                == summary["total_lessons"].as_u64().map(|n| n as usize);
        if sound { Ok(()) } else { Err(format!("{} is not as it should be: {mine} {progress}", self.email)) }
    }

    async fn timed(
        &mut self,
        what: &'static str,
        route: &str,
        body: Option<Value>,
    ) -> Result<Value, Failure> {
        let begun = Instant::now();
        let answer = self.call(route, body).await;
        self.times.push((what, begun.elapsed()));
        answer
    }

    async fn call(&self, route: &str, body: Option<Value>) -> Result<Value, Failure> {
        let (method, path) = route.split_once(' ').unwrap_or(("GET", route));
        let method = Method::from_bytes(method.as_bytes()).map_err(|error| error.to_string())?;
        let mut request = self.http.request(method, format!("{}{path}", self.url));
        if !self.token.is_empty() {
            request = request.bearer_auth(&self.token);
        }
        if let Some(body) = &body {
            request = request.json(body);
        }
        let response = request.send().await.map_err(|error| format!("{route}: {error}"))?;
        let status = response.status();
        let text = response.text().await.map_err(|error| format!("{route}: {error}"))?;
        if !status.is_success() {
            return Err(format!("{route}: {status} {text}"));
        }
        serde_json::from_str(&text).map_err(|error| format!("{route}: {error}"))
    }
}
