//! The first admin of a school, whom no route can appoint: what `create-admin` does.

use admin::first_admin::{find_account, grant_first_admin};
use domain::identity::Role;
use kernel::Code;
use testkit::TestApp;
use tests::app;

use crate::admin::setup::{account, roles};

/// Makes the account of `email` an admin, as `create-admin` does once somebody has looked at it.
async fn grant(app: &TestApp, email: &str) -> kernel::Result<()> {
    let account = find_account(app.store(), &app.school(), email).await?;
    grant_first_admin(app.store(), &app.school(), account).await
}

#[tokio::test]
async fn who_confirmed_their_address_becomes_admin_and_stays_what_they_were() {
    let app = app().await;
    let ada = app.instructor("Ada").await;
    for _ in 0..2 {
        grant(&app, " Ada@example.org").await.unwrap();
        assert_eq!(roles(&app, ada.id).await, [Role::Student, Role::Instructor, Role::Admin]);
    }
}

#[tokio::test]
async fn whoever_registered_somebody_elses_address_does_not_become_admin() {
    let app = app().await;
    let body = serde_json::json!({
        "email": "ada@example.org", "password": "a long enough one", "first_name": "Eve", "last_name": "Example",
    });
    let _ = app.post("/v1/auth/register").json(&body).send().await.expect(201);
    let before = app.dump().await;
    let error = grant(&app, "ada@example.org").await.unwrap_err();
    assert_eq!(error.code(), Code::FORBIDDEN);
    assert!(error.detail().contains("nobody confirmed that ada@example.org is theirs"), "{error}");
    assert_eq!(app.dump().await, before);
}

#[tokio::test]
async fn who_has_no_account_is_told_to_register() {
    let app = app().await;
    for email in ["ada@example.org", "no address"] {
        assert_eq!(grant(&app, email).await.unwrap_err().code(), Code::NOT_FOUND, "{email}");
    }
}

#[tokio::test]
async fn what_somebody_agreed_to_is_what_happens() {
    let app = app().await;
    let ada = app.student("Ada").await;
    let shown = find_account(app.store(), &app.school(), "ada@example.org").await.unwrap();
    let rename = app.patch("/v1/me").by(&ada).json(&serde_json::json!({ "first_name": "Eve" }));
    let _ = rename.send().await.expect(200);
    let error = grant_first_admin(app.store(), &app.school(), shown).await.unwrap_err();
    assert_eq!(error.code(), Code::CONFLICT);
    assert!(!account(&app, ada.id).await.value.has(Role::Admin));
}
