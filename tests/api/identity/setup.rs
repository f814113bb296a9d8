//! What these tests begin with.

use domain::identity::User;
use kernel::UserId;
use serde_json::{Value, json};
use store::{Consistency, Stored, keys};
use testkit::{Answer, TestApp, TestRequest};
pub(crate) use tests::change_account;
use tests::text;

pub(crate) const EMAIL: &str = "ada@example.org";
pub(crate) const PASSWORD: &str = "correct horse battery staple";
pub(crate) const WRONG: &str = "incorrect horse battery staple";

/// What somebody holds who signed in.
#[derive(Clone, Debug)]
pub(crate) struct SignedIn {
    pub(crate) id: UserId,
    pub(crate) access: String,
    pub(crate) refresh: String,
}

impl SignedIn {
    #[track_caller]
    pub(crate) fn of(answer: &Value) -> Self {
        Self {
            id: text(&answer["user"], "id").parse().unwrap(),
            access: text(answer, "access_token"),
            refresh: text(answer, "refresh_token"),
        }
    }
}

/// An app that tasks can share.
pub(crate) async fn shared_app() -> &'static TestApp {
    Box::leak(Box::new(tests::app().await))
}

pub(crate) fn registration(email: &str) -> Value {
    json!({ "email": email, "password": PASSWORD, "first_name": "Ada", "last_name": "Lovelace" })
}

/// Makes an account with [`PASSWORD`] through the API.
pub(crate) async fn registered(app: &TestApp, email: &str) -> SignedIn {
    SignedIn::of(&app.post("/v1/auth/register").json(&registration(email)).send().await.json(201))
}

pub(crate) fn login<'a>(app: &'a TestApp, email: &str, password: &str) -> TestRequest<'a> {
    app.post("/v1/auth/login").json(&json!({ "email": email, "password": password }))
}

pub(crate) fn refresh<'a>(app: &'a TestApp, token: &str) -> TestRequest<'a> {
    app.post("/v1/auth/refresh").json(&json!({ "refresh_token": token }))
}

/// Whether an access token opens the route that every account may call.
pub(crate) async fn opens(app: &TestApp, access_token: &str) -> bool {
    let answer = app.get("/v1/me").bearer(access_token).send().await;
    if answer.status != 200 {
        answer.refused(401, "invalid_token");
    }
    answer.status == 200
}

/// The account as the table has it.
pub(crate) async fn account(app: &TestApp, id: UserId) -> Stored<User> {
    app.store().get(&keys::user(&app.school(), id), Consistency::Strong).await.unwrap().unwrap()
}

/// How many items of an entity the table has.
pub(crate) async fn count(app: &TestApp, entity: &str) -> usize {
    let mark = format!("et=S(\"{entity}\")");
    app.dump().await.iter().filter(|item| item.contains(&mark)).count()
}

/// Sends all of them at the same time.
pub(crate) async fn race(requests: impl IntoIterator<Item = TestRequest<'static>>) -> Vec<Answer> {
    let sent: Vec<_> = requests.into_iter().map(|request| tokio::spawn(request.racing().send())).collect();
    let mut answers = Vec::new();
    for answer in sent {
        answers.push(answer.await.expect("a request that keeps the rules"));
    }
    answers
}

/// How many answers have a status.
pub(crate) fn with_status(answers: &[Answer], status: u16) -> usize {
    answers.iter().filter(|answer| answer.status == status).count()
}

/// Checks that a refusal names exactly these fields.
#[track_caller]
pub(crate) fn assert_names(violations: &[(String, String)], expected: &[(&str, &str)]) {
    let got: Vec<(&str, &str)> = violations.iter().map(|(at, code)| (at.as_str(), code.as_str())).collect();
    assert_eq!(got, expected);
}
