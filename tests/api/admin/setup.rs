//! What these tests begin with.

use domain::identity::{Role, User};
use kernel::UserId;
use serde_json::{Value, json};
use store::{Consistency, Stored, keys};
use testkit::{Answer, Person, TestApp, TestRequest};

/// `admin` says which roles an account has.
pub(crate) fn assign<'a>(app: &'a TestApp, admin: &Person, user: UserId, roles: &[Role]) -> TestRequest<'a> {
    with_body(app, admin, user, &json!({ "roles": roles }))
}

pub(crate) fn with_body<'a>(app: &'a TestApp, admin: &Person, user: UserId, body: &Value) -> TestRequest<'a> {
    app.put(format!("/v1/admin/users/{user}/roles")).by(admin).json(body)
}

/// The account as the table has it.
pub(crate) async fn account(app: &TestApp, id: UserId) -> Stored<User> {
    app.store().get(&keys::user(&app.school(), id), Consistency::Strong).await.unwrap().unwrap()
}

pub(crate) async fn roles(app: &TestApp, id: UserId) -> Vec<Role> {
    account(app, id).await.value.roles
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
