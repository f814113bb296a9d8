//! Accounts that are suspended while a call of theirs is under way.

use serde_json::{Value, json};
use testkit::TestRequest;

use crate::identity::{
    mailed::{School, shared_school, verify},
    setup::{EMAIL, PASSWORD, SignedIn, account, change_account},
};

/// What changes the caller's own account, and which of its calls writes.
fn changes(school: &'static School, person: &SignedIn, token: &str) -> Vec<(TestRequest<'static>, usize)> {
    let app = &school.app;
    let passwords = json!({ "current": PASSWORD, "new": "another long password" });
    vec![
        (app.patch("/v1/me").bearer(&person.access).json(&json!({ "headline": "Still here" })), 2),
        (verify(app, person, token), 3),
        // It voids the token.
        (app.put("/v1/auth/password").bearer(&person.access).json(&passwords), 4),
    ]
}

#[tokio::test]
async fn r5_whoever_is_suspended_between_the_reading_and_the_writing_changes_nothing() {
    let school = shared_school().await;
    let (ada, token) = school.newcomer(EMAIL).await;
    for (request, write) in changes(school, &ada, &token) {
        let tap = school.app.tap();
        tap.hold_at(write);
        let answer = tokio::spawn(request.racing().send());
        tap.held().await;
        change_account(&school.app, ada.id, |user| user.is_active = false).await;
        let before = school.app.dump().await;
        tap.release();
        answer.await.unwrap().refused(401, "invalid_token");
        assert_eq!(school.app.dump().await, before);
        change_account(&school.app, ada.id, |user| user.is_active = true).await;
    }
    // The calls that were held did write.
    for (request, _) in changes(school, &ada, &token) {
        assert!(request.send().await.status < 300);
    }
    let account: Value = serde_json::to_value(account(&school.app, ada.id).await.value).unwrap();
    assert_eq!((&account["email_verified"], &account["epoch"]), (&json!(true), &json!(1)));
}
