//! POST /v1/lessons/{lesson_id}/video

use serde_json::{Value, json};
use tests::{app_with, text};

use crate::video::setup::{put, studio};

#[tokio::test]
async fn a_small_file_is_sent_at_once_by_a_link_that_takes_just_that_file_and_only_once() {
    let studio = studio().await;
    let begun = studio.begin(11).await;
    let (id, upload) = (text(&begun, "video_id"), &begun["upload"]);
    assert_eq!((&upload["method"], &upload["headers"]["content-type"]), (&json!("PUT"), &json!("video/mp4")));
    assert_eq!(studio.video(&id).await["status"], "uploading");

    // Longer, shorter, or something else: the signature is of this file.
    for wrong in ["hello video!", "hello"] {
        assert_eq!(put(upload, wrong.into()).await.status(), 403, "{wrong}");
    }
    for header in ["content-type", "if-none-match"] {
        let mut another = upload.clone();
        another["headers"][header] = json!("text/html");
        assert_eq!(put(&another, "hello video".into()).await.status(), 403, "{header}");
        let _ = another["headers"].as_object_mut().unwrap().remove(header);
        assert_eq!(put(&another, "hello video".into()).await.status(), 403, "no {header}");
    }
    assert_eq!(studio.app.file(&studio.object(&id)), None);
    assert_eq!(put(upload, "hello video".into()).await.status(), 200);
    assert_eq!(studio.app.file(&studio.object(&id)).unwrap(), b"hello video");
    assert_eq!(put(upload, "other video".into()).await.status(), 412, "it is there");
    assert_eq!(studio.told().len(), 1);
    assert_eq!(studio.app.file(&studio.object(&id)).unwrap(), b"hello video");
}

#[tokio::test]
async fn a_large_file_comes_in_parts_of_which_the_first_are_signed() {
    let studio = studio().await;
    let at_once = studio.begin(64 * 1024 * 1024).await;
    assert_eq!(at_once["upload"]["method"], "PUT");
    let begun = studio.begin(64 * 1024 * 1024 + 1).await;
    let upload = &begun["upload"];
    assert_eq!((&upload["part_size"], &upload["part_count"]), (&json!(16 * 1024 * 1024), &json!(5)));
    let numbers: Vec<&Value> =
        upload["parts"].as_array().unwrap().iter().map(|part| &part["number"]).collect();
    assert_eq!(numbers, [1, 2, 3, 4, 5]);
    let largest = studio.begin(5_000_000_000).await;
    assert_eq!(largest["upload"]["part_count"], 299);
    assert_eq!(largest["upload"]["parts"].as_array().unwrap().len(), 10);
}

#[tokio::test]
async fn what_cannot_be_taken_is_refused_and_nothing_is_begun() {
    let studio = studio().await;
    let fine = json!({ "filename": "a.mp4", "size_bytes": 11, "content_type": "video/mp4" });
    let before = studio.app.dump().await;
    for (field, value, status, code) in [
        ("filename", json!(""), 422, "too_short"),
        ("filename", json!("x".repeat(256)), 422, "too_long"),
        ("size_bytes", json!(0), 422, "too_small"),
        ("size_bytes", json!(5_000_000_001_u64), 422, "over_limit"),
        ("size_bytes", json!(u64::MAX), 422, "too_large"),
        ("size_bytes", json!(-1), 422, "too_small"),
        ("size_bytes", json!(1.5), 400, "wrong_type"),
        ("content_type", json!("image/png"), 422, "not_allowed"),
    ] {
        let mut body = fine.clone();
        body[field] = value.clone();
        let request = studio.app.post(format!("/v1/lessons/{}/video", studio.lesson)).by(&studio.author);
        let answer = request.json(&body).send().await;
        let name = if status == 422 { "validation_failed" } else { "invalid_body" };
        assert_eq!(answer.refused(status, name), [(format!("/{field}"), code.to_owned())], "{value}");
    }
    let text_lesson = format!("/v1/lessons/{}/video", studio.course.lessons[0]);
    let answer = studio.app.post(text_lesson).by(&studio.author).json(&fine).send().await;
    answer.refused(409, "not_a_video_lesson");
    assert_eq!(studio.app.dump().await, before);
}

#[tokio::test]
async fn a_school_says_how_large_a_video_may_be() {
    let app = app_with(&[("MAX_VIDEO_MEGABYTES", "1")]).await;
    let author = app.instructor("Ada").await;
    let course = tests::draft(&app, &author, "Knots", &[1]).await;
    let body = json!({ "title": "Bowline", "content_type": "video" });
    let added = app.post(format!("/v1/modules/{}/lessons", course.modules[0])).by(&author).json(&body);
    let path = format!("/v1/lessons/{}/video", text(&added.send().await.json(201), "id"));
    for (bytes, status) in [(1_000_000, 201), (1_000_001, 422)] {
        let body = json!({ "filename": "a.mp4", "size_bytes": bytes, "content_type": "video/webm" });
        let _ = app.post(&path).by(&author).json(&body).send().await.expect(status);
    }
}

#[tokio::test]
async fn ten_uploads_an_hour_are_enough() {
    let studio = studio().await;
    for _ in 0..10 {
        let _ = studio.begin(11).await;
    }
    let body = json!({ "filename": "a.mp4", "size_bytes": 11, "content_type": "video/mp4" });
    let again =
        || studio.app.post(format!("/v1/lessons/{}/video", studio.lesson)).by(&studio.author).json(&body);
    again().send().await.refused(429, "rate_limited");
    studio.app.clock().advance(360);
    let _ = again().send().await.expect(201);
}
