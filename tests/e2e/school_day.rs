//! A school day leaves nothing behind that can be taken over, however it ends.

use std::{
    collections::HashSet,
    net::Ipv4Addr,
    sync::{Arc, Mutex},
};

use axum::{
    Router,
    body::Bytes,
    extract::State,
    http::{HeaderMap, Method, StatusCode, Uri, header},
    response::{IntoResponse, Response},
};
use serde_json::{Value, json};
use smoke::{Api, SchoolDay, Taken};
use tests::text;
use tokio::{
    net::TcpListener,
    sync::Notify,
    task::{JoinHandle, JoinSet, LocalSet},
};

use crate::server::{Server, data_dir};

/// What becomes of one request.
#[derive(Clone, Copy, PartialEq, Debug)]
enum Mishap {
    NeverArrives,
    AnswerIsLost,
}

/// Stands between the day and the school, and remembers the secrets that pass.
struct Between {
    target: String,
    http: reqwest::Client,
    mishap: Option<(usize, Mishap)>,
    /// Of each request so far, whether it would change something.
    passed: Mutex<Vec<bool>>,
    /// Bodies of registrations that arrived.
    accounts: Mutex<Vec<Value>>,
    /// Access tokens that were handed out.
    tokens: Mutex<Vec<String>>,
}

impl Between {
    async fn start(target: &str, mishap: Option<(usize, Mishap)>) -> (Arc<Self>, Api, JoinHandle<()>) {
        let between = Arc::new(Self {
            target: target.to_owned(),
            http: reqwest::Client::new(),
            mishap,
            passed: Mutex::default(),
            accounts: Mutex::default(),
            tokens: Mutex::default(),
        });
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let api = Api::new(&format!("http://{}", listener.local_addr().unwrap()));
        let routes = Router::new().fallback(pass).with_state(Arc::clone(&between));
        let server = tokio::spawn(async move { axum::serve(listener, routes).await.unwrap() });
        (between, api, server)
    }
}

async fn pass(
    State(between): State<Arc<Between>>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let number = {
        let mut passed = between.passed.lock().unwrap();
        passed.push(method != Method::GET);
        passed.len() - 1
    };
    let lost = || (StatusCode::INTERNAL_SERVER_ERROR, "lost on the way").into_response();
    if between.mishap == Some((number, Mishap::NeverArrives)) {
        return lost();
    }
    let registers = uri.path() == "/v1/auth/register";
    if registers {
        between.accounts.lock().unwrap().push(serde_json::from_slice(&body).unwrap());
    }
    let mut request = between.http.request(method, format!("{}{uri}", between.target)).body(body);
    for name in [header::AUTHORIZATION, header::CONTENT_TYPE] {
        if let Some(value) = headers.get(&name) {
            request = request.header(name, value);
        }
    }
    let answer = request.send().await.unwrap();
    let (status, bytes) = (answer.status(), answer.bytes().await.unwrap());
    if between.mishap == Some((number, Mishap::AnswerIsLost)) {
        return lost();
    }
    if registers {
        let answer: Value = serde_json::from_slice(&bytes).unwrap();
        between.tokens.lock().unwrap().push(text(&answer, "access_token"));
    }
    (status, bytes).into_response()
}

/// Goes through a day that meets a mishap, or is interrupted at a step, and looks at what it left behind. Returns which of
/// its requests would change something, and its passwords.
async fn day(
    school: Api,
    url: String,
    admin: String,
    mishap: Option<(usize, Mishap)>,
    interrupted_at: Option<&'static str>,
) -> (Vec<bool>, Vec<String>) {
    let (between, api, server) = Between::start(&url, mishap).await;
    let (said, stop) = (Mutex::new(String::new()), Notify::new());
    let day = SchoolDay { api: &api, admin: &admin, letters: None };
    let say = |step: &str| {
        said.lock().unwrap().push_str(step);
        if interrupted_at == Some(step) {
            stop.notify_one();
        }
    };
    let outcome = day.go(say, stop.notified(), async |_| Ok(())).await;
    let mut printed = said.into_inner().unwrap();
    match &outcome {
        Ok(Taken { certificate, .. }) => printed.push_str(&certificate["certificate_no"].to_string()),
        Err(failure) => printed.push_str(failure),
    }
    assert!(!printed.contains("may still") && !printed.contains("lasts until"), "{mishap:?}: {printed}");
    assert!(interrupted_at.is_none() || outcome.is_err(), "it goes on after {interrupted_at:?}");

    let tokens = between.tokens.lock().unwrap().clone();
    for token in &tokens {
        school.call("GET /v1/me", Some(token), None, 401).await.unwrap();
        assert!(!printed.contains(token), "{mishap:?}: a token is printed");
    }
    let accounts = between.accounts.lock().unwrap().clone();
    let mut passwords = Vec::new();
    for account in accounts {
        let (email, password) = (text(&account, "email"), text(&account, "password"));
        assert!(email.starts_with("success+") && email.ends_with("@simulator.amazonses.com"), "{email}");
        assert!(password.len() >= 32 && !printed.contains(&password), "{mishap:?}: {printed}");
        let token = school.sign_in(&email, &password).await.unwrap();
        let me = school.call("GET /v1/me", Some(&token), None, 200).await.unwrap();
        assert_eq!(me["roles"], json!(["student"]), "{mishap:?}");
        let own = school.call("GET /v1/me/certificates", Some(&token), None, 200).await.unwrap();
        let valid: Vec<_> =
            own["items"].as_array().unwrap().iter().filter(|one| one["status"] != "revoked").collect();
        assert!(valid.is_empty(), "{mishap:?}: {valid:?}");
        passwords.push(password);
    }
    server.abort();
    let passed = between.passed.lock().unwrap().clone();
    (passed, passwords)
}

#[tokio::test]
async fn a_school_day_leaves_nothing_that_can_be_taken_over_wherever_it_fails() {
    LocalSet::new().run_until(every_day()).await;
}

async fn every_day() {
    let data = data_dir();
    let server = Server::start(&data, &[]).await;
    let admin = server.sign_in(&data, "admin").await;
    let go = |mishap, interrupted_at| {
        day(server.api.clone(), server.url.clone(), admin.clone(), mishap, interrupted_at)
    };
    let (requests, mut passwords) = go(None, None).await;
    let mut days = JoinSet::new();
    for interrupted_at in ["register", "write a course", "publish", "enrol", "unpublish"] {
        days.spawn_local(go(None, Some(interrupted_at)));
    }
    // What only asks leaves as little behind as what comes after it and never arrives.
    for (at, _) in requests.iter().enumerate().filter(|(_, changes)| **changes) {
        for mishap in [Mishap::NeverArrives, Mishap::AnswerIsLost] {
            // So many at once, since most of a day is waiting for its certificate.
            if days.len() >= 6 {
                passwords.extend(days.join_next().await.unwrap().unwrap().1);
            }
            days.spawn_local(go(Some((at, mishap)), None));
        }
    }
    for (_, more) in days.join_all().await {
        passwords.extend(more);
    }
    let different: HashSet<&String> = passwords.iter().collect();
    assert_eq!(
        different.len(),
        passwords.len(),
        "each account has a password of its own, so none is in the repository"
    );
    assert!(passwords.len() > requests.len(), "{} accounts", passwords.len());
    let listed = server.call("GET /v1/courses?limit=100", None, None, 200).await;
    assert!(!listed.to_string().contains("A school day"), "a course is in sight: {listed}");
    assert_eq!(server.interrupt().await, 0);
    std::fs::remove_dir_all(data).unwrap();
}
