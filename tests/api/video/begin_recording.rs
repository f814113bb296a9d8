//! POST /v1/recordings

use serde_json::{Value, json};
use store::{Consistency, Stored, keys};
use testkit::Answer;
use tests::{app_with, text};

use crate::video::setup::{Studio, put, studio};

const PART: usize = 16 * 1024 * 1024;

async fn sign(studio: &Studio, id: &str, body: &Value) -> Answer {
    studio.app.post(format!("/v1/videos/{id}/upload/parts")).by(&studio.author).json(body).send().await
}

async fn complete(studio: &Studio, id: &str, body: &Value) -> Answer {
    studio.app.post(format!("/v1/videos/{id}/upload/complete")).by(&studio.author).json(body).send().await
}

#[tokio::test]
async fn a_recording_is_sent_while_it_grows_and_its_end_once_that_is_known() {
    let studio = studio().await;
    let begun = studio.record("My bowline").await;
    let (id, upload) = (text(&begun, "video_id"), &begun["upload"]);
    assert_eq!((&upload["part_size"], &upload["part_count"]), (&json!(PART), &Value::Null));
    let whole = put(&upload["parts"][0], vec![1; PART]).await;
    assert_eq!(whole.status(), 200);
    assert_eq!(
        put(&upload["parts"][1], b"end".to_vec()).await.status(),
        403,
        "no part but the last is short"
    );

    let ended = json!({ "numbers": [2], "size_bytes": PART + 3 });
    let told = sign(&studio, &id, &ended).await.json(200);
    assert_eq!(told["uploaded"][0]["number"], 1);
    let short = put(&told["parts"][0], b"end".to_vec()).await;
    assert_eq!(short.status(), 200);
    let etag = |answer: &reqwest::Response| answer.headers()["etag"].to_str().unwrap().to_owned();
    let mut body =
        json!({ "upload_id": upload["upload_id"], "parts": [{ "number": 1, "etag": etag(&whole) }] });
    let missing = complete(&studio, &id, &body).await.refused(422, "validation_failed");
    assert_eq!(missing, [("/parts".to_owned(), "part_missing".to_owned())]);
    body["parts"].as_array_mut().unwrap().push(json!({ "number": 2, "etag": etag(&short) }));
    let done = complete(&studio, &id, &body).await.json(200);
    assert_eq!((&done["status"], &done["size_bytes"]), (&json!("uploaded"), &json!(PART + 3)));
    assert_eq!(complete(&studio, &id, &body).await.json(200), done, "said twice");
    assert_eq!(studio.app.file(&studio.object(&id)).unwrap().len(), PART + 3);
    assert_eq!(studio.told().len(), 1);
}

#[tokio::test]
async fn a_hole_in_a_recording_is_found() {
    let studio = studio().await;
    let begun = studio.record("My bowline").await;
    let (id, upload) = (text(&begun, "video_id"), &begun["upload"]);
    let sent = put(&upload["parts"][1], vec![2; PART]).await;
    let part = json!({ "number": 2, "etag": sent.headers()["etag"].to_str().unwrap() });
    let body = json!({ "upload_id": upload["upload_id"], "parts": [part] });
    let expected = [
        ("/parts/0".to_owned(), "unknown_part".to_owned()),
        ("/parts".to_owned(), "part_missing".to_owned()),
    ];
    assert_eq!(complete(&studio, &id, &body).await.refused(422, "validation_failed"), expected);
}

#[tokio::test]
async fn a_recording_has_125_parts_at_most() {
    let studio = studio().await;
    let id = text(&studio.record("My bowline").await, "video_id");
    let _ = sign(&studio, &id, &json!({ "numbers": [125] })).await.expect(200);
    let answer = sign(&studio, &id, &json!({ "numbers": [126] })).await;
    assert_eq!(
        answer.refused(422, "validation_failed"),
        [("/numbers/0".to_owned(), "unknown_part".to_owned())]
    );
    let most = 125 * PART;
    let _ = sign(&studio, &id, &json!({ "numbers": [125], "size_bytes": most })).await.expect(200);
    for (wrong, code) in [(0, "too_small"), (most + 1, "too_large")] {
        let answer = sign(&studio, &id, &json!({ "numbers": [], "size_bytes": wrong })).await;
        assert_eq!(answer.refused(422, "validation_failed"), [("/size_bytes".to_owned(), code.to_owned())]);
    }
    // Of a file whose size was said, it stays.
    let film = text(&studio.begin(5 * PART as u64).await, "video_id");
    let answer = sign(&studio, &film, &json!({ "numbers": [], "size_bytes": PART })).await;
    assert_eq!(
        answer.refused(422, "validation_failed"),
        [("/size_bytes".to_owned(), "over_limit".to_owned())]
    );
}

#[tokio::test]
async fn fifty_recordings_are_kept_and_ten_a_day_begun_deleted_ones_too() {
    let studio = studio().await;
    let first = text(&studio.record("The first").await, "recording_id");
    for n in 1..50 {
        let _ = studio.record(&format!("No. {n}")).await;
    }
    let body = json!({ "title": "One more", "content_type": "video/mp4" });
    let more = || studio.app.post("/v1/recordings").by(&studio.author).json(&body);
    studio.app.clock().advance(24 * 3600);
    more().send().await.refused(409, "too_many_recordings");
    let gone = studio.app.request("DELETE", format!("/v1/recordings/{first}")).by(&studio.author);
    let _ = gone.send().await.expect(204);
    let _ = more().send().await.expect(201);

    let grace = studio.app.student("Grace").await;
    let more = || studio.app.post("/v1/recordings").by(&grace).json(&body);
    for _ in 0..10 {
        let answer = more().send().await.expect(201);
        let begun = text(&answer.json, "recording_id");
        assert_eq!(answer.header("location"), Some(&*format!("/v1/recordings/{begun}")));
        let gone = studio.app.request("DELETE", format!("/v1/recordings/{begun}")).by(&grace);
        let _ = gone.send().await.expect(204);
    }
    more().send().await.refused(429, "rate_limited");
}

#[tokio::test]
async fn a_school_says_how_many_are_begun_in_a_day() {
    let body = json!({ "title": "A hitch", "content_type": "video/webm" });
    let none = app_with(&[("RECORDINGS_PER_DAY", "0")]).await;
    let grace = none.student("Grace").await;
    none.post("/v1/recordings").by(&grace).json(&body).send().await.refused(403, "forbidden");
    let one = app_with(&[("RECORDINGS_PER_DAY", "1")]).await;
    let grace = one.student("Grace").await;
    let _ = one.post("/v1/recordings").by(&grace).json(&body).send().await.expect(201);
    one.post("/v1/recordings").by(&grace).json(&body).send().await.refused(429, "rate_limited");
}

#[tokio::test]
async fn whoever_has_not_confirmed_their_address_records_nothing() {
    let studio = studio().await;
    let school = studio.app.school();
    let key = keys::user(&school, studio.author.id);
    let Stored { value: mut user, rev } =
        studio.app.store().get(&key, Consistency::Strong).await.unwrap().unwrap();
    user.email_verified = false;
    let mut change = studio.app.store().transaction(&school);
    change.replace(&key, &user, rev);
    change.commit().await.unwrap();
    let body = json!({ "title": "A hitch", "content_type": "video/webm" });
    studio
        .app
        .post("/v1/recordings")
        .by(&studio.author)
        .json(&body)
        .send()
        .await
        .refused(409, "email_unconfirmed");
}

#[tokio::test]
async fn what_cannot_be_recorded_is_refused_and_nothing_is_begun() {
    let studio = studio().await;
    let before = studio.app.dump().await;
    for (field, value, code) in [
        ("title", json!(""), "too_short"),
        ("title", json!("x".repeat(101)), "too_long"),
        ("project", json!(""), "too_short"),
        ("content_type", json!("audio/webm"), "not_allowed"),
    ] {
        let mut body = json!({ "title": "My bowline", "project": "Knots", "content_type": "video/webm" });
        body[field] = value;
        let answer = studio.app.post("/v1/recordings").by(&studio.author).json(&body).send().await;
        assert_eq!(answer.refused(422, "validation_failed"), [(format!("/{field}"), code.to_owned())]);
    }
    assert_eq!(studio.app.dump().await, before);
}
