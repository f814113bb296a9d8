//! Clocks that are wrong (F6): machines that differ by ten minutes, a clock that is set back, and the year 2038.

use testkit::TestApp;
use tests::app;

use crate::identity::setup::{EMAIL, PASSWORD, SignedIn, WRONG, count, login, opens, refresh, registered};

const TEN_MINUTES: i64 = 600;
/// The first second that 32 bits cannot count.
const YEAR_2038: i64 = 1 << 31;

/// Moves the clock to a second since the epoch.
fn set(app: &TestApp, second: i64) {
    app.clock().advance(second - app.app().now().seconds());
}

#[tokio::test]
async fn f6_a_token_of_a_clock_ten_minutes_ahead_waits_and_one_of_a_clock_behind_ends_earlier() {
    let app = app().await;
    let lifetime = app.token_key().seconds();
    registered(&app, EMAIL).await;
    let ahead = SignedIn::of(&login(&app, EMAIL, PASSWORD).send().await.json(200));
    // What the others read, whose clocks are right.
    app.clock().advance(-TEN_MINUTES);
    app.get("/v1/me").bearer(&ahead.access).send().await.refused(401, "invalid_token");
    assert_eq!(count(&app, "session").await, 2, "nobody is signed out for it");
    app.clock().advance(TEN_MINUTES);
    assert!(opens(&app, &ahead.access).await);

    let behind = SignedIn::of(&login(&app, EMAIL, PASSWORD).send().await.json(200));
    app.clock().advance(TEN_MINUTES);
    assert!(opens(&app, &behind.access).await);
    app.clock().advance(lifetime - TEN_MINUTES + 31);
    app.get("/v1/me").bearer(&behind.access).send().await.refused(401, "token_expired");
    // Clocks that differ by seconds are no reason to refuse anybody.
    let second = SignedIn::of(&login(&app, EMAIL, PASSWORD).send().await.json(200));
    app.clock().advance(-25);
    assert!(opens(&app, &second.access).await);
}

#[tokio::test]
async fn f6_a_clock_that_is_set_back_lets_a_used_refresh_token_live_no_longer() {
    let app = app().await;
    let first = registered(&app, EMAIL).await;
    let second = SignedIn::of(&refresh(&app, &first.refresh).send().await.json(200));
    app.clock().advance(-TEN_MINUTES);
    let third = SignedIn::of(&refresh(&app, &second.refresh).send().await.json(200));
    let again = SignedIn::of(&refresh(&app, &second.refresh).send().await.json(200));
    assert_eq!(again.refresh, third.refresh, "the reply may have got lost, by the new time as by the old");
    app.clock().advance(TEN_MINUTES);
    let fourth = SignedIn::of(&refresh(&app, &third.refresh).send().await.json(200));
    app.clock().advance(-TEN_MINUTES);
    refresh(&app, &third.refresh).send().await.refused(401, "invalid_token");
    refresh(&app, &fourth.refresh).send().await.refused(401, "invalid_token");
    assert_eq!(count(&app, "session").await, 0, "somebody had a copy");
}

#[tokio::test]
async fn f6_a_clock_that_is_set_back_neither_locks_an_account_nor_opens_it() {
    let app = app().await;
    registered(&app, EMAIL).await;
    let guesses = async |expected: usize| {
        let mut evaluated = 0;
        for n in 0..10 {
            let answer = login(&app, EMAIL, WRONG).from_ip(&format!("192.0.2.{n}")).send().await;
            evaluated += usize::from(answer.status == 401);
        }
        assert_eq!(evaluated, expected);
    };
    guesses(5).await;
    // Seconds are what machines differ by: closed for one is closed for the other.
    app.clock().advance(-30);
    guesses(0).await;
    app.clock().advance(30);
    guesses(0).await;
    // Minutes are a clock that was set: the bucket would not be full for as long.
    app.clock().advance(-TEN_MINUTES);
    let _ = login(&app, EMAIL, PASSWORD).send().await.expect(200);
    guesses(5).await;
    app.clock().advance(TEN_MINUTES);
    guesses(5).await;
}

#[tokio::test]
async fn f6_the_year_2038_changes_nothing() {
    let app = app().await;
    set(&app, YEAR_2038 - 30);
    let before = registered(&app, EMAIL).await;
    set(&app, YEAR_2038 + 30);
    assert!(opens(&app, &before.access).await);
    let after = SignedIn::of(&refresh(&app, &before.refresh).send().await.json(200));
    assert!(opens(&app, &after.access).await);
    for n in 0..5 {
        login(&app, EMAIL, WRONG)
            .from_ip(&format!("192.0.2.{n}"))
            .send()
            .await
            .refused(401, "invalid_credentials");
    }
    login(&app, EMAIL, PASSWORD).send().await.refused(429, "rate_limited");
    app.clock().advance(12);
    let _ = login(&app, EMAIL, PASSWORD).send().await.expect(200);
    // What is to disappear by itself does so later, and is not thought to be of 1901.
    let items = app.dump().await;
    let ttls: Vec<i64> = items
        .iter()
        .filter_map(|item| item.split(" ttl=N(\"").nth(1)?.split('"').next()?.parse().ok())
        .collect();
    assert!(ttls.len() > 5 && ttls.iter().all(|ttl| *ttl > YEAR_2038 + 600), "{ttls:?}");
    app.clock().advance(app.token_key().seconds() + 60);
    app.get("/v1/me").bearer(&after.access).send().await.refused(401, "token_expired");
}
