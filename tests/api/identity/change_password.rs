//! PUT /v1/auth/password

use serde_json::json;
use testkit::{Moment, TestApp, TestRequest, every_crash_point};
use tests::app;

use crate::identity::{
    mailed::{assert_not_good, reset, school},
    setup::{
        EMAIL, PASSWORD, SignedIn, WRONG, assert_names, login, opens, race, refresh, registered, shared_app,
        with_status,
    },
};

const NEW: &str = "another long password";

fn change<'a>(app: &'a TestApp, person: &SignedIn, current: &str, new: &str) -> TestRequest<'a> {
    app.put("/v1/auth/password").bearer(&person.access).json(&json!({ "current": current, "new": new }))
}

#[tokio::test]
async fn it_wants_a_signed_in_caller() {
    let app = app().await;
    let body = json!({ "current": PASSWORD, "new": NEW });
    app.put("/v1/auth/password").json(&body).send().await.refused(401, "unauthenticated");
}

#[tokio::test]
async fn whoever_knows_the_old_password_sets_a_new_one_and_stays_where_they_are() {
    let app = app().await;
    let here = registered(&app, EMAIL).await;
    let elsewhere = SignedIn::of(&login(&app, EMAIL, PASSWORD).send().await.json(200));
    let answer = change(&app, &here, PASSWORD, NEW).send().await.expect(204);
    assert!(answer.body.is_empty());
    assert!(opens(&app, &here.access).await);
    let next = SignedIn::of(&refresh(&app, &here.refresh).send().await.json(200));
    assert!(opens(&app, &next.access).await);

    assert!(!opens(&app, &elsewhere.access).await);
    refresh(&app, &elsewhere.refresh).send().await.refused(401, "invalid_token");
    login(&app, EMAIL, PASSWORD).send().await.refused(401, "invalid_credentials");
    let _ = login(&app, EMAIL, NEW).send().await.expect(200);
}

#[tokio::test]
async fn it_voids_the_tokens_that_were_mailed_before() {
    let school = school().await;
    let ada = registered(&school.app, EMAIL).await;
    let token = school.forgotten(EMAIL).await;
    let _ = change(&school.app, &ada, PASSWORD, NEW).send().await.expect(204);
    assert_not_good(&reset(&school.app, &token, PASSWORD).send().await);
}

#[tokio::test]
async fn r28_a_found_device_is_no_place_to_guess() {
    let app = app().await;
    let ada = registered(&app, EMAIL).await;
    for _ in 0..5 {
        let answer = change(&app, &ada, WRONG, NEW).send().await;
        assert_names(&answer.refused(422, "validation_failed"), &[("/current", "wrong_password")]);
    }
    change(&app, &ada, PASSWORD, NEW).send().await.refused(429, "rate_limited");
    assert!(opens(&app, &ada.access).await, "and nobody is signed out by it");
    let _ = login(&app, EMAIL, PASSWORD).send().await.expect(200);
    app.clock().advance(12);
    let _ = change(&app, &ada, PASSWORD, NEW).send().await.expect(204);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn r28_parallel_guesses_count() {
    let app = shared_app().await;
    let ada = registered(app, EMAIL).await;
    let answers = race((0..20).map(|_| change(app, &ada, WRONG, NEW))).await;
    assert!(with_status(&answers, 422) <= 5, "{}", with_status(&answers, 422));
    assert_eq!(with_status(&answers, 422) + with_status(&answers, 429), 20);
}

#[tokio::test]
async fn r25_the_new_password_obeys_the_rules_before_the_old_one_is_looked_at() {
    let app = app().await;
    let ada = registered(&app, EMAIL).await;
    let before = app.dump().await;
    for (new, code) in
        [("short", "too_short"), ("password1", "common_password"), ("Ada@Example.ORG", "same_as_email")]
    {
        let answer = change(&app, &ada, WRONG, new).send().await;
        assert_names(&answer.refused(422, "validation_failed"), &[("/new", code)]);
    }
    assert_eq!(app.dump().await, before);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_those_who_change_the_same_password_at_once_one_does() {
    let app = shared_app().await;
    for number in 0..5 {
        let email = format!("ada{number}@example.org");
        let first = registered(app, &email).await;
        let second = SignedIn::of(&login(app, &email, PASSWORD).send().await.json(200));
        let people = [&first, &second, &first];
        let answers = race(
            people
                .iter()
                .enumerate()
                .map(|(n, who)| change(app, who, PASSWORD, &format!("a new password {n}"))),
        )
        .await;
        assert_eq!(
            with_status(&answers, 204),
            1,
            "{:?}",
            answers.iter().map(|a| a.status).collect::<Vec<_>>()
        );
        let winner = answers.iter().position(|answer| answer.status == 204).unwrap();
        assert!(opens(app, &people[winner].access).await);
        assert!(!opens(app, &if winner == 1 { &first } else { &second }.access).await);
        let _ = login(app, &email, &format!("a new password {winner}")).send().await.expect(200);
    }
}

/// It writes the session too: a refresh of it at the same moment must not be lost, nor take the change back.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_refresh_at_the_same_moment_goes_on() {
    let app = shared_app().await;
    for number in 0..5 {
        let email = format!("ada{number}@example.org");
        let ada = registered(app, &email).await;
        let answers = race([change(app, &ada, PASSWORD, NEW), refresh(app, &ada.refresh)]).await;
        assert_eq!((answers[0].status, answers[1].status), (204, 200));
        let next = SignedIn::of(&answers[1].json);
        assert!(opens(app, &next.access).await);
        let _ = refresh(app, &next.refresh).send().await.expect(200);
        let _ = login(app, &email, NEW).send().await.expect(200);
    }
}

#[tokio::test]
async fn f1_a_crash_leaves_the_old_password_or_the_new_one() {
    let with_account = async || {
        let app = app().await;
        let ada = registered(&app, EMAIL).await;
        (app, ada)
    };
    let points = every_crash_point(
        with_account,
        |(app, _)| app,
        async |(app, ada)| drop(change(app, ada, PASSWORD, NEW).send().await),
        async |(app, ada), point| {
            let done = point.call == point.of && point.moment == Moment::AfterCommit;
            assert!(opens(app, &ada.access).await, "{point:?}");
            let _ = login(app, EMAIL, if done { NEW } else { PASSWORD }).send().await.expect(200);
        },
    )
    .await;
    assert_eq!(points, 8, "session and account, the limit twice, the change");
}
