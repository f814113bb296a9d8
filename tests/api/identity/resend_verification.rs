//! POST /v1/auth/email/verify/resend

use serde_json::json;
use tests::app;

use crate::identity::{
    mailed::{resend, school, verify},
    setup::{EMAIL, PASSWORD, SignedIn, login, registered},
};

const HOUR: i64 = 3600;

#[tokio::test]
async fn it_wants_a_signed_in_caller() {
    let app = app().await;
    app.post("/v1/auth/email/verify/resend").send().await.refused(401, "unauthenticated");
}

#[tokio::test]
async fn the_event_says_whose_address_it_is_and_no_more() {
    let app = app().await;
    let ada = registered(&app, EMAIL).await;
    let answer = resend(&app, &ada).send().await.expect(202);
    assert!(answer.body.is_empty());
    let [event] = app.outbox("user.verification_requested").await.try_into().unwrap();
    assert_eq!(event.data, json!({ "user_id": ada.id.to_string() }));
    assert_eq!(event.actor, Some(ada.id));
}

#[tokio::test]
async fn r28_an_account_gets_five_such_mails_a_day_and_always_the_same_answer() {
    let school = school().await;
    let (ada, _) = school.newcomer(EMAIL).await;
    let mut answers = Vec::new();
    for _ in 0..8 {
        answers.push(resend(&school.app, &ada).send().await.expect(202));
    }
    // The one that came of registering counts.
    assert_eq!(school.tokens(EMAIL, "Confirm").await.len(), 5);
    for answer in &answers {
        assert_eq!((&answer.body, answer.cost.reads, answer.cost.writes), (&answers[0].body, 1, 2));
    }
    // A fifth of a day later there is one more.
    school.app.clock().advance(24 * HOUR / 5 - 60);
    let ada = SignedIn::of(&login(&school.app, EMAIL, PASSWORD).send().await.json(200));
    let _ = resend(&school.app, &ada).send().await.expect(202);
    assert_eq!(school.tokens(EMAIL, "Confirm").await.len(), 5);
    school.app.clock().advance(60);
    let _ = resend(&school.app, &ada).send().await.expect(202);
    assert_eq!(school.tokens(EMAIL, "Confirm").await.len(), 6);
}

/// Each is an event, carried by what carries the mails of everybody.
#[tokio::test]
async fn r28_an_account_asks_ten_times_an_hour() {
    let app = app().await;
    let ada = registered(&app, EMAIL).await;
    for _ in 0..10 {
        let _ = resend(&app, &ada).send().await.expect(202);
    }
    let events = app.outbox("").await.len();
    let refused = resend(&app, &ada).send().await;
    refused.refused(429, "rate_limited");
    assert_eq!(app.outbox("").await.len(), events);
    let wait = refused.header("retry-after").unwrap();
    assert_eq!(refused.json["detail"], format!("at most 10 an hour; try again in {wait} s"));
}

#[tokio::test]
async fn a_confirmed_address_gets_no_such_mail_and_the_same_answer() {
    let school = school().await;
    let (ada, token) = school.newcomer(EMAIL).await;
    let before = resend(&school.app, &ada).send().await.expect(202);
    let mails = school.tokens(EMAIL, "Confirm").await.len();
    let _ = verify(&school.app, &ada, &token).send().await.expect(204);
    let after = resend(&school.app, &ada).send().await.expect(202);
    assert_eq!(school.tokens(EMAIL, "Confirm").await.len(), mails);
    assert_eq!((before.body, after.cost.writes), (after.body, 0), "nothing is sent on its way either");
}
