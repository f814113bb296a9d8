//! A request on its way through the gateway.

use std::{
    collections::BTreeSet,
    sync::atomic::{AtomicU32, Ordering},
};

use http::{HeaderMap, HeaderName, HeaderValue};
use kernel::School;
use runtime::{Cost, EndpointEntry, gateway::HttpRequest};
use serde_json::Value;

use crate::{Answer, Person, TestApp, app::OTHER_HOST, canaries::Kind, grants, waves};

/// Built up, then sent.
#[must_use]
pub struct TestRequest<'a> {
    app: &'a TestApp,
    request: HttpRequest,
    racing: bool,
    may_fail: bool,
}

impl<'a> TestRequest<'a> {
    pub(crate) fn new(app: &'a TestApp, method: &str, target: &str) -> Self {
        static NUMBER: AtomicU32 = AtomicU32::new(1);
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        let request = HttpRequest {
            method: method.to_owned(),
            path: path.to_owned(),
            query: query.to_owned(),
            headers: HeaderMap::from_iter([(http::header::HOST, HeaderValue::from_static("localhost"))]),
            body: Vec::new(),
            source_ip: "203.0.113.7".to_owned(),
            request_id: format!("req-{}", NUMBER.fetch_add(1, Ordering::Relaxed)),
        };
        Self { app, request, racing: false, may_fail: false }
    }

    /// Signs it with a person's access token.
    pub fn by(self, person: &Person) -> Self {
        self.bearer(&person.token)
    }

    /// Signs it with any token.
    pub fn bearer(self, token: &str) -> Self {
        self.header("authorization", &format!("Bearer {token}"))
    }

    /// Sets a header. A value that no header can have is left out.
    ///
    /// # Panics
    /// The name is not one.
    pub fn header(mut self, name: &str, value: &str) -> Self {
        let name: HeaderName = name.parse().expect("a header's name");
        if let Ok(value) = HeaderValue::from_str(value) {
            self.request.headers.insert(name, value);
        }
        self
    }

    /// Says which revision is edited.
    pub fn if_match(self, rev: u64) -> Self {
        self.header("if-match", &format!("\"{rev}\""))
    }

    /// Gives it a JSON body.
    pub fn json(self, body: &Value) -> Self {
        self.body("application/json", body.to_string().as_bytes())
    }

    /// Gives it any body.
    pub fn body(mut self, content_type: &str, body: &[u8]) -> Self {
        body.clone_into(&mut self.request.body);
        self.header("content-type", content_type)
    }

    /// Lets it come from another address.
    pub fn from_ip(mut self, ip: &str) -> Self {
        ip.clone_into(&mut self.request.source_ip);
        self
    }

    /// Sends it to the host of the school `other`.
    pub fn to_other_school(self) -> Self {
        self.header("host", OTHER_HOST)
    }

    /// Others collide with it, so it may take more calls than its budget.
    pub fn racing(mut self) -> Self {
        self.racing = true;
        self
    }

    /// A 5xx is what the test is about.
    pub fn may_fail(mut self) -> Self {
        self.may_fail = true;
        self
    }

    /// The school that it is meant for.
    fn school(&self) -> School {
        let header = |name| self.request.headers.get(name).and_then(|value| value.to_str().ok());
        let of_token =
            header(http::header::AUTHORIZATION).and_then(|token| self.app.tap().canaries().school_of(token));
        let host = header(http::header::HOST).unwrap_or_default();
        of_token.unwrap_or_else(|| self.app.app().config.school_of_host(host))
    }

    /// Sends it.
    ///
    /// # Panics
    /// It costs more than its route's budget, answers 5xx, refuses without a proper problem document or a page, or with a
    /// code that its documentation lacks, or lets out what nobody else may know.
    pub async fn send(self) -> Answer {
        let what = format!("{} {}", self.request.method, self.request.path);
        let entry = self.app.gateway().find(&self.request);
        let (canaries, school) = (self.app.tap().canaries(), self.school());
        let sent: Value = serde_json::from_slice(&self.request.body).unwrap_or_default();
        canaries.learn_of(&school, &sent, &[Kind::Password, Kind::Address, Kind::Name]);
        // On the heap, or a long test is larger than a thread's stack.
        let answering = Box::pin(grants::watched(self.app.gateway().answer(self.request)));
        let ((response, taken), chains) = waves::counted(answering).await;
        let cost = response.extensions().get::<Cost>().map(|cost| cost.0);
        let answer = Answer::new(what, response, cost.unwrap_or_default(), chains.longest);
        canaries.learn_of(&school, &answer.json, &[Kind::Token]);
        if answer.status < 400 {
            canaries.learn_of(&school, &sent, &[Kind::Token]);
        }
        canaries.check();
        let taken = grants::with_links(taken, &answer.body);
        grants::check(&entry.into(), self.app.app().config.calls_per_minute.is_some(), &taken);
        if let (Some(cost), false) = (cost, self.racing) {
            let budget = entry.budget;
            let general = u32::from(self.app.app().config.calls_per_minute.is_some());
            assert!(
                cost.reads <= budget.reads + general && cost.writes <= budget.writes + general,
                "{} made {} reads and {} writes, more than its budget {budget:?}",
                answer.what,
                cost.reads,
                cost.writes,
            );
            // What the SDK sent again waited for more than the route asks for.
            let is_undisturbed = chains.calls == cost.reads + cost.writes;
            assert!(
                !is_undisturbed || chains.longest <= entry.waves + 2 * general,
                "{} made {} calls after one another, more than its {} waves: read together what does not depend on the \
                 other, or say in WAVES why not",
                answer.what,
                chains.longest,
                entry.waves,
            );
        }
        assert!(
            self.may_fail || answer.status < 500,
            "{} answered {}: {}",
            answer.what,
            answer.status,
            answer.text()
        );
        let is_page = answer.header("content-type").is_some_and(|kind| kind.starts_with("text/html"));
        if answer.status >= 400 && !is_page && !answer.what.starts_with("HEAD ") {
            answer.assert_is_problem();
            assert_documented(entry, &answer);
        }
        answer
    }
}

/// The members of all problem documents.
const OF_EVERY_PROBLEM: [&str; 8] =
    ["type", "title", "status", "detail", "code", "instance", "request_id", "errors"];

/// Clients are told of every code that a route can refuse with. A body may be too large for every route, also for one
/// that reads none. They are told too of every member that its documents have besides what all have.
fn assert_documented(entry: EndpointEntry, answer: &Answer) {
    let code = answer.json["code"].as_str().unwrap_or_default();
    let documented = entry.codes().into_iter().find(|known| known.name() == code);
    assert!(
        documented.is_some() || answer.status == 413,
        "{} answered {code}, which is none of its documented codes: add it to ERRORS in functions/{}/src/{}.rs",
        answer.what,
        entry.names.domain(),
        entry.names.verb_noun(),
    );
    let members = answer.json.as_object().into_iter().flatten().map(|(name, _)| name.as_str());
    let sent: BTreeSet<&str> = members.filter(|name| !OF_EVERY_PROBLEM.contains(name)).collect();
    let declared = documented.iter().flat_map(|code| code.0.members).map(|(name, _)| *name).collect();
    assert_eq!(
        sent, declared,
        "{} answered {code} with other members than its Meaning declares",
        answer.what
    );
}
