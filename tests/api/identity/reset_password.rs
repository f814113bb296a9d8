//! POST /v1/auth/password/reset

use testkit::{Moment, every_crash_point};

use crate::identity::{
    mailed::{assert_not_good, reset, school, shared_school},
    setup::{
        EMAIL, PASSWORD, SignedIn, account, assert_names, count, login, opens, race, refresh, registered,
        with_status,
    },
};

const NEW: &str = "another long password";
const HOUR: i64 = 3600;

#[tokio::test]
async fn a_mailed_token_sets_a_new_password_and_ends_every_session() {
    let school = school().await;
    let app = &school.app;
    let first = registered(app, EMAIL).await;
    let second = SignedIn::of(&login(app, EMAIL, PASSWORD).send().await.json(200));
    let bystander = registered(app, "grace@example.org").await;
    let token = school.forgotten(EMAIL).await;
    for person in [&first, &second] {
        assert!(opens(app, &person.access).await);
    }
    let answer = reset(app, &token, NEW).send().await.expect(204);
    assert!(answer.body.is_empty());

    for person in [&first, &second] {
        assert!(!opens(app, &person.access).await);
        refresh(app, &person.refresh).send().await.refused(401, "invalid_token");
    }
    login(app, EMAIL, PASSWORD).send().await.refused(401, "invalid_credentials");
    let again = SignedIn::of(&login(app, EMAIL, NEW).send().await.json(200));
    assert!(opens(app, &again.access).await);
    let _ = refresh(app, &again.refresh).send().await.expect(200);
    assert!(opens(app, &bystander.access).await);
    assert_not_good(&reset(app, &token, PASSWORD).send().await);
}

#[tokio::test]
async fn a_refresh_token_whose_reply_got_lost_is_not_answered_again_after_a_reset() {
    let school = school().await;
    let app = &school.app;
    let ada = registered(app, EMAIL).await;
    let token = school.forgotten(EMAIL).await;
    let _ = refresh(app, &ada.refresh).send().await.expect(200);
    let _ = refresh(app, &ada.refresh).send().await.expect(200);
    let _ = reset(app, &token, NEW).send().await.expect(204);
    refresh(app, &ada.refresh).send().await.refused(401, "invalid_token");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn r24_of_those_who_use_one_token_at_once_one_does() {
    let school = shared_school().await;
    for number in 0..5 {
        let email = format!("ada{number}@example.org");
        let ada = registered(&school.app, &email).await;
        let token = school.forgotten(&email).await;
        let answers =
            race((0..4).map(|n| reset(&school.app, &token, &format!("another password {n}")))).await;
        assert_eq!((with_status(&answers, 204), with_status(&answers, 422)), (1, 3));
        let winner = answers.iter().position(|answer| answer.status == 204).unwrap();
        let _ = login(&school.app, &email, &format!("another password {winner}")).send().await.expect(200);
        assert_eq!(account(&school.app, ada.id).await.value.epoch, 1);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn r24_of_two_tokens_of_an_account_used_at_once_one_is() {
    let school = shared_school().await;
    for number in 0..5 {
        let email = format!("ada{number}@example.org");
        let _ = registered(&school.app, &email).await;
        let (one, other) = (school.forgotten(&email).await, school.forgotten(&email).await);
        assert_ne!(one, other);
        let answers = race([reset(&school.app, &one, NEW), reset(&school.app, &other, PASSWORD)]).await;
        assert_eq!((with_status(&answers, 204), with_status(&answers, 422)), (1, 1));
    }
}

#[tokio::test]
async fn the_first_reset_voids_all_tokens_that_were_mailed_before() {
    let school = school().await;
    let _ = registered(&school.app, EMAIL).await;
    let (first, second) = (school.forgotten(EMAIL).await, school.forgotten(EMAIL).await);
    let _ = reset(&school.app, &first, NEW).send().await.expect(204);
    assert_not_good(&reset(&school.app, &second, PASSWORD).send().await);
    let _ = login(&school.app, EMAIL, NEW).send().await.expect(200);
    let third = school.forgotten(EMAIL).await;
    let _ = reset(&school.app, &third, PASSWORD).send().await.expect(204);
}

/// Whatever the order: who signed in with the old password, or refreshed, is out afterwards.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn r24_no_login_and_no_refresh_at_the_same_moment_outlives_the_reset() {
    let school = shared_school().await;
    let app = &school.app;
    for number in 0..8 {
        let email = format!("ada{number}@example.org");
        let ada = registered(app, &email).await;
        let token = school.forgotten(&email).await;
        let answers = race([
            login(app, &email, PASSWORD),
            reset(app, &token, NEW),
            refresh(app, &ada.refresh),
            login(app, &email, PASSWORD).from_ip("198.51.100.9"),
        ])
        .await;
        assert_eq!(answers[1].status, 204);
        for answer in [&answers[0], &answers[2], &answers[3]] {
            if answer.status == 200 {
                let person = SignedIn::of(&answer.json);
                assert!(!opens(app, &person.access).await);
                refresh(app, &person.refresh).send().await.refused(401, "invalid_token");
            }
        }
    }
}

/// The same, step by step: a login that read the account before the reset and writes its session after it.
#[tokio::test]
async fn r24_a_session_of_the_time_before_is_over_though_it_is_written_later() {
    let school = school().await;
    let app = &school.app;
    let ada = registered(app, EMAIL).await;
    let token = school.forgotten(EMAIL).await;
    let late = login(app, EMAIL, PASSWORD).send().await.json(200);
    let sessions = app.dump().await.into_iter().filter(|item| item.contains("et=S(\"session\")")).count();
    assert_eq!(sessions, 2);
    let _ = reset(app, &token, NEW).send().await.expect(204);
    // Nothing was deleted, so what is written later stands beside the others and counts no more than they.
    assert_eq!(count(app, "session").await, 2);
    assert!(!opens(app, &SignedIn::of(&late).access).await && !opens(app, &ada.access).await);
}

#[tokio::test]
async fn a_token_is_good_for_an_hour() {
    let school = school().await;
    for (number, (seconds, good)) in
        [(HOUR - 60, true), (HOUR, false), (24 * HOUR, false)].into_iter().enumerate()
    {
        let email = format!("ada{number}@example.org");
        let _ = registered(&school.app, &email).await;
        let token = school.forgotten(&email).await;
        school.app.clock().advance(seconds);
        let answer = reset(&school.app, &token, NEW).send().await;
        if good { drop(answer.expect(204)) } else { assert_not_good(&answer) }
    }
}

#[tokio::test]
async fn r29_a_token_is_good_in_its_own_school() {
    let school = school().await;
    let _ = registered(&school.app, EMAIL).await;
    let token = school.forgotten(EMAIL).await;
    assert_not_good(&reset(&school.app, &token, NEW).to_other_school().send().await);
    let _ = reset(&school.app, &token, NEW).send().await.expect(204);
}

#[tokio::test]
async fn r25_a_password_that_is_refused_does_not_use_the_token_up() {
    let school = school().await;
    let _ = registered(&school.app, EMAIL).await;
    let token = school.forgotten(EMAIL).await;
    for (password, code) in
        [("short", "too_short"), ("password1", "common_password"), ("Ada@Example.ORG", "same_as_email")]
    {
        let answer = reset(&school.app, &token, password).send().await;
        assert_names(&answer.refused(422, "validation_failed"), &[("/password", code)]);
    }
    let both = reset(&school.app, "lot_0", "password1").send().await.refused(422, "validation_failed");
    assert_names(&both, &[("/password", "common_password"), ("/token", "invalid_token")]);
    let _ = login(&school.app, EMAIL, PASSWORD).send().await.expect(200);
    let _ = reset(&school.app, &token, NEW).send().await.expect(204);
}

#[tokio::test]
async fn f1_a_crash_leaves_the_old_password_and_a_good_token_or_the_new_one() {
    let with_token = async || {
        let school = school().await;
        let ada = registered(&school.app, EMAIL).await;
        let token = school.forgotten(EMAIL).await;
        (school, ada, token)
    };
    let points = every_crash_point(
        with_token,
        |(school, ..)| &school.app,
        async |(school, _, token)| drop(reset(&school.app, token, NEW).send().await),
        async |(school, ada, token), point| {
            let done = point.call == point.of && point.moment == Moment::AfterCommit;
            assert_eq!(opens(&school.app, &ada.access).await, !done, "{point:?}");
            let password = if done { NEW } else { PASSWORD };
            let _ = login(&school.app, EMAIL, password).send().await.expect(200);
            let again = reset(&school.app, token, NEW).send().await;
            if done { assert_not_good(&again) } else { drop(again.expect(204)) }
        },
    )
    .await;
    assert_eq!(points, 6);
}
