//! POST /v1/videos/{video_id}/upload/parts

use serde_json::{Value, json};
use testkit::Answer;
use tests::text;

use crate::video::setup::{Studio, put, studio};

const PART: usize = 16 * 1024 * 1024;

async fn sign(studio: &Studio, id: &str, numbers: &Value) -> Answer {
    let path = format!("/v1/videos/{id}/upload/parts");
    studio.app.post(path).by(&studio.author).json(&json!({ "numbers": numbers })).send().await
}

#[tokio::test]
async fn whoever_was_interrupted_hears_what_has_arrived_and_sends_the_rest() {
    let studio = studio().await;
    let begun = studio.begin(4 * PART as u64 + 3).await;
    let (id, parts) = (text(&begun, "video_id"), &begun["upload"]["parts"]);
    assert_eq!(sign(&studio, &id, &json!([])).await.json(200), json!({ "parts": [], "uploaded": [] }));
    assert_eq!(put(&parts[4], b"en".to_vec()).await.status(), 403, "the last part has three bytes");
    let sent = put(&parts[4], b"end".to_vec()).await;
    assert_eq!(sent.status(), 200);
    let etag = sent.headers()["etag"].to_str().unwrap().to_owned();
    let _ = put(&parts[1], vec![7; PART]).await;

    let told = sign(&studio, &id, &json!([1, 3, 4])).await.json(200);
    let uploaded = told["uploaded"].as_array().unwrap();
    assert_eq!(uploaded.iter().map(|part| &part["number"]).collect::<Vec<_>>(), [2, 5]);
    assert_eq!(uploaded[1]["etag"], json!(etag));
    let signed = told["parts"].as_array().unwrap();
    assert_eq!(signed.iter().map(|part| &part["number"]).collect::<Vec<_>>(), [1, 3, 4]);
    assert_eq!(put(&signed[0], vec![1; PART]).await.status(), 200);
}

#[tokio::test]
async fn a_part_that_is_none_is_refused() {
    let studio = studio().await;
    let begun = studio.begin(4 * PART as u64 + 3).await;
    let id = text(&begun, "video_id");
    let answer = sign(&studio, &id, &json!([1, 0, 5, 6])).await;
    let wrong = |n: u32, code: &str| (format!("/numbers/{n}"), code.to_owned());
    let expected = [wrong(1, "too_small"), wrong(3, "unknown_part")];
    assert_eq!(answer.refused(422, "validation_failed"), expected);
    let many: Vec<u32> = (1..=101).collect();
    let _ = sign(&studio, &id, &json!(many)).await.expect(422);
}

#[tokio::test]
async fn a_file_that_comes_at_once_has_no_parts() {
    let studio = studio().await;
    let begun = studio.begin(11).await;
    sign(&studio, &text(&begun, "video_id"), &json!([1])).await.refused(409, "upload_closed");
}
