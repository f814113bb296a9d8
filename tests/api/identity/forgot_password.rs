//! POST /v1/auth/password/forgot

use serde_json::{Value, json};
use store::Meter;
use testkit::TestApp;
use tests::app;

use crate::identity::{
    mailed::{forgot, reset, school, verify},
    setup::{EMAIL, assert_names, change_account, login, registered},
};

const HOUR: i64 = 3600;
const NEW: &str = "another long password";

/// All that a caller sees of an answer, and the calls that were made for it.
async fn seen(app: &TestApp, email: &str) -> (u16, Vec<u8>, Vec<(String, String)>, Vec<String>, Meter) {
    app.tap().reset();
    let answer = forgot(app, email).send().await;
    let mut headers: Vec<(String, String)> = answer
        .headers
        .iter()
        .filter(|(name, _)| *name != "x-request-id")
        .map(|(name, value)| (name.to_string(), value.to_str().unwrap().to_owned()))
        .collect();
    headers.sort();
    let cost = Meter { capacity: 0.0, ..answer.cost };
    (answer.status, answer.body, headers, app.tap().operations(), cost)
}

#[tokio::test]
async fn r25_answer_and_work_are_the_same_whether_or_not_there_is_an_account() {
    let school = school().await;
    let app = &school.app;
    let (ada, token) = school.newcomer(EMAIL).await;
    let _ = verify(app, &ada, &token).send().await.expect(204);
    let suspended = registered(app, "suspended@example.org").await;
    change_account(app, suspended.id, |user| user.is_active = false).await;
    let _ = registered(app, "unconfirmed@example.org").await;
    let known = seen(app, EMAIL).await;
    assert_eq!((known.0, known.1.as_slice()), (202, &b""[..]));
    assert_eq!(known.3, ["UpdateItem", "GetItem", "PutItem"]);
    for email in ["nobody@example.org", "suspended@example.org", "unconfirmed@example.org", EMAIL] {
        assert_eq!(seen(app, email).await, known, "{email}");
    }
    // Also when an account has had all its mails.
    for _ in 0..6 {
        assert_eq!(seen(app, EMAIL).await, known);
    }
    app.carry().await;
    assert_eq!(seen(app, EMAIL).await, known);
}

#[tokio::test]
async fn r25_in_another_school_the_account_is_as_unknown_as_any() {
    let school = school().await;
    let (ada, token) = school.newcomer(EMAIL).await;
    let _ = verify(&school.app, &ada, &token).send().await.expect(204);
    let _ = forgot(&school.app, EMAIL).to_other_school().send().await.expect(202);
    assert!(school.tokens(EMAIL, "new password").await.is_empty());
}

#[tokio::test]
async fn the_event_holds_no_address_and_there_is_one_for_nobody_too() {
    let app = app().await;
    let ada = registered(&app, EMAIL).await;
    for email in [" Ada@Example.ORG ", "nobody@example.org"] {
        let _ = forgot(&app, email).send().await.expect(202);
    }
    let events: Vec<Value> =
        app.outbox("user.password_forgotten").await.into_iter().map(|event| event.data).collect();
    assert_eq!(events, [json!({ "user_id": ada.id.to_string() }), json!({ "user_id": null })]);
}

#[tokio::test]
async fn only_who_has_an_account_gets_a_mail() {
    let school = school().await;
    let suspended = registered(&school.app, "suspended@example.org").await;
    change_account(&school.app, suspended.id, |user| user.is_active = false).await;
    let before = school.mailbox.messages().len();
    for email in ["suspended@example.org", "nobody@example.org"] {
        let _ = forgot(&school.app, email).send().await.expect(202);
    }
    school.app.carry().await;
    assert_eq!(school.mailbox.messages().len(), before);
}

/// Otherwise nobody could ever take back an account that somebody else made with their address.
#[tokio::test]
async fn an_unconfirmed_address_gets_the_mail_and_is_confirmed_by_its_token() {
    let school = school().await;
    let (ada, _) = school.newcomer(EMAIL).await;
    let token = school.forgotten(EMAIL).await;
    let _ = reset(&school.app, &token, NEW).send().await.expect(204);
    let answer = login(&school.app, EMAIL, NEW).send().await.json(200);
    assert_eq!(answer["user"]["email_verified"], true);
    assert_eq!(answer["user"]["id"], ada.id.to_string());
}

#[tokio::test]
async fn r28_a_confirmed_account_gets_five_such_mails_an_hour() {
    let school = school().await;
    let (ada, token) = school.newcomer(EMAIL).await;
    let _ = verify(&school.app, &ada, &token).send().await.expect(204);
    for _ in 0..8 {
        let _ = forgot(&school.app, EMAIL).send().await.expect(202);
    }
    assert_eq!(school.tokens(EMAIL, "new password").await.len(), 5);
    school.app.clock().advance(HOUR / 5);
    let _ = school.forgotten(EMAIL).await;
    assert_eq!(school.tokens(EMAIL, "new password").await.len(), 6);
}

#[tokio::test]
async fn r28_an_unconfirmed_one_gets_five_a_day_of_each_kind() {
    let school = school().await;
    let (stranger, _) = school.newcomer(EMAIL).await;
    // Whoever registered somebody else's address keeps its owner from no mail that gives it back.
    for _ in 0..8 {
        let _ = crate::identity::mailed::resend(&school.app, &stranger).send().await.expect(202);
    }
    assert_eq!(school.tokens(EMAIL, "Confirm").await.len(), 5);
    for _ in 0..8 {
        let _ = forgot(&school.app, EMAIL).send().await.expect(202);
    }
    assert_eq!(school.tokens(EMAIL, "new password").await.len(), 5);
    school.app.clock().advance(HOUR);
    let _ = forgot(&school.app, EMAIL).send().await.expect(202);
    school.app.carry().await;
    assert_eq!(school.mailbox.messages().len(), 10);
}

#[tokio::test]
async fn r28_one_network_address_asks_sixty_times_an_hour() {
    let app = app().await;
    for _ in 0..60 {
        let _ = forgot(&app, "nobody@example.org").send().await.expect(202);
    }
    let events = app.outbox("").await.len();
    forgot(&app, "nobody@example.org").send().await.refused(429, "rate_limited");
    assert_eq!(app.outbox("").await.len(), events);
    let _ = forgot(&app, "nobody@example.org").from_ip("198.51.100.8").send().await.expect(202);
}

#[tokio::test]
async fn what_is_no_address_is_named() {
    let app = app().await;
    for email in ["ada", "ada@example", ".ada@example.org"] {
        let answer = forgot(&app, email).send().await;
        assert_names(&answer.refused(422, "validation_failed"), &[("/email", "invalid_email")]);
    }
    assert!(app.dump().await.is_empty());
}
