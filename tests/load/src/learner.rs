//! One learner's way through a course.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use serde_json::{Value, json};
use smoke::{Api, Failure, text};
use tokio::sync::Semaphore;

pub(crate) struct Learner {
    api: Api,
    /// Lets so many requests through at once.
    gate: Arc<Semaphore>,
    email: String,
    token: String,
    /// Each request with how long it took.
    pub(crate) times: Vec<(&'static str, Duration)>,
}

impl Learner {
    pub(crate) fn new(api: &Api, gate: &Arc<Semaphore>, run: &str, number: u32) -> Self {
        let email = format!("load-{run}-{number}@example.org");
        Self { api: api.clone(), gate: Arc::clone(gate), email, token: String::new(), times: Vec::new() }
    }

    /// Takes the course from registration to completion.
    pub(crate) async fn take(&mut self, course: &str) -> Result<(), Failure> {
        let account = json!({
            "email": self.email, "password": "a long enough one", "first_name": "Load", "last_name": "Learner",
        });
        let tokens = self.timed("register", "POST /v1/auth/register", Some(&account), 201).await?;
        self.token = text(&tokens, "access_token")?;
        self.timed("list courses", "GET /v1/courses?price=free&sort=popularity", None, 200).await?;
        self.timed("enrol", &format!("POST /v1/courses/{course}/enroll"), None, 201).await?;
        let shown = self.timed("open course", &format!("GET /v1/courses/{course}"), None, 200).await?;
        let modules = shown["modules"].as_array().cloned().unwrap_or_default();
        for lesson in
            modules.iter().flat_map(|module| module["lessons"].as_array().cloned().unwrap_or_default())
        {
            let path = format!("/v1/lessons/{}", text(&lesson, "id")?);
            self.timed("open lesson", &format!("GET {path}"), None, 200).await?;
            let half = json!({ "percent": 50, "position_seconds": 60 });
            self.timed("save progress", &format!("PUT {path}/progress"), Some(&half), 200).await?;
            self.timed("complete lesson", &format!("POST {path}/complete"), None, 200).await?;
        }
        Ok(())
    }

    /// Looks whether the course was taken once and completed once.
    pub(crate) async fn check(&self, course: &str) -> Result<(), Failure> {
        let mine = self.get("/v1/me/courses").await?;
        let own: Vec<&Value> = mine["items"].as_array().into_iter().flatten().collect();
        let progress = self.get(&format!("/v1/courses/{course}/progress")).await?;
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
        body: Option<&Value>,
        status: u16,
    ) -> Result<Value, Failure> {
        let _turn = self.gate.acquire().await;
        let begun = Instant::now();
        let token = Some(self.token.as_str()).filter(|token| !token.is_empty());
        let answer = self.api.call(route, token, body, status).await;
        self.times.push((what, begun.elapsed()));
        answer
    }

    async fn get(&self, path: &str) -> Result<Value, Failure> {
        self.api.call(&format!("GET {path}"), Some(&self.token), None, 200).await
    }
}
