//! POST /v1/auth/refresh (R24)

use serde_json::json;
use testkit::{Moment, TestApp, every_crash_point};
use tests::app;

use crate::identity::setup::{
    EMAIL, PASSWORD, SignedIn, assert_names, change_account, count, login, opens, refresh, registered,
};

/// How long the parent of the current token still gets the current one.
const WINDOW: i64 = 10;
const DAY: i64 = 24 * 3600;

/// Exchanges a token that is good.
async fn next(app: &TestApp, token: &str) -> SignedIn {
    SignedIn::of(&refresh(app, token).send().await.json(200))
}

async fn assert_refused(app: &TestApp, token: &str) {
    refresh(app, token).send().await.refused(401, "invalid_token");
}

/// Checks that a family is over: its session is gone, and none of its tokens opens anything.
async fn assert_dead(app: &TestApp, family: &[&SignedIn]) {
    assert_eq!(count(app, "session").await, 0);
    for tokens in family {
        assert_refused(app, &tokens.refresh).await;
        assert!(!opens(app, &tokens.access).await);
    }
}

#[tokio::test]
async fn r24_a_refresh_hands_out_the_next_tokens_of_the_same_session() {
    let app = app().await;
    let first = registered(&app, EMAIL).await;
    app.clock().advance(60);
    let answer = refresh(&app, &first.refresh).send().await.expect(200);
    insta::assert_json_snapshot!(answer.snapshot());
    let second = SignedIn::of(&answer.json);
    assert_ne!(second.refresh, first.refresh);
    assert_ne!(second.access, first.access);
    assert!(opens(&app, &second.access).await);
    assert!(opens(&app, &first.access).await, "an access token lives until it expires");
    assert_eq!(count(&app, "session").await, 1);
}

#[tokio::test]
async fn a_refresh_shows_the_account_as_it_is_now() {
    let app = app().await;
    let first = registered(&app, EMAIL).await;
    let patch = app.patch("/v1/me").bearer(&first.access).json(&json!({ "first_name": "Augusta" }));
    let _ = patch.send().await.expect(200);
    let answer = refresh(&app, &first.refresh).send().await.json(200);
    assert_eq!(answer["user"]["first_name"], "Augusta");
}

#[tokio::test]
async fn r24_a_family_goes_on_for_many_generations() {
    let app = app().await;
    let mut tokens = registered(&app, EMAIL).await;
    let mut seen = vec![tokens.refresh.clone()];
    for _ in 0..50 {
        app.clock().advance(600);
        tokens = next(&app, &tokens.refresh).await;
        assert!(!seen.contains(&tokens.refresh));
        seen.push(tokens.refresh.clone());
    }
    assert_eq!(count(&app, "session").await, 1);
}

#[tokio::test]
async fn r24_a_lost_reply_is_told_again_and_its_child_works_once() {
    let app = app().await;
    let first = registered(&app, EMAIL).await;
    let lost = next(&app, &first.refresh).await;
    app.clock().advance(WINDOW - 1);
    let before = app.dump().await;
    let again = next(&app, &first.refresh).await;
    assert_eq!(again.refresh, lost.refresh, "the same child, not a second one");
    assert_eq!(app.dump().await, before, "telling again changes nothing");

    let third = next(&app, &again.refresh).await;
    assert_ne!(third.refresh, again.refresh);
    // The child is used now; the one who asks with it later than a retry would holds a copy.
    app.clock().advance(WINDOW + 1);
    assert_refused(&app, &again.refresh).await;
    assert_dead(&app, &[&first, &again, &third]).await;
}

#[tokio::test]
async fn r24_the_window_begins_with_the_rotation_and_not_with_the_sign_in() {
    let app = app().await;
    let mut parent = registered(&app, EMAIL).await;
    for _ in 0..3 {
        app.clock().advance(3600);
        let child = next(&app, &parent.refresh).await;
        app.clock().advance(WINDOW - 1);
        assert_eq!(next(&app, &parent.refresh).await.refresh, child.refresh);
        parent = child;
    }
}

#[tokio::test]
async fn r24_telling_again_does_not_prolong_the_window() {
    let app = app().await;
    let first = registered(&app, EMAIL).await;
    let child = next(&app, &first.refresh).await;
    for _ in 0..3 {
        app.clock().advance(3);
        assert_eq!(next(&app, &first.refresh).await.refresh, child.refresh);
    }
    app.clock().advance(3);
    assert_refused(&app, &first.refresh).await;
    assert_dead(&app, &[&first, &child]).await;
}

#[tokio::test]
async fn r24_a_parent_after_the_window_ends_the_family() {
    let app = app().await;
    let first = registered(&app, EMAIL).await;
    let child = next(&app, &first.refresh).await;
    app.clock().advance(WINDOW + 1);
    assert_refused(&app, &first.refresh).await;
    assert_dead(&app, &[&first, &child]).await;
}

#[tokio::test]
async fn r24_a_grandparent_ends_the_family_even_inside_the_window() {
    let app = app().await;
    let first = registered(&app, EMAIL).await;
    let second = next(&app, &first.refresh).await;
    let third = next(&app, &second.refresh).await;
    assert_refused(&app, &first.refresh).await;
    assert_dead(&app, &[&first, &second, &third]).await;
}

#[tokio::test]
async fn r24_the_other_sign_ins_of_the_account_outlive_a_family() {
    let app = app().await;
    let stolen = registered(&app, EMAIL).await;
    let other = SignedIn::of(&login(&app, EMAIL, PASSWORD).send().await.json(200));
    let child = next(&app, &stolen.refresh).await;
    app.clock().advance(WINDOW + 1);
    assert_refused(&app, &stolen.refresh).await;
    assert!(!opens(&app, &child.access).await);
    assert!(opens(&app, &other.access).await);
    let _ = next(&app, &other.refresh).await;
    assert_eq!(count(&app, "session").await, 1);
}

#[tokio::test]
async fn r24_a_family_ends_a_week_after_the_sign_in_however_often_it_is_refreshed() {
    let app = app().await;
    let mut tokens = registered(&app, EMAIL).await;
    for _ in 0..6 {
        app.clock().advance(DAY);
        tokens = next(&app, &tokens.refresh).await;
    }
    app.clock().advance(DAY - 60);
    tokens = next(&app, &tokens.refresh).await;
    assert!(opens(&app, &tokens.access).await);
    app.clock().advance(60);
    assert_refused(&app, &tokens.refresh).await;
    assert!(!opens(&app, &tokens.access).await, "the access token ends with the family");
    let _ = login(&app, EMAIL, PASSWORD).send().await.expect(200);
}

#[tokio::test]
async fn r24_at_the_host_of_another_school_a_token_is_worth_nothing() {
    let app = app().await;
    let first = registered(&app, EMAIL).await;
    refresh(&app, &first.refresh).to_other_school().send().await.refused(401, "invalid_token");
    let second = next(&app, &first.refresh).await;
    app.clock().advance(WINDOW + 1);
    // Nor does a used one end a family there.
    refresh(&app, &first.refresh).to_other_school().send().await.refused(401, "invalid_token");
    assert!(opens(&app, &second.access).await);
    let _ = next(&app, &second.refresh).await;
}

#[tokio::test]
async fn r24_a_tampered_token_neither_works_nor_ends_the_family() {
    let app = app().await;
    let first = registered(&app, EMAIL).await;
    let before = app.dump().await;
    let mut tampered: Vec<String> = Vec::new();
    for at in 0..first.refresh.len() {
        for bit in 0..7 {
            let mut bytes = first.refresh.clone().into_bytes();
            bytes[at] ^= 1 << bit;
            tampered.push(String::from_utf8(bytes).unwrap());
        }
        tampered.push(first.refresh[..at].to_owned());
    }
    tampered.push(format!("{}A", first.refresh));
    tampered.push(format!("{}=", first.refresh));
    tampered.push(format!(" {}", first.refresh));
    tampered.push(first.refresh[4..].to_owned());
    tampered.push(first.access.clone());
    app.tap().reset();
    for token in tampered {
        let answer = refresh(&app, &token).send().await;
        assert!(matches!(answer.status, 401 | 422), "{token:?} answered {}", answer.text());
    }
    assert_eq!(app.tap().calls(), 0, "what is not genuine is not looked up");
    assert_eq!(app.dump().await, before);
    let _ = next(&app, &first.refresh).await;
}

#[tokio::test]
async fn a_suspended_account_gets_no_tokens_until_it_is_restored() {
    let app = app().await;
    let first = registered(&app, EMAIL).await;
    change_account(&app, first.id, |user| user.is_active = false).await;
    assert_refused(&app, &first.refresh).await;
    change_account(&app, first.id, |user| user.is_active = true).await;
    let _ = next(&app, &first.refresh).await;
    // Nor by telling again.
    change_account(&app, first.id, |user| user.is_active = false).await;
    assert_refused(&app, &first.refresh).await;
}

#[tokio::test]
async fn the_answer_does_not_tell_why_a_token_is_refused() {
    let app = app().await;
    let (used, expired) = (registered(&app, EMAIL).await, registered(&app, "grace@example.org").await);
    let _ = next(&app, &used.refresh).await;
    app.clock().advance(7 * DAY - 1);
    let mut texts = Vec::new();
    for token in [used.refresh.as_str(), &used.refresh, "lrt_AAAA", "no token"] {
        texts.push(refresh(&app, token).send().await);
    }
    app.clock().advance(2);
    texts.push(refresh(&app, &expired.refresh).send().await);
    let texts: Vec<_> = texts.iter().map(testkit::Answer::snapshot).collect();
    insta::assert_json_snapshot!(texts[0]);
    assert!(texts.iter().all(|text| *text == texts[0]), "{texts:#?}");
}

#[tokio::test]
async fn the_body_has_one_field_and_the_header_none() {
    let app = app().await;
    let first = registered(&app, EMAIL).await;
    let send = async |body| app.post("/v1/auth/refresh").json(&body).send().await;
    let shape = "invalid_body";
    // Whoever sends none has to have a cookie.
    send(json!({})).await.refused(401, "invalid_token");
    assert_names(
        &send(json!({ "refresh_token": 1 })).await.refused(400, shape),
        &[("/refresh_token", "wrong_type")],
    );
    let more = json!({ "refresh_token": first.refresh, "user_id": first.id });
    assert_names(&send(more).await.refused(400, shape), &[("/user_id", "unknown_field")]);
    for (token, code) in [("", "too_short"), (&"x".repeat(257), "too_long")] {
        let violations = send(json!({ "refresh_token": token })).await.refused(422, "validation_failed");
        assert_names(&violations, &[("/refresh_token", code)]);
    }
    app.post("/v1/auth/refresh").bearer(&first.refresh).send().await.refused(415, "unsupported_media_type");
    // An access token that has run out is what a refresh is for.
    let request = refresh(&app, &first.refresh).bearer("not a token any more");
    let _ = request.send().await.expect(200);
}

#[tokio::test]
async fn f1_a_crash_leaves_a_session_that_the_same_token_continues() {
    let points = every_crash_point(
        async || {
            let app = app().await;
            let first = registered(&app, EMAIL).await;
            (app, first)
        },
        |(app, _)| app,
        async |(app, first)| drop(refresh(app, &first.refresh).send().await),
        async |(app, first), point| {
            let child = next(app, &first.refresh).await;
            assert!(opens(app, &child.access).await, "{point:?}");
            let _ = next(app, &child.refresh).await;
            assert_refused(app, &first.refresh).await;
            assert_dead(app, &[&child]).await;
        },
    )
    .await;
    assert_eq!(points, 4, "refresh makes two calls");
}

#[tokio::test]
async fn a_connection_that_breaks_at_any_call_does_not_look_like_theft() {
    let app = app().await;
    let mut tokens = registered(&app, EMAIL).await;
    for moment in [Moment::BeforeSend, Moment::AfterCommit] {
        for call in 1..=2 {
            app.tap().break_at(call, moment);
            tokens = next(&app, &tokens.refresh).await;
            assert_eq!(app.tap().calls(), 3, "{call} {moment:?}");
            assert!(opens(&app, &tokens.access).await);
        }
    }
    let _ = next(&app, &tokens.refresh).await;
}
