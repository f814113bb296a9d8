//! POST /v1/auth/logout

use testkit::Moment;
use tests::app;

use crate::identity::setup::{
    EMAIL, PASSWORD, SignedIn, change_account, count, login, opens, refresh, registered,
};

#[tokio::test]
async fn logout_ends_this_session_at_once_and_no_other() {
    let app = app().await;
    let phone = registered(&app, EMAIL).await;
    let laptop = SignedIn::of(&login(&app, EMAIL, PASSWORD).send().await.json(200));
    let answer = app.post("/v1/auth/logout").bearer(&phone.access).send().await.expect(204);
    assert!(answer.body.is_empty());
    assert_eq!(answer.header("content-type"), None);

    assert!(!opens(&app, &phone.access).await);
    refresh(&app, &phone.refresh).send().await.refused(401, "invalid_token");
    assert_eq!(count(&app, "session").await, 1);
    assert!(opens(&app, &laptop.access).await);
    let _ = refresh(&app, &laptop.refresh).send().await.expect(200);
}

#[tokio::test]
async fn logout_also_ends_the_tokens_that_a_refresh_handed_out_before() {
    let app = app().await;
    let first = registered(&app, EMAIL).await;
    let second = SignedIn::of(&refresh(&app, &first.refresh).send().await.json(200));
    let _ = app.post("/v1/auth/logout").bearer(&second.access).send().await.expect(204);
    for token in [&first.access, &second.access] {
        assert!(!opens(&app, token).await);
    }
    for token in [&first.refresh, &second.refresh] {
        refresh(&app, token).send().await.refused(401, "invalid_token");
    }
}

#[tokio::test]
async fn a_second_logout_has_nobody_to_sign_out() {
    let app = app().await;
    let person = registered(&app, EMAIL).await;
    let _ = app.post("/v1/auth/logout").bearer(&person.access).send().await.expect(204);
    app.post("/v1/auth/logout").bearer(&person.access).send().await.refused(401, "invalid_token");
}

#[tokio::test]
async fn logout_needs_a_token() {
    let app = app().await;
    let answer = app.post("/v1/auth/logout").send().await;
    answer.refused(401, "unauthenticated");
    assert_eq!(answer.header("www-authenticate"), Some("Bearer"));
}

#[tokio::test]
async fn a_suspended_account_cannot_even_log_out() {
    let app = app().await;
    let person = registered(&app, EMAIL).await;
    change_account(&app, person.id, |user| user.is_active = false).await;
    app.post("/v1/auth/logout").bearer(&person.access).send().await.refused(401, "invalid_token");
}

#[tokio::test]
async fn a_lost_reply_leaves_the_session_ended() {
    let app = app().await;
    let person = registered(&app, EMAIL).await;
    // The first call reads account and session, the second ends the session.
    app.tap().break_at(2, Moment::AfterCommit);
    let _ = app.post("/v1/auth/logout").bearer(&person.access).send().await.expect(204);
    assert_eq!(app.tap().calls(), 3);
    assert!(!opens(&app, &person.access).await);
}
