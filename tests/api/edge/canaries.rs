//! The canaries of the testkit (R29, R32): each test but the first plants a leak, which must fail it.

use domain::{
    identity::UserRegistered,
    mail::{Delivery, DeliveryState},
};
use serde_json::json;
use store::{Origin, keys};
use testkit::TestApp;
use tests::{app, text};

const PASSWORD: &str = "a very secret one";

/// An account with all four kinds of canary; returns its token.
async fn registered(app: &TestApp) -> String {
    let account = json!({
        "email": "Canary@example.org", "password": PASSWORD, "first_name": "Tweety", "last_name": "Bird",
    });
    text(&app.post("/v1/auth/register").json(&account).send().await.json(201), "access_token")
}

/// Writes an event that holds `text`.
async fn tell(app: &TestApp, text: &str) {
    let now = app.app().now();
    let origin = Origin { now, actor: None, correlation_id: String::new(), causation_id: None };
    let data =
        UserRegistered { user_id: app.app().id(), first_name: text.to_owned(), last_name: String::new() };
    let school = app.school();
    let mut change = app.store().transaction(&school);
    change.event(&origin, &data);
    change.commit().await.unwrap();
}

/// Writes an item of a school that holds `text`.
async fn keep(app: &TestApp, school: &str, text: &str) {
    let school = school.parse().unwrap();
    let at = app.app().now();
    let delivery = Delivery { state: DeliveryState::Sent, at, note: Some(text.to_owned()) };
    let mut change = app.store().transaction(&school);
    change.upsert(&keys::delivery(&school, app.app().id()), &delivery, None);
    change.commit().await.unwrap();
}

#[tokio::test]
async fn r32_what_may_be_told_is_told() {
    let app = app().await;
    registered(&app).await;
    tell(&app, "Tweety Bird").await;
    keep(&app, "main", "a mail to Tweety <canary@example.org>").await;
    keep(&app, "other", "a mail to Sylvester <cat@example.org>").await;
    tracing::warn!("Tweety_Bird, tweety, canary and example.org are other words");
}

#[tokio::test]
#[should_panic(expected = "a log line holds the Password \"a very secret one\"")]
async fn r32_a_password_in_the_log_is_caught() {
    let app = app().await;
    registered(&app).await;
    tracing::info!("body: {{ password: {PASSWORD} }}");
    app.get("/v1/courses").send().await;
}

#[tokio::test]
#[should_panic(expected = "a log line holds the Address \"canary@example.org\"")]
async fn r32_an_address_in_the_log_is_caught_at_the_end_of_the_app() {
    let app = app().await;
    tracing::error!(user = ?("mailto:canary@example.org", 1), "failed");
    registered(&app).await;
}

#[tokio::test]
#[should_panic(expected = "a log line holds the Token")]
async fn r32_a_token_in_the_log_is_caught() {
    let app = app().await;
    let token = registered(&app).await;
    tracing::info!(authorization = format!("Bearer {token}"), "a call");
}

#[tokio::test]
#[should_panic(expected = "a log line holds the Name \"Bird\"")]
async fn r32_a_name_in_the_log_is_caught() {
    let app = app().await;
    registered(&app).await;
    tracing::info_span!("call", user = "Bird, T.").in_scope(|| tracing::warn!("slow"));
}

#[tokio::test]
#[should_panic(expected = "an event of the school main holds the Address \"canary@example.org\"")]
async fn r32_an_address_in_an_event_is_caught() {
    let app = app().await;
    registered(&app).await;
    tell(&app, "canary@example.org").await;
}

#[tokio::test]
#[should_panic(expected = "an event of the school main holds the Password")]
async fn r32_a_password_in_an_event_is_caught() {
    let app = app().await;
    registered(&app).await;
    tell(&app, PASSWORD).await;
}

#[tokio::test]
#[should_panic(expected = "an item of the school main holds the Token")]
async fn r32_a_token_that_is_kept_is_caught() {
    let app = app().await;
    let token = registered(&app).await;
    keep(&app, "main", &token).await;
}

#[tokio::test]
#[should_panic(expected = "an item of the school other holds the Name \"Tweety\"")]
async fn r29_a_name_in_an_item_of_another_school_is_caught() {
    let app = app().await;
    registered(&app).await;
    keep(&app, "other", "a mail to Tweety").await;
}

/// In an item's body a line break is an escape, which ends in a letter.
#[tokio::test]
#[should_panic(expected = "an item of the school other holds the Name \"Tweety\"")]
async fn r29_a_name_behind_a_line_break_is_caught() {
    let app = app().await;
    registered(&app).await;
    keep(&app, "other", "dear\nTweety").await;
}

#[tokio::test]
#[should_panic(expected = "an item of the school other holds the Address")]
async fn r29_an_address_in_an_item_of_another_school_is_caught() {
    let app = app().await;
    app.student("Ada").await;
    keep(&app, "other", "ada@example.org").await;
}
