//! POST /v1/auth/login

use serde_json::json;
use testkit::{Moment, TestApp};
use tests::app;

use crate::identity::setup::{
    EMAIL, PASSWORD, SignedIn, WRONG, assert_names, change_account, count, login, opens, race, registered,
    shared_app, with_status,
};

/// Wrong passwords for an account that are looked at, before the limit answers instead.
const GUESSES: usize = 5;

/// Sends a wrong password from an address, and checks that it was looked at.
async fn guess(app: &TestApp, email: &str, ip: &str) {
    login(app, email, WRONG).from_ip(ip).send().await.refused(401, "invalid_credentials");
}

#[tokio::test]
async fn the_password_opens_a_new_session() {
    let app = app().await;
    let first = registered(&app, EMAIL).await;
    let answer = login(&app, EMAIL, PASSWORD).send().await.expect(200);
    insta::assert_json_snapshot!(answer.snapshot());
    let second = SignedIn::of(&answer.json);
    assert_eq!(second.id, first.id);
    assert_eq!(count(&app, "session").await, 2);
    assert!(opens(&app, &first.access).await && opens(&app, &second.access).await);
}

#[tokio::test]
async fn an_email_signs_in_however_it_is_written() {
    let app = app().await;
    registered(&app, "Ada@Example.org").await;
    for email in ["ada@example.org", "ADA@EXAMPLE.ORG", " Ada@example.org  "] {
        let _ = login(&app, email, PASSWORD).send().await.expect(200);
    }
}

#[tokio::test]
async fn a_wrong_password_an_unknown_email_and_a_suspended_account_read_the_same() {
    let app = app().await;
    let suspended = registered(&app, "suspended@example.org").await;
    change_account(&app, suspended.id, |user| user.is_active = false).await;
    registered(&app, EMAIL).await;
    let sessions = count(&app, "session").await;
    let mut texts = Vec::new();
    for (email, password) in [
        (EMAIL, WRONG),
        ("nobody@example.org", PASSWORD),
        ("suspended@example.org", PASSWORD),
        ("no email", PASSWORD),
    ] {
        let answer = login(&app, email, password).send().await;
        answer.refused(401, "invalid_credentials");
        texts.push(answer.snapshot());
    }
    insta::assert_json_snapshot!(texts[0]);
    assert!(texts.iter().all(|text| *text == texts[0]), "{texts:#?}");
    assert_eq!(count(&app, "session").await, sessions);
}

#[tokio::test]
async fn an_account_of_another_school_does_not_sign_in_here() {
    let app = app().await;
    let there =
        app.post("/v1/auth/register").to_other_school().json(&crate::identity::setup::registration(EMAIL));
    let _ = there.send().await.expect(201);
    login(&app, EMAIL, PASSWORD).send().await.refused(401, "invalid_credentials");
    let _ = login(&app, EMAIL, PASSWORD).to_other_school().send().await.expect(200);
}

#[tokio::test]
async fn what_is_wrong_with_the_body_is_named_and_costs_no_guess() {
    let app = app().await;
    registered(&app, EMAIL).await;
    let before = app.dump().await;
    for (body, status, code, violation) in [
        (json!({ "email": EMAIL }), 400, "invalid_body", ("/password", "missing")),
        (json!({ "password": PASSWORD }), 400, "invalid_body", ("/email", "missing")),
        (json!({ "email": EMAIL, "password": 1 }), 400, "invalid_body", ("/password", "wrong_type")),
        (
            json!({ "email": EMAIL, "password": PASSWORD, "admin": true }),
            400,
            "invalid_body",
            ("/admin", "unknown_field"),
        ),
        (json!({ "email": "", "password": PASSWORD }), 422, "validation_failed", ("/email", "too_short")),
        (
            json!({ "email": EMAIL, "password": "x".repeat(1025) }),
            422,
            "validation_failed",
            ("/password", "too_long"),
        ),
    ] {
        let answer = app.post("/v1/auth/login").json(&body).send().await;
        assert_names(&answer.refused(status, code), &[violation]);
    }
    app.post("/v1/auth/login").body("application/json", b"{").send().await.refused(400, "malformed_json");
    app.post("/v1/auth/login").body("text/plain", b"{}").send().await.refused(415, "unsupported_media_type");
    assert_eq!(app.dump().await, before);
}

#[tokio::test]
async fn r28_an_account_takes_five_guesses_a_minute_from_wherever_they_come() {
    let app = app().await;
    registered(&app, EMAIL).await;
    registered(&app, "grace@example.org").await;
    for n in 0..GUESSES {
        // Neither the address nor the spelling makes it another account.
        let email = if n % 2 == 0 { "ada@example.org" } else { " ADA@Example.org" };
        guess(&app, email, &format!("198.51.100.{n}")).await;
    }
    let answer = login(&app, EMAIL, WRONG).from_ip("198.51.100.99").send().await;
    answer.refused(429, "rate_limited");
    let wait: i64 = answer.header("retry-after").unwrap().parse().unwrap();
    assert!((1..=12).contains(&wait), "{wait}");
    // Another account does not wait with it.
    let _ = login(&app, "grace@example.org", PASSWORD).from_ip("198.51.100.99").send().await.expect(200);

    app.clock().advance(wait);
    let _ = login(&app, EMAIL, PASSWORD).from_ip("198.51.100.99").send().await.expect(200);
    guess(&app, EMAIL, "198.51.100.99").await;
    login(&app, EMAIL, WRONG).from_ip("198.51.100.98").send().await.refused(429, "rate_limited");
    app.clock().advance(60);
    for n in 0..GUESSES {
        guess(&app, EMAIL, &format!("192.0.2.{n}")).await;
    }
    login(&app, EMAIL, WRONG).from_ip("192.0.2.99").send().await.refused(429, "rate_limited");
}

#[tokio::test]
async fn r28_right_passwords_are_not_counted() {
    let app = app().await;
    registered(&app, EMAIL).await;
    for _ in 0..GUESSES - 1 {
        guess(&app, EMAIL, "198.51.100.1").await;
    }
    for _ in 0..8 {
        let _ = login(&app, EMAIL, PASSWORD).from_ip("198.51.100.1").send().await.expect(200);
    }
    // They gave back what they took, and no more.
    guess(&app, EMAIL, "198.51.100.1").await;
    login(&app, EMAIL, WRONG).from_ip("198.51.100.1").send().await.refused(429, "rate_limited");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn r28_guesses_at_the_same_moment_share_the_limit() {
    let app = shared_app().await;
    registered(app, EMAIL).await;
    // In a bucket that was used a moment ago, all of them compute the same next state.
    guess(app, EMAIL, "198.51.100.200").await;
    let answers = race((0..16).map(|n| login(app, EMAIL, WRONG).from_ip(&format!("198.51.100.{n}")))).await;
    assert_eq!(with_status(&answers, 401) + with_status(&answers, 429), 16);
    let evaluated = with_status(&answers, 401);
    assert!(evaluated < GUESSES, "{evaluated} of 16 guesses were looked at, though 4 were left");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn r28_five_right_passwords_at_the_same_moment_all_sign_in() {
    let app = shared_app().await;
    registered(app, EMAIL).await;
    let answers = race((0..GUESSES).map(|_| login(app, EMAIL, PASSWORD))).await;
    assert_eq!(with_status(&answers, 200), GUESSES, "{answers:#?}");
    assert_eq!(count(app, "session").await, GUESSES + 1);
}

#[tokio::test]
async fn r28_a_hundred_guesses_from_a_hundred_addresses_cost_five_hashes() {
    let app = app().await;
    registered(&app, EMAIL).await;
    let mut evaluated = 0;
    for n in 0..100 {
        let answer = login(&app, EMAIL, WRONG).from_ip(&format!("198.51.100.{n}")).send().await;
        evaluated += usize::from(answer.status == 401);
    }
    assert_eq!(evaluated, GUESSES);
}

#[tokio::test]
async fn r28_the_limit_of_one_school_is_not_that_of_another() {
    let app = app().await;
    let there =
        app.post("/v1/auth/register").to_other_school().json(&crate::identity::setup::registration(EMAIL));
    let _ = there.send().await.expect(201);
    for _ in 0..GUESSES {
        guess(&app, EMAIL, "198.51.100.1").await;
    }
    login(&app, EMAIL, PASSWORD).from_ip("198.51.100.1").send().await.refused(429, "rate_limited");
    let _ = login(&app, EMAIL, PASSWORD).from_ip("198.51.100.1").to_other_school().send().await.expect(200);
}

#[tokio::test]
async fn a_connection_that_breaks_at_any_call_harms_neither_the_login_nor_the_limit() {
    let app = app().await;
    registered(&app, EMAIL).await;
    app.tap().reset();
    let _ = login(&app, EMAIL, PASSWORD).send().await.expect(200);
    let calls = app.tap().calls();
    assert!(calls >= 7, "two buckets twice, the account, the session: {calls} calls");
    for call in 1..=calls {
        app.tap().break_at(call, Moment::AfterCommit);
        let answer = login(&app, EMAIL, PASSWORD).send().await.expect(200);
        assert!(opens(&app, &SignedIn::of(&answer.json).access).await, "broken at call {call}");
    }
    app.tap().reset();
    assert_eq!(count(&app, "session").await, calls + 2);
    for _ in 0..GUESSES {
        guess(&app, EMAIL, "203.0.113.7").await;
    }
    login(&app, EMAIL, WRONG).send().await.refused(429, "rate_limited");
}
