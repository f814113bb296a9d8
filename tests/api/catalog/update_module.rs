//! PATCH /v1/modules/{module_id}

use domain::catalog::ModuleId;
use serde_json::{Value, json};
use testkit::TestRequest;
use tests::{app, draft, published};

use crate::catalog::support::{app_for_tasks, bytes_without, pairs, race, seen};

#[tokio::test]
async fn an_author_renames_a_module() {
    let app = app().await;
    let author = app.instructor("Ada").await;
    let course = published(&app, &author, "Rust", &[1, 1]).await;
    let patch = |body: Value| app.patch(format!("/v1/modules/{}", course.modules[1])).by(&author).json(&body);
    let answer =
        patch(json!({ "title": " First steps ", "description": "Slowly." })).if_match(1).send().await;
    assert_eq!(answer.rev(), 2);
    insta::assert_json_snapshot!(answer.snapshot());
    let kept = patch(json!({ "description": "" })).if_match(2).send().await.json(200);
    assert_eq!(
        (&kept["title"], &kept["description"], &kept["rev"]),
        (&json!("First steps"), &json!(""), &json!(3))
    );

    let seen = seen(&app, &author, &course).await;
    assert_eq!(seen["modules"][1]["title"], "First steps");
    assert_eq!(seen["modules"][0]["title"], "Module 1");
    assert_eq!(app.outbox("").await.len(), 1, "of the publication");
}

#[tokio::test]
async fn everything_wrong_is_named_and_nothing_written() {
    let app = app().await;
    let author = app.instructor("Ada").await;
    let course = draft(&app, &author, "Rust", &[0]).await;
    let before = app.dump().await;
    let patch = |body: &Value| app.patch(format!("/v1/modules/{}", course.modules[0])).by(&author).json(body);
    for (body, status, found) in [
        (json!({ "title": null }), 400, ("/title", "wrong_type")),
        (json!({ "id": course.modules[0] }), 400, ("/id", "unknown_field")),
        (json!({ "lessons": [] }), 400, ("/lessons", "unknown_field")),
        (json!({ "title": " " }), 422, ("/title", "too_short")),
        (json!({ "title": "x".repeat(101) }), 422, ("/title", "too_long")),
        (json!({ "description": "x".repeat(1001) }), 422, ("/description", "too_long")),
    ] {
        let answer = patch(&body).if_match(1).send().await;
        let code = if status == 422 { "validation_failed" } else { "invalid_body" };
        assert_eq!(answer.refused(status, code), pairs(&[found]), "{body}");
    }
    let fine = json!({ "title": "New" });
    patch(&fine).send().await.refused(428, "if_match_required");
    patch(&fine).if_match(2).send().await.refused(412, "stale");
    patch(&fine).header("if-match", "1").send().await.refused(400, "invalid_header");
    assert_eq!(app.dump().await, before);
}

#[tokio::test]
async fn a_module_of_somebody_else_reads_as_if_there_were_none() {
    let app = app().await;
    let (author, other, admin) =
        (app.instructor("Ada").await, app.instructor("Eve").await, app.admin("Max").await);
    let (hidden, public) =
        (draft(&app, &author, "Draft", &[0]).await, published(&app, &author, "Public", &[1]).await);
    let before = app.dump().await;
    let absent: ModuleId = app.app().id();
    let patch =
        |id: &str| app.patch(format!("/v1/modules/{id}")).if_match(1).json(&json!({ "title": "Mine" }));
    patch(&hidden.modules[0]).send().await.refused(401, "unauthenticated");
    let missing = patch(&absent.to_string()).by(&other).send().await;
    missing.refused(404, "not_found");
    for id in [&hidden.modules[0], &public.modules[0]] {
        let refused = patch(id).by(&other).send().await;
        assert_eq!(bytes_without(&refused, id), bytes_without(&missing, &absent.to_string()));
    }
    patch(&hidden.id).by(&author).send().await.refused(400, "invalid_path");
    assert_eq!(app.dump().await, before);
    let _ = patch(&hidden.modules[0]).by(&admin).send().await.expect(200);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn r5_of_many_edits_of_one_revision_one_counts() {
    let app = app_for_tasks().await;
    let author = app.instructor("Ada").await;
    let course = draft(app, &author, "Rust", &[0]).await;
    let patch = |n| {
        let request = app.patch(format!("/v1/modules/{}", course.modules[0])).by(&author).if_match(1);
        request.json(&json!({ "title": format!("Module {n}") })).racing()
    };
    let answers = race((0..8).map(patch).map(TestRequest::send)).await;
    let (won, lost): (Vec<_>, Vec<_>) = answers.iter().partition(|answer| answer.status == 200);
    assert_eq!(won.len(), 1);
    for answer in lost {
        answer.refused(412, "stale");
    }
    assert_eq!(seen(app, &author, &course).await["modules"][0]["title"], won[0].json["title"]);
}
