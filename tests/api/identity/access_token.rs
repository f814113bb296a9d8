//! Access tokens (R23): which ones open a route. `GET /v1/me` stands for every route that asks for one.

use serde_json::json;
use testkit::TestApp;
use tests::text;

use crate::identity::{
    mutants::Mint,
    setup::{EMAIL, SignedIn, opens, registered, registration, shared_app},
};

const LEEWAY: i64 = 30;
const LIFETIME: i64 = 3600;

async fn registered_elsewhere(app: &TestApp) -> SignedIn {
    let request = app.post("/v1/auth/register").to_other_school().json(&registration(EMAIL));
    SignedIn::of(&request.send().await.json(201))
}

/// The tokens that were not refused with 401.
async fn accepted(app: &'static TestApp, tokens: Vec<String>) -> Vec<String> {
    let mut accepted = Vec::new();
    for token in tokens {
        let answer = app.get("/v1/me").bearer(&token).send().await;
        let code = answer.json["code"].as_str().unwrap_or_default();
        if answer.status != 401 || !matches!(code, "invalid_token" | "token_expired") {
            accepted.push(format!("{} {code} {}", answer.status, &token[..token.len().min(2000)]));
        }
    }
    accepted
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn r23_of_ten_thousand_mutants_none_is_accepted() {
    let app = shared_app().await;
    let person = registered(app, EMAIL).await;
    let neighbour = registered(app, "grace@example.org").await;
    let elsewhere = registered_elsewhere(app).await;
    let mint = Mint::new(app, &person);
    // The mutants fail for what is wrong with them, not because this mint cannot make a good token.
    assert!(opens(app, &mint.with(&json!({}))).await);

    let mutants: Vec<String> = mint.mutants(&[&neighbour, &elsewhere]).into_iter().collect();
    assert!(mutants.len() >= 10_000, "only {} mutants", mutants.len());
    let half = mutants.len() / 2;
    let sent =
        [mutants[..half].to_vec(), mutants[half..].to_vec()].map(|part| tokio::spawn(accepted(app, part)));
    for part in sent {
        let accepted = part.await.unwrap();
        assert!(
            accepted.is_empty(),
            "{} accepted: {:#?}",
            accepted.len(),
            &accepted[..accepted.len().min(5)]
        );
    }
    assert!(opens(app, &person.access).await, "the good one was good all along");
}

#[tokio::test]
async fn r23_what_is_not_genuine_costs_no_read() {
    let app = shared_app().await;
    let person = registered(app, EMAIL).await;
    let mint = Mint::new(app, &person);
    for token in [
        format!("{}A", person.access),
        mint.with(&json!({ "aud": "other" })),
        mint.with(&json!({ "exp": 0 })),
    ] {
        let answer = app.get("/v1/me").bearer(&token).send().await;
        assert_eq!((answer.status, answer.cost.reads), (401, 0), "{}", answer.text());
    }
}

#[tokio::test]
async fn r23_clocks_may_differ_by_thirty_seconds() {
    let app = shared_app().await;
    let person = registered(app, EMAIL).await;
    // A second of room on both sides: claims are whole seconds, and the clock moves at each look.
    app.clock().advance(-(LEEWAY - 2));
    assert!(opens(app, &person.access).await, "issued by a clock that is ahead");
    app.clock().advance(-4);
    app.get("/v1/me").bearer(&person.access).send().await.refused(401, "invalid_token");
    app.clock().advance(LEEWAY + 2 + LIFETIME + LEEWAY - 2);
    assert!(opens(app, &person.access).await, "as old as a token may be");
    app.clock().advance(4);
    app.get("/v1/me").bearer(&person.access).send().await.refused(401, "token_expired");
}

#[tokio::test]
async fn r23_a_token_lasts_an_hour_and_a_refresh_brings_the_next() {
    let app = shared_app().await;
    let answer = app.post("/v1/auth/register").json(&registration(EMAIL)).send().await.json(201);
    assert_eq!((&answer["expires_in"], &answer["token_type"]), (&json!(LIFETIME), &json!("Bearer")));
    let person = SignedIn::of(&answer);
    app.clock().advance(LIFETIME + LEEWAY + 1);
    let refused = app.get("/v1/me").bearer(&person.access).send().await;
    refused.refused(401, "token_expired");
    assert_eq!(refused.header("www-authenticate"), Some("Bearer"));
    let next = crate::identity::setup::refresh(app, &person.refresh).send().await.json(200);
    assert!(opens(app, &text(&next, "access_token")).await);
}

#[tokio::test]
async fn r29_a_token_leads_to_its_own_school_whatever_the_host() {
    let app = shared_app().await;
    let here = registered(app, EMAIL).await;
    let elsewhere = registered_elsewhere(app).await;
    for person in [&here, &elsewhere] {
        let me = app.get("/v1/me").bearer(&person.access).send().await.json(200);
        let there = app.get("/v1/me").bearer(&person.access).to_other_school().send().await.json(200);
        assert_eq!(me, there);
        assert_eq!(text(&me, "id"), person.id.to_string());
    }
}

#[tokio::test]
async fn r23_a_token_signed_with_another_deployments_key_is_refused() {
    let (app, other) = (shared_app().await, shared_app().await);
    let (here, there) = (registered(app, EMAIL).await, registered(other, EMAIL).await);
    // Same issuer, audience and key id; only the key differs.
    app.get("/v1/me").bearer(&there.access).send().await.refused(401, "invalid_token");
    other.get("/v1/me").bearer(&here.access).send().await.refused(401, "invalid_token");
    assert!(opens(app, &here.access).await && opens(other, &there.access).await);
}
