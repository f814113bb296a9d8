//! What makes a repetition harmless bears names that nobody types (R1): receipts, and kept replies.

use std::collections::BTreeSet;

use tests::{app, complete, enroll, published};

use crate::edge::{
    authorization::{World, rows},
    state::state,
};

#[tokio::test]
async fn r1_a_receipt_bears_the_name_of_the_function_in_the_registry() {
    let app = app().await;
    let author = app.instructor("Author").await;
    let course = published(&app, &author, "Rust", &[1]).await;
    let learner = app.student("Learner").await;
    enroll(&app, &learner, &course).await;
    complete(&app, &learner, &course).await;
    app.carry().await;
    let items = app.dump().await;
    let receipts: BTreeSet<&str> = items
        .iter()
        .filter(|item| item.contains("et=S(\"receipt\")"))
        .filter_map(|item| item.split("#INBOX#").nth(1)?.split('#').next())
        .collect();
    let consumers: BTreeSet<&str> =
        registry::all().consumers.iter().map(|entry| entry.names.function()).collect();
    assert!(receipts.len() >= 3, "{receipts:?}");
    let unknown: Vec<_> = receipts.iter().filter(|name| !consumers.contains(*name)).collect();
    assert!(unknown.is_empty(), "no function has the name of these receipts: {unknown:?}");
}

#[tokio::test]
async fn r1_every_route_that_is_idempotent_keeps_its_reply() {
    let registry = registry::all();
    let idempotent: Vec<_> = registry.endpoints.iter().filter(|entry| entry.idempotent).collect();
    assert!(!idempotent.is_empty());
    for entry in idempotent {
        let route = entry.route.to_string();
        let rows = rows();
        let (row, caller) = rows
            .iter()
            .filter(|row| row.route == route)
            .find_map(|row| Some((row, row.expected.iter().position(|status| *status < 300)?)))
            .unwrap_or_else(|| panic!("nobody may {route}: see authorization.rs"));
        let world = World::new().await;
        let request = async || world.request(row, caller, false).await.header("idempotency-key", "k");
        let first = request().await.send().await.expect(entry.status);
        assert_eq!(first.header("idempotency-replayed"), None, "{route}");
        let after = state(&world.app).await;
        assert!(after.iter().any(|item| item.contains("et=S(\"kept_reply\")")), "{route} keeps no reply");
        let again = request().await.send().await.expect(entry.status);
        assert_eq!(again.header("idempotency-replayed"), Some("true"), "{route}");
        assert_eq!(again.body, first.body, "{route}");
        assert_eq!(state(&world.app).await, after, "{route} did it twice");
    }
}
