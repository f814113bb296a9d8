//! POST /v1/auth/register

use domain::identity::UserRegistered;
use serde_json::{Value, json};
use testkit::{Answer, TestApp};
use tests::{app, text};

use crate::identity::setup::{
    EMAIL, PASSWORD, SignedIn, assert_names, count, login, opens, race, registered, registration, shared_app,
    with_status,
};

async fn register(app: &TestApp, body: &Value) -> Answer {
    app.post("/v1/auth/register").json(body).send().await
}

/// [`registration`] with one member changed, or left out if the value is absent.
fn changed(name: &str, value: Option<Value>) -> Value {
    let mut body = registration(EMAIL);
    match value {
        Some(value) => body[name] = value,
        None => drop(body.as_object_mut().unwrap().remove(name)),
    }
    body
}

#[tokio::test]
async fn anybody_makes_an_account_and_is_signed_in() {
    let app = app().await;
    let answer = register(&app, &registration(EMAIL)).await.expect(201);
    insta::assert_json_snapshot!(answer.snapshot());
    let person = SignedIn::of(&answer.json);
    let me = app.get("/v1/me").bearer(&person.access).send().await.json(200);
    assert_eq!(me, answer.json["user"]);
    assert_eq!(
        text(&login(&app, EMAIL, PASSWORD).send().await.json(200)["user"], "id"),
        person.id.to_string()
    );
}

#[tokio::test]
async fn a_new_account_writes_itself_its_session_its_email_and_one_event() {
    let app = app().await;
    let request = app.post("/v1/auth/register").json(&registration(" Ada@Example.ORG "));
    let answer = request.header("x-correlation-id", "click-7").send().await;
    let person = SignedIn::of(&answer.json(201));
    for (entity, items) in [("user", 1), ("session", 1), ("pointer", 1), ("event", 1)] {
        assert_eq!(count(&app, entity).await, items, "{entity}");
    }
    assert_eq!(count(&app, "rate_window").await, 2);
    assert_eq!(app.dump().await.len(), 6);
    let [event] = app.outbox("user.registered").await.try_into().unwrap();
    let data: UserRegistered = event.data().unwrap();
    assert_eq!(data.user_id, person.id);
    assert_eq!((event.actor, event.correlation_id.as_str()), (Some(person.id), "click-7"));
    // What is told to everybody who listens is no more than this.
    insta::assert_json_snapshot!(testkit::redacted(&event.data));
}

#[tokio::test]
async fn names_are_kept_without_outer_space() {
    let app = app().await;
    let mut body = registration(EMAIL);
    body["first_name"] = json!("  Augusta Ada ");
    let answer = register(&app, &body).await.json(201);
    assert_eq!(answer["user"]["first_name"], "Augusta Ada");
}

#[tokio::test]
async fn r22_nobody_gives_themselves_a_role_or_another_hidden_field() {
    let app = app().await;
    for name in ["roles", "is_active", "id", "school", "password_hash", "profile", "email_verified"] {
        let answer = register(&app, &changed(name, Some(json!(["admin"])))).await;
        assert_names(&answer.refused(400, "invalid_body"), &[(&format!("/{name}"), "unknown_field")]);
    }
    assert!(app.dump().await.is_empty());
}

#[tokio::test]
async fn what_is_missing_or_of_another_type_is_named() {
    let app = app().await;
    for name in ["email", "password", "first_name", "last_name"] {
        let pointer = format!("/{name}");
        let answer = register(&app, &changed(name, None)).await;
        assert_names(&answer.refused(400, "invalid_body"), &[(&pointer, "missing")]);
        for value in [json!(null), json!(7), json!(["a"]), json!({ "a": 1 })] {
            let answer = register(&app, &changed(name, Some(value))).await;
            assert_names(&answer.refused(400, "invalid_body"), &[(&pointer, "wrong_type")]);
        }
    }
    assert!(app.dump().await.is_empty());
}

#[tokio::test]
async fn what_breaks_a_rule_is_named() {
    let app = app().await;
    let long = "x".repeat(101);
    for (name, value, code) in [
        ("email", "ada", "invalid_email"),
        ("email", "ada@example", "invalid_email"),
        ("email", "ada@exam ple.org", "invalid_email"),
        ("email", "", "invalid_email"),
        ("email", "ada\u{7}@example.org", "control_character"),
        ("email", &format!("{}@example.org", "a".repeat(65)), "invalid_email"),
        // What a mail service is sure to refuse.
        ("email", "ada..lovelace@example.org", "invalid_email"),
        ("email", &format!("ada@{}.org", "a".repeat(64)), "invalid_email"),
        ("email", &format!("a@{}.org", "a".repeat(260)), "too_long"),
        ("first_name", "   ", "too_short"),
        ("first_name", &long, "too_long"),
        ("last_name", "", "too_short"),
        ("last_name", "Love\u{0}lace", "control_character"),
        ("last_name", &long, "too_long"),
    ] {
        let answer = register(&app, &changed(name, Some(json!(value)))).await;
        assert_names(&answer.refused(422, "validation_failed"), &[(&format!("/{name}"), code)]);
    }
    assert!(app.dump().await.is_empty());
}

#[tokio::test]
async fn everything_wrong_is_told_at_once() {
    let app = app().await;
    let body = json!({ "email": "ada", "password": "short", "first_name": "Ada", "last_name": "Lovelace" });
    let violations = register(&app, &body).await.refused(422, "validation_failed");
    assert_names(&violations, &[("/password", "too_short"), ("/email", "invalid_email")]);
}

#[tokio::test]
async fn what_is_not_json_is_refused() {
    let app = app().await;
    let send = async |content_type: &str, body: &[u8]| {
        app.post("/v1/auth/register").body(content_type, body).send().await
    };
    for body in ["", "{", "{\"email\": }", "\u{0}", "{} {}"] {
        send("application/json", body.as_bytes()).await.refused(400, "malformed_json");
    }
    send("application/json", &[0xff, 0xfe]).await.refused(400, "malformed_json");
    send("application/json", &vec![b' '; 300 * 1024]).await.refused(413, "body_too_large");
    let form = b"email=ada@example.org&password=x";
    send("application/x-www-form-urlencoded", form).await.refused(415, "unsupported_media_type");
    assert!(app.dump().await.is_empty());
}

#[tokio::test]
async fn an_email_has_one_account_however_it_is_written() {
    let app = app().await;
    let first = registered(&app, EMAIL).await;
    let accounts = async || {
        let mut items = app.dump().await;
        items.retain(|item| !item.contains("et=S(\"rate_window\")"));
        items
    };
    let before = accounts().await;
    for email in [EMAIL, "ADA@EXAMPLE.ORG", "Ada@Example.Org", "  ada@example.org  "] {
        register(&app, &registration(email)).await.refused(409, "email_taken");
    }
    assert_eq!(accounts().await, before);
    assert!(opens(&app, &first.access).await);
}

#[tokio::test]
async fn another_school_may_have_the_same_email() {
    let app = app().await;
    let here = registered(&app, EMAIL).await;
    let request = app.post("/v1/auth/register").to_other_school().json(&registration(EMAIL));
    let there = SignedIn::of(&request.send().await.json(201));
    assert_ne!(here.id, there.id);
    // The host only matters without a token: with one, each stays in the school that it was made in.
    let me = app.get("/v1/me").bearer(&there.access).send().await.json(200);
    assert_eq!(text(&me, "id"), there.id.to_string());
}

#[tokio::test]
async fn r5_of_twenty_registrations_of_one_email_one_wins() {
    let app = shared_app().await;
    // Hashes take their time, and no deadline passes meanwhile.
    app.use_virtual_time();
    let spellings = ["ada@example.org", "ADA@example.org", "Ada@Example.Org", " ada@EXAMPLE.org "];
    let requests = (0..20).map(|n| {
        let mut body = registration(spellings[n % spellings.len()]);
        body["first_name"] = json!(format!("Ada {n}"));
        app.post("/v1/auth/register").json(&body)
    });
    let answers = race(requests).await;
    assert_eq!((with_status(&answers, 201), with_status(&answers, 409)), (1, 19));
    for answer in answers.iter().filter(|answer| answer.status == 409) {
        answer.refused(409, "email_taken");
    }
    for entity in ["user", "session", "pointer", "event"] {
        assert_eq!(count(app, entity).await, 1, "{entity}");
    }
    let winner = answers.iter().find(|answer| answer.status == 201).unwrap();
    let winner = SignedIn::of(&winner.json);
    let [event] = app.outbox("user.registered").await.try_into().unwrap();
    assert_eq!(event.data::<UserRegistered>().unwrap().user_id, winner.id);
    assert!(opens(app, &winner.access).await);
}

#[tokio::test]
async fn r28_one_network_address_makes_so_many_accounts_an_hour() {
    let app = tests::app_with(&[("REGISTRATIONS_PER_HOUR", "3")]).await;
    let from = async |ip: &str, number: usize| {
        let account = registration(&format!("ada-{number}@example.org"));
        app.post("/v1/auth/register").json(&account).from_ip(ip).send().await
    };
    for number in 0..3 {
        let _ = from("198.51.100.7", number).await.expect(201);
    }
    from("198.51.100.7", 3).await.refused(429, "rate_limited");
    let _ = from("198.51.100.8", 3).await.expect(201);
    let refused = from("198.51.100.7", 4).await;
    let wait: i64 = refused.header("retry-after").unwrap().parse().unwrap();
    assert!((1..=3600).contains(&wait), "{wait}");
    app.clock().advance(wait);
    let _ = from("198.51.100.7", 4).await.expect(201);
}

#[tokio::test]
async fn r28_those_who_have_many_network_addresses_make_as_many_accounts_as_ten_would_and_three_of_each_other()
 {
    let app = tests::app_with(&[("REGISTRATIONS_PER_HOUR", "4")]).await;
    let register = async |address: usize, number: usize| {
        let account = registration(&format!("ada-{address}-{number}@example.org"));
        app.post("/v1/auth/register").json(&account).from_ip(&format!("198.51.100.{address}")).send().await
    };
    for number in 0..40 {
        let _ = register(number % 10, number).await.expect(201);
    }
    // Whoever comes from elsewhere is not kept out by them.
    for number in 0..3 {
        let _ = register(10, number).await.expect(201);
    }
    let refused = register(10, 3).await;
    refused.refused(429, "rate_limited");
    // Not even who is known is told so.
    register(10, 0).await.refused(429, "rate_limited");
    let other = app.post("/v1/auth/register").to_other_school().json(&registration(EMAIL));
    let _ = other.send().await.expect(201);
    app.clock().advance(refused.header("retry-after").unwrap().parse().unwrap());
    let _ = register(10, 3).await.expect(201);
}

/// A lecture hall behind one address: nobody is refused because others register at the same moment.
#[tokio::test]
async fn r28_many_may_register_at_the_same_moment() {
    let app = std::sync::Arc::new(tests::app_with(&[("REGISTRATIONS_PER_HOUR", "20")]).await);
    app.use_virtual_time();
    let mut hall = tokio::task::JoinSet::new();
    for number in 0..21 {
        let app = std::sync::Arc::clone(&app);
        hall.spawn(async move {
            let account = registration(&format!("ada-{number}@example.org"));
            app.post("/v1/auth/register").json(&account).send().await.status
        });
    }
    let mut refused = 0;
    while let Some(status) = hall.join_next().await {
        match status.unwrap() {
            201 => {}
            429 => refused += 1,
            other => panic!("{other}"),
        }
    }
    assert_eq!(refused, 1, "and no more than may");
}
