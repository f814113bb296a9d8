//! Passwords (R25): how they are kept, which ones are refused, and that nothing of them is lost.

use proptest::{
    prelude::{Strategy, any, prop},
    strategy::ValueTree,
    test_runner::TestRunner,
};
use runtime::violations_of;
use serde_json::{Value, json};
use testkit::{Answer, TestApp};
use tests::app;

use crate::identity::setup::{
    EMAIL, PASSWORD, SignedIn, WRONG, account, assert_names, change_account, count, login, registered,
    registration,
};

/// Argon2id of [`PASSWORD`] with 4 MiB and 3 passes, as an older release might have made it.
const OLD_HASH: &str =
    "$argon2id$v=19$m=4096,t=3,p=1$YW4gb2xkIHNhbHQgaGVyZQ$QkP1Y1h/02OVwTwYjcfN1SIy4Pso9Bh2syrpijPaeV4";

async fn register(app: &TestApp, email: &str, password: &str) -> Answer {
    let mut body = registration(email);
    body["password"] = password.into();
    app.post("/v1/auth/register").json(&body).send().await
}

#[tokio::test]
async fn r25_a_stored_hash_has_the_parameters_that_are_promised_and_a_salt_of_its_own() {
    let app = app().await;
    let first = registered(&app, EMAIL).await;
    let second = registered(&app, "grace@example.org").await;
    let hashes = [
        account(&app, first.id).await.value.password_hash,
        account(&app, second.id).await.value.password_hash,
    ];
    for hash in &hashes {
        let parts: Vec<&str> = hash.split('$').collect();
        assert_eq!(parts[..4], ["", "argon2id", "v=19", "m=19456,t=2,p=1"], "{hash}");
        // At least 16 bytes of salt and 32 of hash, in base64.
        assert!(parts.len() == 6 && parts[4].len() >= 22 && parts[5].len() >= 43, "{hash}");
    }
    assert_ne!(hashes[0], hashes[1], "the same password must not show");
}

#[tokio::test]
async fn r25_long_and_unicode_passwords_count_to_their_last_character() {
    let app = app().await;
    let passwords = [
        "x".repeat(63) + "a",
        // bcrypt would stop after 72 bytes.
        "x".repeat(72) + "a",
        "\u{df}".repeat(127) + "a",
        "\u{1f511}".repeat(127) + "a",
        "пароль из слов a".to_owned(),
        " spaces \u{2764}\u{fe0f}\u{200d}\u{1f525} and joiners a ".to_owned(),
    ];
    for (n, password) in passwords.iter().enumerate() {
        let email = format!("reader{n}@example.org");
        let person = SignedIn::of(&register(&app, &email, password).await.json(201));
        assert_eq!(SignedIn::of(&login(&app, &email, password).send().await.json(200)).id, person.id);
        let last = password.trim_end().char_indices().next_back().unwrap().0;
        let other = format!("{}b", &password[..last]);
        login(&app, &email, &other)
            .from_ip(&format!("198.51.100.{n}"))
            .send()
            .await
            .refused(401, "invalid_credentials");
    }
}

/// Random passwords, the same in every run: characters of all kinds, those that no text may have elsewhere among them.
fn passwords(count: usize) -> Vec<String> {
    let mut runner = TestRunner::deterministic();
    let characters = prop::collection::vec(any::<char>(), 8..=128);
    let passwords = (0..count).map(|_| characters.new_tree(&mut runner).unwrap().current());
    passwords.map(String::from_iter).collect()
}

/// What the route `function` is sent.
fn schema(function: &str) -> Value {
    let endpoints = registry::all().endpoints;
    let entry = endpoints.iter().find(|entry| entry.names.function() == function).unwrap();
    (entry.describe)().body.unwrap()
}

#[test]
fn r25_every_password_that_may_be_chosen_may_be_typed() {
    let [register, login, change] =
        ["identity-register", "identity-login", "identity-change-password"].map(schema);
    for password in passwords(2000) {
        let mut chosen = registration(EMAIL);
        chosen["password"] = json!(password);
        violations_of(&register, &chosen).unwrap();
        violations_of(&login, &json!({ "email": EMAIL, "password": password })).unwrap();
        violations_of(&change, &json!({ "current": password, "new": password })).unwrap();
    }
}

#[tokio::test]
async fn r25_every_password_that_is_taken_signs_in_and_is_changed() {
    let app = app().await;
    let special =
        ["tab\tin it", "line\nin it", "right\u{202e}to left", "\u{7}two bells\u{0}", "      \u{200b}\u{a0}"];
    let all: Vec<String> = special.map(str::to_owned).into_iter().chain(passwords(4)).collect();
    for (n, password) in all.iter().enumerate() {
        let email = format!("reader{n}@example.org");
        let _ = register(&app, &email, password).await.expect(201);
        let person = SignedIn::of(&login(&app, &email, password).send().await.json(200));
        let next = format!("{}-", password.chars().rev().take(127).collect::<String>());
        let change = app.put("/v1/auth/password").bearer(&person.access);
        let _ = change.json(&json!({ "current": password, "new": next })).send().await.expect(204);
        let _ = login(&app, &email, &next).send().await.expect(200);
        login(&app, &email, password)
            .from_ip(&format!("198.51.100.{n}"))
            .send()
            .await
            .refused(401, "invalid_credentials");
    }
}

#[tokio::test]
async fn r25_a_password_that_is_ten_times_too_long_costs_no_hash() {
    let app = app().await;
    let person = registered(&app, EMAIL).await;
    let long = "x".repeat(1280);
    let change = |body: Value| app.put("/v1/auth/password").bearer(&person.access).json(&body);
    for (answer, pointer) in [
        (register(&app, "grace@example.org", &long).await, "/password"),
        (login(&app, EMAIL, &long).send().await, "/password"),
        (change(json!({ "current": PASSWORD, "new": long })).send().await, "/new"),
        (change(json!({ "current": long, "new": WRONG })).send().await, "/current"),
    ] {
        assert_names(&answer.refused(422, "validation_failed"), &[(pointer, "too_long")]);
        assert_eq!((answer.cost.hashes, answer.cost.writes), (0, 0), "{}", answer.what);
    }
}

#[tokio::test]
async fn r25_outer_space_and_case_belong_to_a_password() {
    let app = app().await;
    registered(&app, EMAIL).await;
    for other in [&PASSWORD.to_uppercase(), " correct horse battery staple", "correct horse battery staple "]
    {
        login(&app, EMAIL, other).send().await.refused(401, "invalid_credentials");
    }
}

#[tokio::test]
async fn r25_short_long_common_and_obvious_passwords_are_refused() {
    let app = app().await;
    for (password, code) in [
        ("", "too_short"),
        ("7 chars", "too_short"),
        // Seven characters in 28 bytes.
        (&"\u{1f511}".repeat(7), "too_short"),
        (&"x".repeat(129), "too_long"),
        (&"x".repeat(1025), "too_long"),
        ("password", "common_password"),
        ("PassWord123", "common_password"),
        ("12345678", "common_password"),
        ("qwertyuiop", "common_password"),
        ("iloveyou", "common_password"),
        (EMAIL, "same_as_email"),
        ("ADA@example.org", "same_as_email"),
    ] {
        let violations = register(&app, EMAIL, password).await.refused(422, "validation_failed");
        assert!(
            violations.contains(&("/password".to_owned(), code.to_owned())),
            "{password:?}: {violations:?}"
        );
    }
    let violations = register(&app, "  ada@example.org ", EMAIL).await.refused(422, "validation_failed");
    assert_names(&violations, &[("/password", "same_as_email")]);
    assert!(app.dump().await.is_empty());
}

#[tokio::test]
async fn r25_no_kind_of_character_is_demanded() {
    let app = app().await;
    for (n, password) in ["eightlow", "EIGHTUPP", "        x", "83920174", "!?!?!?!?"].into_iter().enumerate()
    {
        let _ = register(&app, &format!("reader{n}@example.org"), password).await.expect(201);
    }
}

#[tokio::test]
async fn r25_a_login_renews_a_hash_that_is_too_cheap() {
    let app = app().await;
    let person = registered(&app, EMAIL).await;
    change_account(&app, person.id, |user| user.password_hash = OLD_HASH.to_owned()).await;

    login(&app, EMAIL, WRONG).send().await.refused(401, "invalid_credentials");
    assert_eq!(account(&app, person.id).await.value.password_hash, OLD_HASH, "only its owner renews it");

    let _ = login(&app, EMAIL, PASSWORD).send().await.expect(200);
    let renewed = account(&app, person.id).await;
    assert!(renewed.value.password_hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"));

    let _ = login(&app, EMAIL, PASSWORD).send().await.expect(200);
    assert_eq!(account(&app, person.id).await.rev, renewed.rev, "a good hash stays");
    assert_eq!(count(&app, "session").await, 3);
}
