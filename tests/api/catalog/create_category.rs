//! POST /v1/admin/categories

use serde_json::json;
use tests::{app, text};

use crate::catalog::support::{app_for_tasks, count_items, pairs, race};

#[tokio::test]
async fn an_admin_adds_a_category() {
    let app = app().await;
    let admin = app.admin("Max").await;
    let before = app.dump().await.len();
    let body = json!({ "name": " Data & Statistics ", "icon": "📊", "sort_order": -3, "description": "Count.\nCompare." });
    let answer = app.post("/v1/admin/categories").by(&admin).json(&body).send().await;
    insta::assert_json_snapshot!(answer.snapshot());
    // The category and its slug.
    assert_eq!(app.dump().await.len(), before + 2);
    let listed = app.get("/v1/categories").send().await.json(200);
    assert_eq!(listed["items"], json!([answer.json]));
}

#[tokio::test]
async fn everything_wrong_is_named_and_nothing_written() {
    let app = app().await;
    let admin = app.admin("Max").await;
    let before = app.dump().await;
    for (body, status, found) in [
        (json!({}), 400, ("/name", "missing")),
        (json!({ "name": 1 }), 400, ("/name", "wrong_type")),
        (json!({ "name": "x", "course_count": 3 }), 400, ("/course_count", "unknown_field")),
        (json!({ "name": "x", "is_active": false }), 400, ("/is_active", "unknown_field")),
        (json!({ "name": "x", "sort_order": 1.5 }), 400, ("/sort_order", "wrong_type")),
        (json!({ "name": " " }), 422, ("/name", "too_short")),
        (json!({ "name": "x".repeat(61) }), 422, ("/name", "too_long")),
        (json!({ "name": "a\u{0}" }), 422, ("/name", "control_character")),
        (json!({ "name": "x", "slug": "No" }), 422, ("/slug", "invalid_slug")),
        (json!({ "name": "x", "slug": "" }), 422, ("/slug", "too_short")),
        (json!({ "name": "x", "description": "x".repeat(501) }), 422, ("/description", "too_long")),
        (json!({ "name": "x", "icon": "x".repeat(41) }), 422, ("/icon", "too_long")),
        (json!({ "name": "x", "sort_order": 10_001 }), 422, ("/sort_order", "too_large")),
        (json!({ "name": "x", "sort_order": -10_001 }), 422, ("/sort_order", "too_small")),
    ] {
        let answer = app.post("/v1/admin/categories").by(&admin).json(&body).send().await;
        let code = if status == 422 { "validation_failed" } else { "invalid_body" };
        assert_eq!(answer.refused(status, code), pairs(&[found]), "{body}");
    }
    assert_eq!(app.dump().await, before);
}

#[tokio::test]
async fn only_admins_add_categories() {
    let app = app().await;
    let (author, learner) = (app.instructor("Ada").await, app.student("Grace").await);
    let before = app.dump().await;
    let request = || app.post("/v1/admin/categories").json(&json!({ "name": "Mine" }));
    request().send().await.refused(401, "unauthenticated");
    for person in [&author, &learner] {
        request().by(person).send().await.refused(403, "forbidden");
    }
    assert_eq!(app.dump().await, before);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn r5_a_slug_is_taken_once() {
    let app = app_for_tasks().await;
    let admin = app.admin("Max").await;
    let request = |name: &str| app.post("/v1/admin/categories").by(&admin).json(&json!({ "name": name }));
    let answers = race(["Data", "data!", "DATA", " Data"].map(|name| request(name).racing().send())).await;
    let (made, refused): (Vec<_>, Vec<_>) = answers.iter().partition(|answer| answer.status == 201);
    assert_eq!((made.len(), text(&made[0].json, "slug").as_str()), (1, "data"));
    for answer in refused {
        answer.refused(409, "slug_taken");
        // It is made of the name, so nobody sent it.
        assert_eq!(answer.json["detail"], "another category has the slug data; send another one as slug");
    }
    assert_eq!(count_items(app, "CATEGOR").await, 2);
    let chosen =
        app.post("/v1/admin/categories").by(&admin).json(&json!({ "name": "Data", "slug": "data-2" }));
    assert_eq!(chosen.send().await.json(201)["name"], "Data");
}
