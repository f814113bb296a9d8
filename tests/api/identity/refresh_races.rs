//! POST /v1/auth/refresh (R24), when several tokens of one family come at the same moment.

use std::collections::BTreeSet;

use serde_json::json;
use testkit::TestApp;
use tests::text;

use crate::identity::setup::{SignedIn, count, opens, race, refresh, registered, shared_app, with_status};

const FAMILIES: usize = 16;

/// So many sign-ins, each of an account of its own.
async fn families(app: &'static TestApp) -> Vec<SignedIn> {
    let requests = (0..FAMILIES).map(|n| {
        app.post("/v1/auth/register")
            .json(&crate::identity::setup::registration(&format!("reader{n}@example.org")))
    });
    race(requests).await.into_iter().map(|answer| SignedIn::of(&answer.json(201))).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn r24_a_double_refresh_has_exactly_one_child_in_every_family() {
    let app = shared_app().await;
    let first = families(app).await;
    let doubled =
        first.iter().flat_map(|tokens| [refresh(app, &tokens.refresh), refresh(app, &tokens.refresh)]);
    let answers = race(doubled).await;
    let mut children = BTreeSet::new();
    for pair in answers.chunks(2) {
        let [one, other] = [&pair[0], &pair[1]].map(|answer| SignedIn::of(&answer.json));
        assert_eq!(one.refresh, other.refresh);
        children.insert(one.refresh);
    }
    assert_eq!(children.len(), FAMILIES);
    // Each child works, once, and the parents are grandparents now: they end every family.
    let grandchildren = race(children.iter().map(|token| refresh(app, token))).await;
    assert_eq!(with_status(&grandchildren, 200), FAMILIES);
    let reused = race(first.iter().map(|tokens| refresh(app, &tokens.refresh))).await;
    assert_eq!(with_status(&reused, 401), FAMILIES);
    assert_eq!(count(app, "session").await, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn r24_of_twelve_refreshes_with_one_token_none_is_taken_for_theft() {
    let app = shared_app().await;
    let first = registered(app, "ada@example.org").await;
    let answers = race((0..12).map(|_| refresh(app, &first.refresh))).await;
    let children: BTreeSet<_> =
        answers.into_iter().map(|answer| text(&answer.json(200), "refresh_token")).collect();
    assert_eq!(children.len(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn r24_a_thief_and_the_owner_at_the_same_moment_end_the_family() {
    let app = shared_app().await;
    let mut stolen = Vec::new();
    for first in families(app).await {
        let second = SignedIn::of(&refresh(app, &first.refresh).send().await.json(200));
        let third = SignedIn::of(&refresh(app, &second.refresh).send().await.json(200));
        stolen.push((first, third));
    }
    let both =
        stolen.iter().flat_map(|(first, third)| [refresh(app, &first.refresh), refresh(app, &third.refresh)]);
    for pair in race(both).await.chunks(2) {
        pair[0].refused(401, "invalid_token");
        assert!(matches!(pair[1].status, 200 | 401), "{}", pair[1].text());
    }
    assert_eq!(count(app, "session").await, 0, "a refresh must not bring back what the thief's token ended");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_refresh_does_not_bring_back_a_session_that_a_logout_ends() {
    let app = shared_app().await;
    let people = families(app).await;
    let both = people.iter().flat_map(|person| {
        [app.post("/v1/auth/logout").bearer(&person.access), refresh(app, &person.refresh)]
    });
    for pair in race(both).await.chunks(2) {
        assert_eq!(pair[0].status, 204, "{}", pair[0].text());
        assert!(matches!(pair[1].status, 200 | 401), "{}", pair[1].text());
    }
    assert_eq!(count(app, "session").await, 0);
    for person in &people {
        assert!(!opens(app, &person.access).await);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_refresh_beside_other_changes_of_the_account_loses_none() {
    let app = shared_app().await;
    let mut person = registered(app, "ada@example.org").await;
    for n in 0..10 {
        let headline = format!("Headline {n}");
        let patch = app.patch("/v1/me").bearer(&person.access).json(&json!({ "headline": headline }));
        let answers = race([patch, refresh(app, &person.refresh)]).await;
        assert_eq!(with_status(&answers, 200), 2);
        person = SignedIn::of(&answers[1].json);
        let me = app.get("/v1/me").bearer(&person.access).send().await.json(200);
        assert_eq!(me["profile"]["headline"], headline);
    }
}
