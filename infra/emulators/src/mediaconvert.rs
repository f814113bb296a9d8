//! MediaConvert: jobs that are ordered, looked at, found and ended. What a file holds, and what becomes of a job, is for
//! whoever makes the emulator to say: it does not transcode. With a folder, a job is in a file before its orderer hears of it.

use std::{
    collections::BTreeMap,
    fmt,
    path::Path,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use aws_smithy_runtime_api::client::{http::SharedHttpClient, orchestrator::HttpRequest};
use percent_encoding::percent_decode_str;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use tokio::sync::Notify;

use crate::{
    connector::{Answer, Emulator},
    folder::Folder,
};

/// A job as it was ordered.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Job {
    pub id: String,
    pub token: String,
    pub role: String,
    /// `s3://bucket/name`
    pub input: String,
    pub metadata: BTreeMap<String, String>,
    pub settings: Value,
    /// Whether its token still names it.
    is_fresh: bool,
    /// What is told of its end.
    end: Option<Value>,
}

/// What a file holds, by its address: the `container` of a probe's result, none where it is nothing that can be read.
type Prober = dyn Fn(&str) -> Option<Value> + Send + Sync;

struct State {
    jobs: Vec<Job>,
    prober: Arc<Prober>,
    throttled: usize,
    folder: Option<Folder>,
}

/// MediaConvert with its jobs. Clones share them.
#[derive(Clone)]
pub struct MediaConvert {
    state: Arc<Mutex<State>>,
    ordered: Arc<Notify>,
}

impl fmt::Debug for MediaConvert {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "MediaConvert of {} jobs", self.state().jobs.len())
    }
}

impl MediaConvert {
    /// One without jobs, where files hold what `prober` says.
    #[must_use]
    pub fn new(prober: impl Fn(&str) -> Option<Value> + Send + Sync + 'static) -> Self {
        let state = State { jobs: Vec::new(), prober: Arc::new(prober), throttled: 0, folder: None };
        Self { state: Arc::new(Mutex::new(state)), ordered: Arc::new(Notify::new()) }
    }

    /// One that keeps each job as a file of `folder`, and has those that earlier ones kept there.
    ///
    /// # Errors
    /// The folder cannot be used, or a file in it is not a job.
    pub fn in_folder(
        folder: &Path,
        prober: impl Fn(&str) -> Option<Value> + Send + Sync + 'static,
    ) -> Result<Self, String> {
        let (folder, mut jobs) = Folder::open::<Job>(folder)?;
        jobs.sort_by(|a, b| a.id.cmp(&b.id));
        let made = Self::new(prober);
        let mut state = made.state();
        (state.jobs, state.folder) = (jobs, Some(folder));
        drop(state);
        Ok(made)
    }

    /// The oldest job that has not ended; waits until there is one.
    pub async fn next(&self) -> Job {
        loop {
            let open = self.state().jobs.iter().find(|job| job.end.is_none()).cloned();
            match open {
                Some(job) => return job,
                None => self.ordered.notified().await,
            }
        }
    }

    /// A job has ended as `detail` says: its `status`, and `outputGroupDetails` or `errorMessage`.
    ///
    /// # Panics
    /// The jobs have a folder, and it cannot be written.
    pub fn end(&self, id: &str, detail: &Value) {
        let mut state = self.state();
        if let Some(n) = state.jobs.iter().position(|job| job.id == id) {
            state.jobs[n].end = Some(detail.clone());
            state.keep(n);
        }
    }

    /// From now on files hold what `prober` says.
    pub fn find(&self, prober: impl Fn(&str) -> Option<Value> + Send + Sync + 'static) {
        self.state().prober = Arc::new(prober);
    }

    /// A minute passes: whoever orders again with the same token gets another job.
    pub fn forget_tokens(&self) {
        self.state().jobs.iter_mut().for_each(|job| job.is_fresh = false);
    }

    /// For the SDK's configuration.
    #[must_use]
    pub fn http_client(&self) -> SharedHttpClient {
        SharedHttpClient::new(Emulator(self.clone()))
    }

    /// The jobs, oldest first.
    #[must_use]
    pub fn jobs(&self) -> Vec<Job> {
        self.state().jobs.clone()
    }

    /// Knows a job no more, as of an account that it was not ordered in.
    pub fn forget(&self, id: &str) {
        self.state().jobs.retain(|job| job.id != id);
    }

    /// Refuses the next so many requests as too many.
    pub fn throttle(&self, requests: usize) {
        self.state().throttled = requests;
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Answer for MediaConvert {
    fn answer(&self, request: &HttpRequest) -> (u16, Value) {
        let mut state = self.state();
        if state.throttled > 0 {
            state.throttled -= 1;
            return refused(429, "TooManyRequestsException", "Too Many Requests");
        }
        let target = request.uri().split_once("://").and_then(|(_, rest)| rest.split_once('/'));
        let (path, query) = target.map_or(("", ""), |(_, path)| path.split_once('?').unwrap_or((path, "")));
        let Some(path) = path.strip_prefix("2017-08-29/") else {
            return refused(404, "NotFoundException", path);
        };
        let body: Value =
            serde_json::from_slice(request.body().bytes().unwrap_or_default()).unwrap_or_default();
        match (request.method(), path) {
            ("POST", "jobs") => {
                let answer = state.order(&body);
                self.ordered.notify_one();
                answer
            }
            ("POST", "probe") => {
                // Meanwhile others are answered.
                let prober = Arc::clone(&state.prober);
                drop(state);
                probe(&*prober, &body)
            }
            ("GET", "search") => state.search(query),
            ("GET", path) if path.starts_with("jobs/") => state.look(&path["jobs/".len()..]),
            (method, path) => refused(404, "NotFoundException", &format!("{method} {path}")),
        }
    }
}

fn refused(status: u16, code: &str, message: &str) -> (u16, Value) {
    (status, json!({ "__type": code, "message": message }))
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

impl State {
    fn order(&mut self, body: &Value) -> (u16, Value) {
        let input = text(&body["settings"]["inputs"][0]["fileInput"]);
        let (token, role) = (text(&body["clientRequestToken"]), text(&body["role"]));
        if input.is_empty() || role.is_empty() || body["settings"]["outputGroups"][0].is_null() {
            return refused(400, "BadRequestException", "a job has a role, an input and an output group");
        }
        let groups = body["settings"]["outputGroups"].as_array().into_iter().flatten();
        let mut outputs = groups.flat_map(|group| group["outputs"].as_array().into_iter().flatten());
        if !outputs.all(|output| is_made(&output["videoDescription"])) {
            return refused(400, "BadRequestException", "width and height must be between 32 and 8192");
        }
        if let Some(known) = self.jobs.iter().find(|job| job.is_fresh && job.token == token) {
            return (201, json!({ "job": shown(known) }));
        }
        let metadata = body["userMetadata"].as_object().into_iter().flatten();
        let job = Job {
            id: format!("1700000000000-{:06}", self.jobs.len() + 1),
            token,
            role,
            input,
            metadata: metadata.map(|(name, value)| (name.clone(), text(value))).collect(),
            settings: body["settings"].clone(),
            is_fresh: true,
            end: None,
        };
        let answer = json!({ "job": shown(&job) });
        self.jobs.push(job);
        self.keep(self.jobs.len() - 1);
        (201, answer)
    }

    fn keep(&self, n: usize) {
        let Some(folder) = &self.folder else { return };
        folder.keep(&self.jobs[n].id, &self.jobs[n]).expect("a folder that can be written");
    }

    fn look(&self, id: &str) -> (u16, Value) {
        match self.jobs.iter().find(|job| job.id == id) {
            Some(job) => (200, json!({ "job": shown(job) })),
            None => refused(404, "NotFoundException", id),
        }
    }

    fn search(&self, query: &str) -> (u16, Value) {
        let wanted = query.split('&').find_map(|part| part.strip_prefix("inputFile="));
        let wanted = percent_decode_str(wanted.unwrap_or_default()).decode_utf8_lossy();
        // Newest first, as it is by default.
        let jobs = self.jobs.iter().rev().filter(|job| job.input.contains(&*wanted));
        (200, json!({ "jobs": jobs.take(20).map(shown).collect::<Vec<_>>() }))
    }
}

fn probe(prober: &Prober, body: &Value) -> (u16, Value) {
    match prober(&text(&body["inputFiles"][0]["fileUrl"])) {
        Some(container) => (200, json!({ "probeResults": [{ "container": container }] })),
        None => refused(422, "UnprocessableEntityException", "no supported media in this file"),
    }
}

/// Whether MediaConvert makes a picture so large.
fn is_made(picture: &Value) -> bool {
    ["width", "height"]
        .iter()
        .all(|side| picture[side].as_i64().is_some_and(|side| (32..=8192).contains(&side)))
}

fn shown(job: &Job) -> Value {
    let end = job.end.clone().unwrap_or_else(|| json!({ "status": "PROGRESSING" }));
    json!({
        "id": job.id, "role": job.role, "userMetadata": job.metadata, "settings": job.settings,
        "clientRequestToken": job.token, "status": end["status"], "errorMessage": end["errorMessage"],
        "outputGroupDetails": end["outputGroupDetails"],
    })
}
