//! POST /v1/courses/{course_id}/modules

use domain::catalog::OutlineModule;
use serde_json::json;
use store::keys;
use testkit::TestApp;
use tests::{CourseFixture, app, draft, published, text};

use crate::catalog::support::{Fixture, app_for_tasks, assert_replays, count_items, edit, pairs, race, seen};

/// Gives a course `count` modules in all.
async fn fill(app: &TestApp, course: &CourseFixture, count: usize) {
    edit(app, &keys::course(&app.school(), course.course_id()), |course| {
        course.outline.resize_with(count, || OutlineModule { id: app.app().id(), lessons: Vec::new() });
    })
    .await;
}

#[tokio::test]
async fn a_module_comes_at_the_end() {
    let app = app().await;
    let author = app.instructor("Ada").await;
    let course = draft(&app, &author, "Rust", &[1]).await;
    let before = app.dump().await.len();
    let body = json!({ "title": " Going on ", "description": "More.\nOf it." });
    let answer = app.post(course.path("modules")).by(&author).json(&body).send().await;
    assert_eq!(answer.rev(), 1);
    insta::assert_json_snapshot!(answer.snapshot());
    // The module and what finds its course.
    assert_eq!(app.dump().await.len(), before + 2);
    let seen = seen(&app, &author, &course).await;
    let titles: Vec<_> =
        seen["modules"].as_array().unwrap().iter().map(|module| text(module, "title")).collect();
    assert_eq!(titles, ["Module 1", "Going on"]);
    assert_eq!(seen["modules"][1]["description"], "More.\nOf it.");
}

#[tokio::test]
async fn everything_wrong_is_named_and_nothing_written() {
    let app = app().await;
    let author = app.instructor("Ada").await;
    let course = draft(&app, &author, "Rust", &[]).await;
    let before = app.dump().await;
    for (body, status, found) in [
        (json!({}), 400, ("/title", "missing")),
        (json!({ "title": 1 }), 400, ("/title", "wrong_type")),
        (json!({ "title": "x", "course_id": course.id }), 400, ("/course_id", "unknown_field")),
        (json!({ "title": "x", "rev": 1 }), 400, ("/rev", "unknown_field")),
        (json!({ "title": "  " }), 422, ("/title", "too_short")),
        (json!({ "title": "x".repeat(101) }), 422, ("/title", "too_long")),
        (json!({ "title": "a\nb" }), 422, ("/title", "control_character")),
        (json!({ "title": "x", "description": "x".repeat(1001) }), 422, ("/description", "too_long")),
    ] {
        let answer = app.post(course.path("modules")).by(&author).json(&body).send().await;
        let code = if status == 422 { "validation_failed" } else { "invalid_body" };
        assert_eq!(answer.refused(status, code), pairs(&[found]), "{body}");
    }
    assert_eq!(app.dump().await, before);
}

#[tokio::test]
async fn a_course_has_at_most_fifty_modules() {
    let app = app().await;
    let author = app.instructor("Ada").await;
    let course = draft(&app, &author, "Rust", &[]).await;
    fill(&app, &course, 49).await;
    let add = || app.post(course.path("modules")).by(&author).json(&json!({ "title": "x" }));
    let _ = add().send().await.expect(201);
    let before = app.dump().await;
    add().send().await.refused(422, "limit_reached");
    add().header("idempotency-key", "k").send().await.refused(422, "limit_reached");
    assert_eq!(app.dump().await, before);
}

#[tokio::test]
async fn only_who_may_edit_a_course_adds_modules() {
    let app = app().await;
    let (author, other, admin) =
        (app.instructor("Ada").await, app.instructor("Eve").await, app.admin("Max").await);
    let (hidden, public) =
        (draft(&app, &author, "Draft", &[]).await, published(&app, &author, "Public", &[1]).await);
    let before = app.dump().await;
    let add = |course: &CourseFixture| app.post(course.path("modules")).json(&json!({ "title": "x" }));
    add(&public).send().await.refused(401, "unauthenticated");
    add(&public).by(&other).send().await.refused(403, "forbidden");
    add(&hidden).by(&other).send().await.refused(404, "not_found");
    assert_eq!(app.dump().await, before);
    let _ = add(&hidden).by(&admin).send().await.expect(201);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn r5_modules_added_at_once_are_all_kept() {
    let app = app_for_tasks().await;
    let author = app.instructor("Ada").await;
    let course = draft(app, &author, "Rust", &[]).await;
    let add =
        |n| app.post(course.path("modules")).by(&author).json(&json!({ "title": format!("Module {n}") }));
    let answers = race((0..5).map(|n| add(n).racing().send())).await;
    let mut added: Vec<String> = answers.into_iter().map(|answer| text(&answer.json(201), "id")).collect();
    let seen = seen(app, &author, &course).await;
    let mut found: Vec<_> =
        seen["modules"].as_array().unwrap().iter().map(|module| text(module, "id")).collect();
    added.sort();
    found.sort();
    assert_eq!(found, added);
}

#[tokio::test]
async fn r1_a_repeated_request_gets_the_first_answer() {
    let app = app().await;
    let author = app.instructor("Ada").await;
    let (course, other) = (draft(&app, &author, "Rust", &[]).await, draft(&app, &author, "Other", &[]).await);
    let (body, another) = (json!({ "title": "One" }), json!({ "title": "Two" }));
    assert_replays(|body| app.post(course.path("modules")).by(&author).json(body), &body, &another).await;
    // The same body for another course is another request.
    let elsewhere =
        app.post(other.path("modules")).by(&author).json(&body).header("idempotency-key", "one-key");
    elsewhere.send().await.refused(422, "idempotency_key_reused");
    assert_eq!(seen(&app, &author, &course).await["modules"].as_array().unwrap().len(), 1);
    assert_eq!(seen(&app, &author, &other).await["modules"], json!([]));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn r1_the_same_request_several_times_at_once_adds_one_module() {
    let app = app_for_tasks().await;
    let author = app.instructor("Ada").await;
    let course = draft(app, &author, "Rust", &[]).await;
    let add = |_| {
        let request = app.post(course.path("modules")).by(&author).json(&json!({ "title": "One" }));
        request.header("idempotency-key", "k").racing().send()
    };
    let answers = race((0..4).map(add)).await;
    let ids: Vec<_> = answers.into_iter().map(|answer| text(&answer.json(201), "id")).collect();
    assert!(ids.iter().all(|id| *id == ids[0]), "{ids:?}");
    assert_eq!(count_items(app, "MODULE#").await, 1);
}
