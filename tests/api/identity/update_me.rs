//! PATCH /v1/me

use serde_json::{Map, Value, json};
use testkit::{Answer, Moment, Person, TestApp};
use tests::app;

use crate::identity::setup::{account, assert_names, change_account, count, race, shared_app, with_status};

async fn patch(app: &TestApp, person: &Person, body: &Value) -> Answer {
    app.patch("/v1/me").by(person).json(body).send().await
}

/// Every field with a value that it can have.
fn everything() -> Value {
    json!({
        "first_name": "Augusta", "last_name": "King",
        "username": "ada.lovelace", "headline": "Analyst and metaphysician",
        "bio": "First line.\nSecond line with ümlauts.", "linkedin_url": "https://www.linkedin.com/in/ada",
        "github_url": "https://github.com/ada", "website_url": "http://ada.example.org/notes?g=1",
        "timezone": "Europe/London", "phone": "+442079460958", "date_of_birth": "1985-12-10",
        "occupation": "Mathematician", "company": "Analytical Engines", "experience_level": "expert",
        "programming_languages": ["punched cards"], "interests": ["music", "flying"],
        "learning_goals": "Note G.\nAnd then the rest.", "preferred_learning_style": "letters",
    })
}

#[tokio::test]
async fn every_field_of_a_profile_can_be_set() {
    let app = app().await;
    let ada = app.student("Ada").await;
    let answer = patch(&app, &ada, &everything()).await.expect(200);
    insta::assert_json_snapshot!(answer.snapshot());
    assert_eq!(answer.rev(), 2);
    let me = app.get("/v1/me").by(&ada).send().await.expect(200);
    assert_eq!((&me.json, me.rev()), (&answer.json, 2));
}

#[tokio::test]
async fn absent_keeps_and_null_clears() {
    let app = app().await;
    let ada = app.student("Ada").await;
    let change = async |body: &Value| {
        let mut account = patch(&app, &ada, body).await.json(200);
        assert!(account.as_object_mut().unwrap().remove("rev").is_some(), "{account}");
        account
    };
    let full = change(&everything()).await;
    assert_eq!(change(&json!({})).await, full);

    let optional: Vec<String> = full["profile"].as_object().unwrap().keys().cloned().collect();
    let mut left = full.clone();
    for name in optional.iter().filter(|name| !full["profile"][name.as_str()].is_array()) {
        let cleared = change(&json!({ name.as_str(): null })).await;
        left["profile"][name.as_str()] = Value::Null;
        assert_eq!(cleared, left, "{name}");
    }
    for name in ["programming_languages", "interests"] {
        let cleared = change(&json!({ name: [] })).await;
        left["profile"][name] = json!([]);
        assert_eq!(cleared, left, "{name}");
    }
    assert_eq!(left["first_name"], "Augusta");
}

#[tokio::test]
async fn names_and_lists_cannot_be_null() {
    let app = app().await;
    let ada = app.student("Ada").await;
    for name in ["first_name", "last_name", "programming_languages", "interests"] {
        let violations = patch(&app, &ada, &json!({ name: null })).await.refused(400, "invalid_body");
        assert_names(&violations, &[(&format!("/{name}"), "wrong_type")]);
    }
    assert_eq!(account(&app, ada.id).await.rev, 1);
}

#[tokio::test]
async fn names_are_kept_without_outer_space() {
    let app = app().await;
    let ada = app.student("Ada").await;
    let body = json!({ "first_name": "  Augusta Ada ", "last_name": " King " });
    let answer = patch(&app, &ada, &body).await.json(200);
    assert_eq!((&answer["first_name"], &answer["last_name"]), (&json!("Augusta Ada"), &json!("King")));
}

#[tokio::test]
async fn what_breaks_a_rule_is_named_and_nothing_is_changed() {
    let app = app().await;
    let ada = app.student("Ada").await;
    let before = app.dump().await;
    let many = vec!["rust"; 31];
    for (body, pointer, code) in [
        (json!({ "first_name": "" }), "/first_name", "too_short"),
        (json!({ "first_name": " " }), "/first_name", "too_short"),
        (json!({ "last_name": "x".repeat(101) }), "/last_name", "too_long"),
        (json!({ "username": "ab" }), "/username", "invalid_username"),
        (json!({ "username": "a".repeat(31) }), "/username", "too_long"),
        (json!({ "username": "ada lovelace" }), "/username", "invalid_username"),
        (json!({ "username": "ädä" }), "/username", "invalid_username"),
        (json!({ "username": "ada#1" }), "/username", "invalid_username"),
        (json!({ "headline": "x".repeat(161) }), "/headline", "too_long"),
        (json!({ "headline": "two\nlines" }), "/headline", "control_character"),
        (json!({ "bio": "x".repeat(2001) }), "/bio", "too_long"),
        (json!({ "bio": "bell\u{7}" }), "/bio", "control_character"),
        (json!({ "website_url": "javascript:alert(1)" }), "/website_url", "invalid_link"),
        (json!({ "github_url": "github.com/ada" }), "/github_url", "invalid_link"),
        (json!({ "linkedin_url": "" }), "/linkedin_url", "invalid_link"),
        (json!({ "linkedin_url": "https://ada:secret@example.org" }), "/linkedin_url", "invalid_link"),
        (json!({ "website_url": "https://localhost" }), "/website_url", "invalid_link"),
        (
            json!({ "website_url": format!("https://a.org/{}", "ä".repeat(100)) }),
            "/website_url",
            "invalid_link",
        ),
        (json!({ "headline": "" }), "/headline", "too_short"),
        (json!({ "headline": " \u{200b}\u{3164} " }), "/headline", "too_short"),
        (json!({ "bio": "\n\n" }), "/bio", "too_short"),
        (json!({ "linkedin_url": "https://x y.org" }), "/linkedin_url", "invalid_link"),
        (json!({ "website_url": format!("https://a.org/{}", "x".repeat(300)) }), "/website_url", "too_long"),
        (json!({ "timezone": "half past nine" }), "/timezone", "invalid_timezone"),
        (json!({ "timezone": "" }), "/timezone", "too_short"),
        (json!({ "timezone": "Europe/Atlantis" }), "/timezone", "invalid_timezone"),
        (json!({ "phone": "+41 44 668 18 00" }), "/phone", "invalid_phone"),
        (json!({ "phone": "0446681800" }), "/phone", "invalid_phone"),
        (json!({ "date_of_birth": "1985-02-30" }), "/date_of_birth", "invalid_day"),
        (json!({ "date_of_birth": "10.12.1985" }), "/date_of_birth", "invalid_day"),
        (json!({ "date_of_birth": "1815-12-10" }), "/date_of_birth", "too_long_ago"),
        (json!({ "date_of_birth": "2999-01-01" }), "/date_of_birth", "not_past"),
        (json!({ "interests": ["Rust", "music", "rust "] }), "/interests/2", "repeated"),
        (json!({ "experience_level": "wizard" }), "/experience_level", "not_allowed"),
        (json!({ "interests": many }), "/interests", "too_many"),
        (json!({ "interests": ["ok", ""] }), "/interests/1", "too_short"),
        (json!({ "programming_languages": ["x".repeat(51)] }), "/programming_languages/0", "too_long"),
        (json!({ "learning_goals": "x".repeat(2001) }), "/learning_goals", "too_long"),
        (json!({ "phone": "x".repeat(33) }), "/phone", "too_long"),
    ] {
        let violations = patch(&app, &ada, &body).await.refused(422, "validation_failed");
        assert_names(&violations, &[(pointer, code)]);
    }
    assert_eq!(app.dump().await, before);
}

#[tokio::test]
async fn r22_an_address_is_kept_in_its_one_spelling() {
    let app = app().await;
    let ada = app.student("Ada").await;
    let body = json!({ "website_url": "HTTPS://Bücher.Example/Ada" });
    let answer = patch(&app, &ada, &body).await.json(200);
    assert_eq!(answer["profile"]["website_url"], "https://xn--bcher-kva.example/Ada");
}

/// The day is the one of the school's clock.
#[tokio::test]
async fn r22_who_is_born_today_tells_it_tomorrow() {
    let app = app().await;
    let ada = app.student("Ada").await;
    let body = json!({ "date_of_birth": app.app().now().day().to_string() });
    let violations = patch(&app, &ada, &body).await.refused(422, "validation_failed");
    assert_names(&violations, &[("/date_of_birth", "not_past")]);
    app.clock().advance(24 * 3600);
    let ada = app.student("Augusta").await;
    let _ = patch(&app, &ada, &body).await.expect(200);
}

#[tokio::test]
async fn r22_a_profile_of_other_rules_can_still_be_changed_elsewhere() {
    let app = app().await;
    let ada = app.student("Ada").await;
    change_account(&app, ada.id, |user| user.profile.phone = Some("044 668 18 00".to_owned())).await;
    let answer = patch(&app, &ada, &json!({ "headline": "New" })).await.json(200);
    assert_eq!(answer["profile"]["phone"], "044 668 18 00");
}

#[tokio::test]
async fn r22_what_is_not_a_profile_field_cannot_be_set() {
    let app = app().await;
    let ada = app.student("Ada").await;
    let before = app.dump().await;
    for name in
        ["roles", "email", "id", "is_active", "password_hash", "school", "profile", "created_at", "rev"]
    {
        let violations = patch(&app, &ada, &json!({ name: ["admin"] })).await.refused(400, "invalid_body");
        assert_names(&violations, &[(&format!("/{name}"), "unknown_field")]);
    }
    for body in [json!([]), json!("x"), json!(null), json!({ "username": 7 }), json!({ "interests": "rust" })]
    {
        patch(&app, &ada, &body).await.refused(400, "invalid_body");
    }
    assert_eq!(app.dump().await, before);
}

#[tokio::test]
async fn nobody_changes_a_profile_without_a_good_token() {
    let app = app().await;
    let ada = app.student("Ada").await;
    let body = json!({ "headline": "x" });
    app.patch("/v1/me").json(&body).send().await.refused(401, "unauthenticated");
    app.patch("/v1/me").bearer("x").json(&body).send().await.refused(401, "invalid_token");
    change_account(&app, ada.id, |user| user.is_active = false).await;
    patch(&app, &ada, &body).await.refused(401, "invalid_token");
    assert_eq!(account(&app, ada.id).await.value.profile.headline, None);
}

#[tokio::test]
async fn a_person_changes_nobody_else() {
    let app = app().await;
    let (ada, grace) = (app.student("Ada").await, app.student("Grace").await);
    let before = account(&app, grace.id).await;
    let _ = patch(&app, &ada, &everything()).await.expect(200);
    assert_eq!(account(&app, grace.id).await, before);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn r5_parallel_changes_of_different_fields_all_stay() {
    let app = shared_app().await;
    let ada = app.student("Ada").await;
    let fields: Map<String, Value> = everything()
        .as_object()
        .unwrap()
        .clone()
        .into_iter()
        .filter(|(name, _)| name != "username")
        .collect();
    // A change gives up when it lost thirteen races in a row, so that not many more than these may run at once.
    for group in fields.into_iter().collect::<Vec<_>>().chunks(6) {
        let answers = race(
            group
                .iter()
                .map(|(name, value)| app.patch("/v1/me").by(&ada).json(&json!({ name.as_str(): value }))),
        )
        .await;
        assert_eq!(with_status(&answers, 200), group.len(), "{answers:#?}");
    }
    let me = app.get("/v1/me").by(&ada).send().await.json(200);
    let mut expected = everything();
    expected["username"] = Value::Null;
    for (name, value) in expected.as_object().unwrap() {
        let got = if name.ends_with("_name") { &me[name] } else { &me["profile"][name] };
        assert_eq!(got, value, "{name}");
    }
}

#[tokio::test]
async fn a_lost_reply_changes_the_profile_once() {
    let app = app().await;
    let ada = app.student("Ada").await;
    // The first call reads account and session, the second writes: alone, and with a username beside it.
    for (n, body) in
        [json!({ "headline": "x" }), json!({ "username": "ada" }), everything()].iter().enumerate()
    {
        app.tap().break_at(2, Moment::AfterCommit);
        let answer = patch(&app, &ada, body).await.expect(200);
        assert_eq!(app.tap().calls(), 3);
        assert_eq!(answer.rev(), u64::try_from(n).unwrap() + 2);
    }
    assert_eq!(count(&app, "event").await, 0);
}

#[tokio::test]
async fn r5_whoever_says_what_the_edit_is_based_on_overwrites_nothing_newer() {
    let app = app().await;
    let ada = app.student("Ada").await;
    let edit = |headline: &str| app.patch("/v1/me").by(&ada).json(&json!({ "headline": headline }));
    assert_eq!(edit("One").if_match(1).send().await.expect(200).rev(), 2);
    edit("Two").if_match(1).send().await.refused(412, "stale");
    edit("Two").header("if-match", "rubbish").send().await.refused(400, "invalid_header");
    let me = app.get("/v1/me").by(&ada).send().await;
    assert_eq!((me.json["profile"]["headline"].as_str(), me.rev()), (Some("One"), 2));
    // Also when the other edit comes in between.
    let app: &'static TestApp = Box::leak(Box::new(app));
    let request = app.patch("/v1/me").by(&ada).json(&json!({ "headline": "Three" })).if_match(2).racing();
    app.tap().hold_at(2);
    let held = tokio::spawn(request.send());
    app.tap().held().await;
    change_account(app, ada.id, |user| user.first_name = "Augusta".into()).await;
    app.tap().release();
    held.await.unwrap().refused(412, "stale");
}

#[tokio::test]
async fn r22_what_has_a_form_of_its_own_is_told_that_form() {
    let app = app().await;
    let ada = app.student("Ada").await;
    let body =
        json!({ "date_of_birth": "1.1.2000", "phone": "044 66", "website_url": "foo.ch", "username": "a" });
    let refused = patch(&app, &ada, &body).await;
    assert_names(
        &refused.refused(422, "validation_failed"),
        &[
            ("/website_url", "invalid_link"),
            ("/username", "invalid_username"),
            ("/phone", "invalid_phone"),
            ("/date_of_birth", "invalid_day"),
        ],
    );
}
