//! POST /v1/auth/email/verify

use domain::identity::{Email, TokenPurpose};
use kernel::{Code, Violations};
use serde_json::json;
use store::{Consistency, keys};
use testkit::{Moment, every_crash_point};

use crate::identity::{
    mailed::{School, assert_not_good, resend, reset, school, shared_school, verify},
    setup::{
        EMAIL, PASSWORD, SignedIn, account, change_account, count, login, race, registered, registration,
        with_status,
    },
};

const DAY: i64 = 24 * 3600;

#[tokio::test]
async fn a_mailed_token_confirms_the_address_once() {
    let school = school().await;
    let (ada, token) = school.newcomer(EMAIL).await;
    assert!(!school.is_confirmed(&ada).await);
    assert_eq!(count(&school.app, "one_time_token").await, 1);
    let answer = verify(&school.app, &ada, &token).send().await.expect(204);
    assert!(answer.body.is_empty());
    assert!(school.is_confirmed(&ada).await);
    assert_eq!(count(&school.app, "one_time_token").await, 0);
    let before = school.app.dump().await;
    assert_not_good(&verify(&school.app, &ada, &token).send().await);
    assert_eq!(school.app.dump().await, before);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn r24_of_those_who_use_one_token_at_once_one_does() {
    let school = shared_school().await;
    for number in 0..10 {
        let (ada, token) = school.newcomer(&format!("ada{number}@example.org")).await;
        let answers = race((0..4).map(|_| verify(&school.app, &ada, &token))).await;
        assert_eq!((with_status(&answers, 204), with_status(&answers, 422)), (1, 3));
        assert!(school.is_confirmed(&ada).await);
        assert_eq!(account(&school.app, ada.id).await.rev, 2, "one change");
    }
}

/// What decides when two have read the token before either used it.
#[tokio::test]
async fn r24_a_token_that_was_read_and_is_gone_cannot_be_taken() {
    let school = school().await;
    let (ada, token) = school.newcomer(EMAIL).await;
    let key = keys::one_time_token(&school.app.school(), TokenPurpose::VerifyEmail, &token);
    let read = school.app.store().get(&key, Consistency::Strong).await.unwrap().unwrap();
    let _ = verify(&school.app, &ada, &token).send().await.expect(204);
    let of = school.app.school();
    let mut change = school.app.store().transaction(&of);
    change.take(&key, read.rev);
    assert_eq!(change.commit().await.unwrap_err().code(), Code::CONFLICT);
}

#[tokio::test]
async fn a_token_is_good_for_a_day() {
    let school = school().await;
    for (number, (seconds, good)) in
        [(DAY - 60, true), (DAY, false), (90 * DAY, false)].into_iter().enumerate()
    {
        let email = format!("ada{number}@example.org");
        let (_, token) = school.newcomer(&email).await;
        school.app.clock().advance(seconds);
        let ada = SignedIn::of(&login(&school.app, &email, PASSWORD).send().await.json(200));
        let answer = verify(&school.app, &ada, &token).send().await;
        if good {
            drop(answer.expect(204));
        } else {
            assert_not_good(&answer);
        }
        assert_eq!(account(&school.app, ada.id).await.value.email_verified, good, "{seconds}");
    }
}

/// Somebody registers an address that is not theirs, and its owner opens the link in the mail.
#[tokio::test]
async fn an_address_is_confirmed_by_who_knows_the_password_too() {
    let school = school().await;
    let (stranger, token) = school.newcomer(EMAIL).await;
    let owner = registered(&school.app, "owner@example.org").await;
    let before = school.app.dump().await;
    let anonymous = school.app.post("/v1/auth/email/verify").json(&json!({ "token": token }));
    anonymous.send().await.refused(401, "unauthenticated");
    assert_not_good(&verify(&school.app, &owner, &token).send().await);
    assert_eq!(school.app.dump().await, before);
    // Nor by an account that has come to have the same address.
    let address = account(&school.app, stranger.id).await.value.email;
    change_account(&school.app, owner.id, |user| user.email = address).await;
    assert_not_good(&verify(&school.app, &owner, &token).send().await);
    assert!(!account(&school.app, owner.id).await.value.email_verified);
    // Whose mailbox it is, takes the account over: the other's password and sessions are gone.
    let reset_token = school.forgotten(EMAIL).await;
    let _ = reset(&school.app, &reset_token, "another long password").send().await.expect(204);
    school.app.get("/v1/me").bearer(&stranger.access).send().await.refused(401, "invalid_token");
    login(&school.app, EMAIL, PASSWORD).send().await.refused(401, "invalid_credentials");
}

#[tokio::test]
async fn a_token_is_good_for_one_purpose() {
    let school = school().await;
    let (ada, to_verify) = school.newcomer(EMAIL).await;
    let to_reset = school.forgotten(EMAIL).await;
    assert_not_good(&verify(&school.app, &ada, &to_reset).send().await);
    assert_not_good(&reset(&school.app, &to_verify, "another long password").send().await);
    assert!(!school.is_confirmed(&ada).await);
    // Neither was used up.
    let _ = verify(&school.app, &ada, &to_verify).send().await.expect(204);
    let _ = reset(&school.app, &to_reset, "another long password").send().await.expect(204);
}

#[tokio::test]
async fn r29_a_token_is_good_in_its_own_school() {
    let school = school().await;
    let (ada, token) = school.newcomer(EMAIL).await;
    let there = school.app.post("/v1/auth/register").to_other_school().json(&registration(EMAIL));
    let namesake = SignedIn::of(&there.send().await.json(201));
    assert_not_good(&verify(&school.app, &namesake, &token).to_other_school().send().await);
    assert!(!school.is_confirmed(&ada).await);
    let _ = verify(&school.app, &ada, &token).send().await.expect(204);
}

#[tokio::test]
async fn what_was_never_mailed_is_refused() {
    let school = school().await;
    let (ada, token) = school.newcomer(EMAIL).await;
    for text in [
        "x",
        "lot_",
        &token[..43],
        &token.to_uppercase(),
        &format!("{token}0"),
        "S#main#USER",
        &"x".repeat(256),
    ] {
        assert_not_good(&verify(&school.app, &ada, text).send().await);
    }
    verify(&school.app, &ada, "").send().await.refused(422, "validation_failed");
    verify(&school.app, &ada, &"x".repeat(257)).send().await.refused(422, "validation_failed");
    school
        .app
        .post("/v1/auth/email/verify")
        .bearer(&ada.access)
        .json(&json!({}))
        .send()
        .await
        .refused(400, "invalid_body");
    assert!(!school.is_confirmed(&ada).await);
}

#[tokio::test]
async fn a_token_proves_nothing_about_another_address_or_of_a_suspended_account() {
    let school = school().await;
    let (ada, token) = school.newcomer(EMAIL).await;
    let other = Email::parse("new@example.org", "", &mut Violations::default()).unwrap();
    change_account(&school.app, ada.id, |user| user.email = other).await;
    assert_not_good(&verify(&school.app, &ada, &token).send().await);
    assert!(!school.is_confirmed(&ada).await);

    let (grace, token) = school.newcomer("grace@example.org").await;
    change_account(&school.app, grace.id, |user| user.is_active = false).await;
    verify(&school.app, &grace, &token).send().await.refused(401, "invalid_token");
    assert!(!account(&school.app, grace.id).await.value.email_verified);
}

#[tokio::test]
async fn each_token_that_was_mailed_is_good_whichever_mail_is_opened() {
    let school = school().await;
    let (ada, first) = school.newcomer(EMAIL).await;
    let _ = resend(&school.app, &ada).send().await.expect(202);
    let second = school.tokens(EMAIL, "Confirm").await.pop().unwrap();
    assert_ne!(first, second);
    let _ = verify(&school.app, &ada, &first).send().await.expect(204);
    // Who opens the other mail too is not told that something is wrong.
    let _ = verify(&school.app, &ada, &second).send().await.expect(204);
    assert!(school.is_confirmed(&ada).await);
}

#[tokio::test]
async fn f1_a_crash_leaves_the_token_good_or_the_address_confirmed() {
    let with_token = async || {
        let school = school().await;
        let (ada, token) = school.newcomer(EMAIL).await;
        (school, ada, token)
    };
    let points = every_crash_point(
        with_token,
        |(school, ..)| &school.app,
        async |(school, ada, token)| drop(verify(&school.app, ada, token).send().await),
        async |(school, ada, token), point| {
            let done = point.call == point.of && point.moment == Moment::AfterCommit;
            assert_eq!(school.is_confirmed(ada).await, done, "{point:?}");
            let again = verify(&school.app, ada, token).send().await;
            if done {
                assert_not_good(&again);
            } else {
                drop(again.expect(204));
            }
            assert!(school.is_confirmed(ada).await, "{point:?}");
        },
    )
    .await;
    assert_eq!(points, 6, "the token, the account, the change");
}

#[tokio::test]
async fn a_reply_that_gets_lost_does_not_turn_success_into_a_used_token() {
    let school = school().await;
    let (ada, token) = school.newcomer(EMAIL).await;
    school.app.tap().break_at(3, Moment::AfterCommit);
    let _ = verify(&school.app, &ada, &token).send().await.expect(204);
}

/// What nobody can guess is not told either: 160 bits, and each mail has its own.
#[tokio::test]
async fn a_token_is_long_and_new_each_time() {
    let school: School = school().await;
    let mut seen = std::collections::BTreeSet::new();
    for number in 0..20 {
        let (_, token) = school.newcomer(&format!("ada{number}@example.org")).await;
        let secret = token.strip_prefix("lot_").unwrap();
        assert!(secret.len() == 40 && secret.bytes().all(|byte| byte.is_ascii_hexdigit()), "{token}");
        assert!(seen.insert(token));
    }
}

#[tokio::test]
async fn who_signs_in_with_a_password_alone_has_confirmed_nothing() {
    let school = school().await;
    let _ = registered(&school.app, EMAIL).await;
    let answer = login(&school.app, EMAIL, PASSWORD).send().await.json(200);
    assert_eq!(answer["user"]["email_verified"], false);
}
