//! What must never be seen again once it was typed or handed out: in an answer, in an event, in the table.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::{Value, json};
use tests::app;

use crate::identity::mailed::{forgot, resend, reset, school, verify};
use crate::identity::setup::{
    EMAIL, PASSWORD, SignedIn, WRONG, account, change_account, login, refresh, registered, registration,
};

#[tokio::test]
async fn r32_no_password_and_no_token_is_kept_or_told() {
    let app = app().await;
    let admin = app.admin("Root").await;
    let mut answers = vec![app.post("/v1/auth/register").json(&registration(EMAIL)).send().await.expect(201)];
    let ada = SignedIn::of(&answers[0].json);
    answers.push(app.post("/v1/auth/register").json(&registration(EMAIL)).send().await);
    answers.push(login(&app, EMAIL, WRONG).send().await);
    answers.push(login(&app, "nobody@example.org", PASSWORD).send().await);
    answers.push(login(&app, EMAIL, PASSWORD).send().await.expect(200));
    let again = SignedIn::of(&answers.last().unwrap().json);
    answers.push(refresh(&app, &ada.refresh).send().await.expect(200));
    let next = SignedIn::of(&answers.last().unwrap().json);
    answers.push(app.get("/v1/me").bearer(&ada.access).send().await.expect(200));
    let patch =
        app.patch("/v1/me").bearer(&ada.access).json(&json!({ "headline": "x", "interests": ["rust"] }));
    answers.push(patch.send().await.expect(200));
    change_account(&app, ada.id, |user| user.email_verified = true).await;
    let roles = app.put(format!("/v1/admin/users/{}/roles", ada.id)).by(&admin);
    answers.push(roles.json(&json!({ "roles": ["instructor"] })).send().await.expect(200));
    // A mistake must not echo what was typed.
    let short =
        json!({ "email": EMAIL, "password": "s3cr3t!", "first_name": "Ada", "last_name": "Lovelace" });
    answers.push(app.post("/v1/auth/register").json(&short).send().await);
    let misplaced = json!({ "email": EMAIL, "password": ["s3cr3t!"] });
    answers.push(app.post("/v1/auth/login").json(&misplaced).send().await);

    let hash = account(&app, ada.id).await.value.password_hash;
    let items = app.dump().await.join("\n");
    let events = serde_json::to_string(&app.outbox("").await).unwrap();
    let told: String = answers.iter().map(|answer| answer.text() + "\n").collect();
    assert!(items.contains(&hash) && items.contains(EMAIL), "the dump shows what is kept");

    for secret in [PASSWORD, WRONG, "s3cr3t!"] {
        for (name, text) in [("the table", &items), ("an event", &events), ("an answer", &told)] {
            assert!(!text.contains(secret), "{name} has the password {secret}");
        }
    }
    for tokens in [&ada, &again, &next] {
        for token in [&tokens.access, &tokens.refresh] {
            // The part that proves it is as good as the whole.
            let proof = &token[token.len() - 43..];
            assert!(!items.contains(token.as_str()) && !items.contains(proof), "the table has a token");
            assert!(!events.contains(proof), "an event has a token");
        }
    }
    for text in [&events, &told] {
        for mark in [hash.as_str(), "argon2", "password_hash", "secret_hash"] {
            assert!(!text.contains(mark), "{mark} is told");
        }
    }
}

#[tokio::test]
async fn r32_no_mailed_token_is_kept_or_told() {
    let school = school().await;
    let app = &school.app;
    let (ada, first) = school.newcomer(EMAIL).await;
    let mut answers =
        vec![resend(app, &ada).send().await.expect(202), forgot(app, EMAIL).send().await.expect(202)];
    let events = serde_json::to_string(&app.outbox("").await).unwrap();
    assert!(!events.contains("lot_") && !events.contains(EMAIL), "{events}");
    let mut tokens = school.tokens(EMAIL, "").await;
    assert_eq!((tokens.len(), &tokens[0]), (3, &first));
    let items = app.dump().await.join("\n");
    tokens.sort();
    for token in &tokens {
        assert!(!items.contains(token.strip_prefix("lot_").unwrap()), "the table has a token");
        answers.push(verify(app, &ada, token).send().await);
        answers.push(reset(app, token, "x").send().await);
        answers.push(reset(app, token, "another long password").send().await);
    }
    let told: String = answers.iter().map(|answer| answer.text() + "\n").collect();
    for secret in tokens.iter().map(String::as_str).chain(["another long password"]) {
        assert!(!told.contains(secret), "an answer has {secret}");
        assert!(!app.dump().await.join("\n").contains(secret), "the table has {secret}");
    }
}

#[tokio::test]
async fn r23_an_access_token_says_who_and_where_and_nothing_personal() {
    let app = app().await;
    let ada = registered(&app, EMAIL).await;
    let part = |n: usize| -> Value {
        let part = ada.access.split('.').nth(n).unwrap();
        serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap()
    };
    let (header, mut claims) = (part(0), part(1));
    assert_eq!(header, json!({ "typ": "at+jwt", "alg": "EdDSA", "kid": "test" }));
    let number = |name: &str| claims[name].as_i64().unwrap();
    assert_eq!(number("exp") - number("iat"), 3600);
    assert_eq!(number("nbf"), number("iat"));
    assert_eq!(claims["sub"], ada.id.to_string());
    for name in ["exp", "iat", "nbf", "sub", "sid"] {
        assert!(claims.as_object_mut().unwrap().remove(name).is_some(), "{name}");
    }
    assert_eq!(claims, json!({ "iss": "https://lectern.test", "aud": "lectern", "school": "main" }));
}
