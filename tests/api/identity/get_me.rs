//! GET /v1/me

use domain::identity::Role;
use tests::app;

use crate::identity::setup::{EMAIL, change_account, opens, registered};

#[tokio::test]
async fn everybody_sees_their_own_account() {
    let app = app().await;
    let person = registered(&app, EMAIL).await;
    app.tap().reset();
    let answer = app.get("/v1/me").bearer(&person.access).send().await.expect(200);
    assert_eq!(app.tap().operations(), ["BatchGetItem"]);
    assert_eq!(answer.rev(), 1);
    insta::assert_json_snapshot!(answer.snapshot());
}

#[tokio::test]
async fn each_caller_sees_themselves() {
    let app = app().await;
    let (ada, grace) = (app.student("Ada").await, app.admin("Grace").await);
    let other_school = "other".parse().unwrap();
    let alan = app.person(&other_school, "Ada", &[Role::Instructor]).await;
    for person in [&ada, &grace, &alan] {
        let me = app.get("/v1/me").by(person).send().await.json(200);
        assert_eq!(me["id"], person.id.to_string());
    }
}

#[tokio::test]
async fn without_a_token_there_is_nobody() {
    let app = app().await;
    let answer = app.get("/v1/me").send().await;
    answer.refused(401, "unauthenticated");
    assert_eq!(answer.header("www-authenticate"), Some("Bearer"));
    assert_eq!(answer.cost.reads, 0);
    insta::assert_json_snapshot!(answer.snapshot());
}

#[tokio::test]
async fn only_bearer_tokens_count() {
    let app = app().await;
    let person = registered(&app, EMAIL).await;
    let send = async |value: &str| app.get("/v1/me").header("authorization", value).send().await;
    for scheme in ["Bearer", "bearer", "BEARER"] {
        let _ = send(&format!("{scheme} {}", person.access)).await.expect(200);
    }
    for value in
        [person.access.clone(), format!("Basic {}", person.access), "Bearer".to_owned(), String::new()]
    {
        send(&value).await.refused(401, "unauthenticated");
    }
    for value in [
        "Bearer ".to_owned(),
        format!("Bearer {0} {0}", person.access),
        format!("Bearer {0},{0}", person.access),
    ] {
        send(&value).await.refused(401, "invalid_token");
    }
    app.get(format!("/v1/me?access_token={}", person.access)).send().await.refused(401, "unauthenticated");
    let cookie = format!("access_token={0}; token={0}", person.access);
    app.get("/v1/me").header("cookie", &cookie).send().await.refused(401, "unauthenticated");
}

#[tokio::test]
async fn a_suspension_counts_from_the_next_call() {
    let app = app().await;
    let person = registered(&app, EMAIL).await;
    assert!(opens(&app, &person.access).await);
    change_account(&app, person.id, |user| user.is_active = false).await;
    assert!(!opens(&app, &person.access).await);
    change_account(&app, person.id, |user| user.is_active = true).await;
    assert!(opens(&app, &person.access).await);
}

#[tokio::test]
async fn an_access_token_ends_with_its_session() {
    let app = app().await;
    let person = registered(&app, EMAIL).await;
    // As if the session began long ago: it ends before the token does.
    let key = store::keys::session(&app.school(), person.id, session_of(&person.access));
    let stored = app.store().get(&key, store::Consistency::Strong).await.unwrap().unwrap();
    let mut session = stored.value;
    session.expires_at = app.app().now().plus_seconds(60);
    let school = app.school();
    let mut change = app.store().transaction(&school);
    change.replace(&key, &session, stored.rev);
    change.commit().await.unwrap();

    assert!(opens(&app, &person.access).await);
    app.clock().advance(60);
    assert!(!opens(&app, &person.access).await);
}

fn session_of(access_token: &str) -> domain::identity::SessionId {
    use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
    let claims = URL_SAFE_NO_PAD.decode(access_token.split('.').nth(1).unwrap()).unwrap();
    let claims: serde_json::Value = serde_json::from_slice(&claims).unwrap();
    tests::text(&claims, "sid").parse().unwrap()
}
